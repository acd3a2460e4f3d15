import { UsageError } from "../../config/errors.ts";
import { parseInput } from "../../cli/parse.ts";
import { SERVE_FLAGS } from "../../config/serve_flags.ts";
import { Secret, type ServeConfig, serveConfig } from "../../config/config.ts";
import { assertEquals, assertFalse, assertThrows } from "../support/assert.ts";

function configOf(...args: string[]): ServeConfig {
  return serveConfig(parseInput("serve", { flags: SERVE_FLAGS, operands: [] }, args, {}).flags);
}

Deno.test("serveConfig() without flags is the documented default", () => {
  assertEquals(configOf(), {
    addr: { kind: "any", port: 8080 },
    data: { kind: "directory", path: "hubbub-data" },
    sync: "full",
    retention: {},
    retainNow: false,
    pingInterval: 20_000,
    idleKick: 0,
    loginTimeout: 30_000,
    allowOrigins: { kind: "listed", origins: new Set<string>() },
    rate: 20,
    burst: 40,
    maxConnections: 10_000,
    maxConnectionsPerAddress: 100,
    maxRooms: 100,
    maxMessage: 16_384,
    maxQueue: 1_048_576,
    maxFile: 26_214_400,
    retainFiles: 0,
    maxStorage: 10_737_418_240,
    apiTokens: [],
    access: "open",
    register: "open",
    holdNames: 604_800_000,
    transport: "deno",
    log: { level: "info", format: "auto" },
  });
});

Deno.test("serveConfig() takes each setting from its own flag", () => {
  const table: [string, Partial<ServeConfig>][] = [
    ["--addr=unix:/run/hubbub.sock", { addr: { kind: "unix", path: "/run/hubbub.sock" } }],
    ["--data=:memory:", { data: { kind: "memory" } }],
    ["--sync=off", { sync: "off" }],
    ["--retain=90d", { retention: { maxAge: 7_776_000_000 } }],
    ["--retain-messages=500", { retention: { maxMessages: 500 } }],
    ["--retain-now", { retainNow: true }],
    ["--ping-interval=5s", { pingInterval: 5000 }],
    ["--idle-kick=5m", { idleKick: 300_000 }],
    ["--login-timeout=10s", { loginTimeout: 10_000 }],
    ["--rate=7", { rate: 7 }],
    ["--burst=8", { burst: 8 }],
    ["--max-connections=9", { maxConnections: 9 }],
    ["--max-connections-per-address=10", { maxConnectionsPerAddress: 10 }],
    ["--max-rooms=11", { maxRooms: 11 }],
    ["--max-message=1KiB", { maxMessage: 1024 }],
    ["--max-queue=2MiB", { maxQueue: 2_097_152 }],
    ["--max-file=1MiB", { maxFile: 1_048_576 }],
    ["--retain-files=30d", { retainFiles: 2_592_000_000 }],
    ["--max-storage=1GiB", { maxStorage: 1_073_741_824 }],
    ["--transport=node", { transport: "node" }],
    ["--access=members", { access: "members", register: "invite" }],
    ["--register=off", { register: "off" }],
    ["--hold-names=1h", { holdNames: 3_600_000 }],
    ["--public-url=https://chat.example.org", { publicUrl: "https://chat.example.org/" }],
    ["--jwks-url=https://id.example.org/keys", {
      jwt: { jwksUrl: "https://id.example.org/keys" },
    }],
    ["--log-level=warn", { log: { level: "warn", format: "auto" } }],
    ["--log-format=json", { log: { level: "info", format: "json" } }],
  ];
  for (const [arg, expected] of table) {
    assertEquals(configOf(arg), { ...configOf(), ...expected }, arg);
  }
});

Deno.test("serveConfig() reads 0 as no limit where a limit may be lifted", () => {
  const config = configOf(
    "--max-connections=0",
    "--max-connections-per-address=0",
    "--max-storage=0",
    "--rate=0",
  );
  assertEquals(
    [config.maxConnections, config.maxConnectionsPerAddress, config.maxStorage, config.rate],
    [Infinity, Infinity, Infinity, 0],
  );
});

Deno.test("serveConfig() keeps everything when retention is 0", () => {
  assertEquals(configOf("--retain=0", "--retain-messages=0").retention, {});
});

Deno.test("serveConfig() joins both ways of retention", () => {
  assertEquals(configOf("--retain=1h", "--retain-messages=5").retention, {
    maxAge: 3_600_000,
    maxMessages: 5,
  });
});

Deno.test("serveConfig() lists origins once each, and lets * stand for all", () => {
  const listed = configOf(
    "--allow-origin=https://a.example",
    "--allow-origin=https://A.example:443",
  );
  assertEquals(listed.allowOrigins, { kind: "listed", origins: new Set(["https://a.example"]) });
  const any = configOf("--allow-origin=https://a.example", "--allow-origin=*");
  assertEquals(any.allowOrigins, { kind: "any" });
});

Deno.test("serveConfig() wants a queue that holds the longest message in any encoding", () => {
  assertEquals(configOf("--max-message=16KiB", "--max-queue=128KiB").maxQueue, 131_072);
  const error = assertThrows(
    () => configOf("--max-message=256KiB", "--max-queue=131072"),
    UsageError,
  );
  assertEquals(
    error.message,
    "Cannot use --max-queue 128KiB: must be at least 8 times --max-message, which is 256KiB; " +
      "set it to 2MiB or more",
  );
});

Deno.test("serveConfig() lets no two API tokens share a secret", () => {
  const secret = "0123456789abcdef";
  const error = assertThrows(
    () => configOf(`--api-token=bot:${secret}`, `--api-token=ci:${secret}`),
    UsageError,
    'Cannot use --api-token of "ci"',
  );
  assertFalse(error.message.includes(secret));
});

Deno.test("serveConfig() lets one name have two API tokens, to change them without a gap", () => {
  const config = configOf("--api-token=bot:0123456789abcdef", "--api-token=bot:fedcba9876543210");
  assertEquals(config.apiTokens.map(({ secret }) => secret.reveal()), [
    "0123456789abcdef",
    "fedcba9876543210",
  ]);
});

Deno.test("Secret shows itself in no way of printing", () => {
  const secret = new Secret("0123456789abcdef");
  const printed = [
    String(secret),
    JSON.stringify({ secret }),
    Deno.inspect({ secret }, { showHidden: true, getters: true, depth: 9 }),
    Object.values(secret).join(),
    JSON.stringify(structuredClone(secret)),
  ].join("\n");
  assertFalse(printed.includes("0123456789abcdef"), printed);
  assertEquals(secret.reveal(), "0123456789abcdef");
});
