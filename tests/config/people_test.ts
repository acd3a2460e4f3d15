import { UsageError } from "../../config/errors.ts";
import { parseInput } from "../../cli/parse.ts";
import { SERVE_FLAGS } from "../../config/serve_flags.ts";
import { type ServeConfig, serveConfig } from "../../config/config.ts";
import { assert, assertEquals, assertFalse, assertThrows } from "../support/assert.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

/** A directory with files of these texts, which only this user can read. */
class Files implements Disposable {
  readonly #dir = Deno.makeTempDirSync();

  write(name: string, content: string | Uint8Array, mode = 0o600): string {
    const path = `${this.#dir}/${name}`;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(path, bytes);
    if (Deno.build.os !== "windows") Deno.chmodSync(path, mode);
    return path;
  }

  get dir(): string {
    return this.#dir;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#dir, { recursive: true });
  }
}

function read(...args: string[]): { config: ServeConfig; warnings: string[] } {
  const warnings: string[] = [];
  const { flags } = parseInput("serve", { flags: SERVE_FLAGS, operands: [] }, args, {});
  return { config: serveConfig(flags, (warning) => warnings.push(warning)), warnings };
}

/** The error's text, after a check that it is one line and shows no secret. */
function refusal(...args: string[]): string {
  const { message } = assertThrows(() => read(...args), UsageError);
  assertFalse(/[\r\n]/.test(message), message);
  assertFalse(message.includes(SECRET), message);
  return message;
}

Deno.test("serveConfig() reads secrets from their files, without the line break at the end", () => {
  using files = new Files();
  const { config, warnings } = read(
    `--password-file=${files.write("a", " pass phrase \r\n")}`,
    `--jwt-secret-file=${files.write("b", SECRET)}`,
    "--jwt-issuer=app",
    "--jwt-audience=hubbub",
    "--oidc-issuer=https://id.example.org",
    "--oidc-client-id=hubbub",
    `--oidc-client-secret-file=${files.write("c", "päss\n")}`,
  );
  const { password, jwt, oidc } = config;
  assertEquals(password?.reveal(), " pass phrase ");
  assertEquals([jwt?.secret?.reveal(), jwt?.issuer, jwt?.audience], [SECRET, "app", "hubbub"]);
  assertEquals(
    [oidc?.issuer, oidc?.clientId, oidc?.clientSecret?.reveal()],
    ["https://id.example.org", "hubbub", "päss"],
  );
  assertEquals(warnings, []);
});

Deno.test("serveConfig() has a public OpenID client without a secret", () => {
  const { config } = read("--oidc-issuer=https://id.example.org", "--oidc-client-id=hubbub");
  assertEquals(config.oidc, { issuer: "https://id.example.org", clientId: "hubbub" });
});

Deno.test("serveConfig() lets --register beat what --access stands for", () => {
  for (const register of ["open", "invite", "off"] as const) {
    const { config } = read("--access=members", `--register=${register}`);
    assertEquals([config.access, config.register], ["members", register]);
  }
});

Deno.test("serveConfig() refuses flags that mean nothing together, and says what to do", () => {
  using files = new Files();
  const file = files.write("a", SECRET);
  const table: [string[], string][] = [
    [["--jwt-issuer=a"], "Cannot use --jwt-issuer alone"],
    [["--jwt-audience=a"], "Cannot use --jwt-audience alone"],
    [["--oidc-issuer=https://id.example"], "Cannot use --oidc-issuer alone"],
    [["--oidc-client-id=a"], "Cannot use --oidc-client-id alone"],
    [[`--oidc-client-secret-file=${file}`], "Cannot use --oidc-client-secret-file alone"],
    [
      [`--password-file=${file}`, "--access=members"],
      "Cannot use --password-file with --access members",
    ],
  ];
  for (const [args, start] of table) {
    const message = refusal(...args);
    assert(message.startsWith(start), message);
    assert(/; |: /.test(message), message);
  }
});

Deno.test("serveConfig() refuses a file that holds no secret, and shows nothing of it", () => {
  using files = new Files();
  const table: [path: string, end: string][] = [
    [`${files.dir}/nowhere`, ""],
    [files.dir, "it is a directory; name the file that holds the secret"],
    [files.write("empty", ""), "the file is empty; write the secret into it"],
    [files.write("blank", " \n"), "the file is empty; write the secret into it"],
    [files.write("lines", `${SECRET}\n${SECRET}\n`), "it must hold one line of text, the secret"],
    [files.write("bytes", new Uint8Array([0xff, 0xfe])), "it is not text in UTF-8"],
    [files.write("long", SECRET.repeat(129)), "it is longer than 4096 bytes"],
  ];
  for (const [path, end] of table) {
    const message = refusal(`--password-file=${path}`);
    assert(message.startsWith("Cannot "), message);
    assert(message.includes(` --password-file "${path}": `), message);
    assert(message.endsWith(end), message);
  }
});

Deno.test("serveConfig() refuses a secret of HS256 that is shorter than its hash", () => {
  using files = new Files();
  const short = files.write("a", SECRET.slice(1));
  assertEquals(
    refusal(`--jwt-secret-file=${short}`),
    "Cannot use --jwt-secret-file: the secret must have at least 32 bytes, received 31; make one " +
      "with openssl rand -hex 32",
  );
});

Deno.test({
  name: "serveConfig() warns of a secret that everybody on the machine can read",
  ignore: Deno.build.os === "windows",
  fn() {
    using files = new Files();
    const path = files.write("a", SECRET, 0o644);
    const { config, warnings } = read(`--password-file=${path}`);
    assertEquals(config.password?.reveal(), SECRET);
    assertEquals(warnings, [
      `--password-file "${path}" can be read by every user of this machine: chmod 600 it`,
    ]);
    assertEquals(read(`--password-file=${files.write("b", SECRET, 0o640)}`).warnings, []);
  },
});

Deno.test("serveConfig() warns of published keys that sign for any audience", () => {
  const keys = "--jwks-url=https://id.example.org/keys";
  assertEquals(read(keys).warnings.length, 1);
  assertEquals(read(keys, "--jwt-audience=hubbub").warnings, []);
});
