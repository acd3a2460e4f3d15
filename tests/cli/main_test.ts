import { SERVE_FLAGS } from "../../config/serve_flags.ts";
import manifest from "../../deno.json" with { type: "json" };
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line to its end, with `environment` added to that of the test. */
async function hubbub(args: string[], environment: Record<string, string> = {}): Promise<Result> {
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", MAIN, ...args],
    env: { NO_COLOR: "1", ...environment },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = await within(DEADLINE, `hubbub ${args.join(" ")} to end`, child.output());
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

Deno.test("hubbub --help mentions every flag and exits 0", async () => {
  const [general, named] = await Promise.all([hubbub(["--help"]), hubbub(["serve", "-h"])]);
  for (const { code, stdout, stderr } of [general, named]) {
    assertEquals([code, stderr], [0, ""]);
    for (const name of Object.keys(SERVE_FLAGS)) assertStringIncludes(stdout, `  --${name} `);
  }
  assertStringIncludes(general.stdout, "Commands:\n");
  assertStringIncludes(named.stdout, "Usage: hubbub serve [FLAG]...");
});

Deno.test("hubbub --help wins over whatever is wrong beside it", async () => {
  const { code, stderr } = await hubbub(["--adr", "--help"], { HUBBUB_RATE: "nonsense" });
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("hubbub --version prints version, commit, Deno and target", async () => {
  const { code, stdout, stderr } = await hubbub(["--version"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(
    stdout,
    `hubbub ${manifest.version} (dev, Deno ${Deno.version.deno}, ${Deno.build.target})\n`,
  );
});

Deno.test("hubbub reports a wrong command line in one line on standard error and exits 2", async () => {
  const table: [string[], Record<string, string>, string][] = [
    [["--adr", ":1"], {}, 'Unknown flag "--adr": did you mean --addr?'],
    [["serv"], {}, 'Unknown command "serv": did you mean serve?'],
    [["frobnicate"], {}, 'Unknown command "frobnicate": see hubbub --help'],
    [
      ["--rate", "many"],
      {},
      "Cannot read --rate: must be a whole number from 1 to 1000000, or 0 for no limit, " +
      'received "many"',
    ],
    [
      [],
      { HUBBUB_RATE: "many" },
      "Cannot read HUBBUB_RATE: must be a whole number from 1 to 1000000, " +
      'or 0 for no limit, received "many"',
    ],
    [["--addr=:1", "--addr=:2"], {}, "--addr was given more than once: give it once"],
    [
      [],
      { HUBBUB_PASSWORD_FILE: MAIN, HUBBUB_ACCESS: "members" },
      "Cannot use --password-file with --access members: the password lets guests in, and there " +
      "are none; leave one of the two out",
    ],
    [
      ["--jwks-url", "http://id.example.org/keys"],
      {},
      "Cannot read --jwks-url: must be https:// with a host (http:// on this machine only), such " +
      'as https://id.example.org/.well-known/jwks.json, received "http://id.example.org/keys"',
    ],
    [
      ["invite", "--data", ":memory:"],
      {},
      "Cannot use --data :memory: here: those users are within the server's process; make " +
      "invitations and manage users in the chat",
    ],
    [
      ["--addr=:1", "serve"],
      {},
      'Surplus argument "serve": hubbub serve takes no argument, see hubbub serve --help',
    ],
  ];
  const results = await Promise.all(table.map(([args, env]) => hubbub(args, env)));
  for (const [i, [args, , message]] of table.entries()) {
    assertEquals(
      results[i],
      { code: 2, stdout: "", stderr: `hubbub: ${message}\n` },
      args.join(" "),
    );
  }
});

Deno.test("hubbub reports a port that is in use in one line and exits 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stdout, stderr } = await hubbub([
    `--addr=127.0.0.1:${taken.addr.port}`,
    "--data=:memory:",
    "--log-level=error",
  ]);
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, new RegExp(`^hubbub: [A-Z][^\\n]*${taken.addr.port}[^\\n]*\\n$`));
});

Deno.test("hubbub logs a misspelt variable, serves, and stops on SIGTERM", async () => {
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", MAIN, "--addr=127.0.0.1:0", "--data=:memory:"],
    env: { HUBBUB_ADR: ":1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  async function readAndStop(): Promise<void> {
    let stopped = false;
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      if (stopped || !stderr.includes('"url":')) continue;
      child.kill("SIGTERM");
      stopped = true;
    }
  }
  await within(DEADLINE, () => `the server to stop; it logged ${stderr}`, readAndStop());
  const { code } = await within(DEADLINE, "the process to end", child.status);
  assertEquals(code, 0);
  const link = /^This server has no admin yet\. .*#invite=(\S+)\n$/;
  const [, invite = ""] = link.exec(await new Response(child.stdout).text()) ?? [];
  assert(
    invite !== "" && !stderr.includes(invite),
    "the first admin's link stands on stdout alone",
  );
  const records = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([records[0].level, records[0].message], [
    "warn",
    'Unknown environment variable "HUBBUB_ADR" has no effect: did you mean HUBBUB_ADDR?',
  ]);
});
