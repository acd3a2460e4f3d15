import { UsageError } from "../../config/errors.ts";
import { parseInput } from "../../cli/parse.ts";
import { SERVE_FLAGS } from "../../config/serve_flags.ts";
import { Secret, type ServeConfig, serveConfig } from "../../config/config.ts";
import { Networks } from "../../network/cidr.ts";
import { assert, assertEquals, assertFalse, assertThrows } from "../support/assert.ts";

const MIB = 2 ** 20;

function configOf(...args: string[]): ServeConfig {
  return serveConfig(parseInput("serve", { flags: SERVE_FLAGS, operands: [] }, args, {}).flags);
}

Deno.test("serveConfig() without flags is the documented default", () => {
  assertEquals(configOf("--max-memory=1GiB"), {
    addr: { kind: "any", port: 8080 },
    basePath: "",
    deflate: false,
    trustProxies: { networks: new Networks(), unix: false },
    noEcho: false,
    noRelay: false,
    noFiles: false,
    readApi: "open",
    drainFor: 0,
    byteRate: 655_360,
    ratePerUser: 40,
    ratePerAddress: 400,
    connectRate: 10,
    signInRate: 60,
    searchRate: 5,
    maxUnauthenticated: 5000,
    maxMemory: 2 ** 30,
    roomsPerGuest: 200,
    roomsPerAddress: 1000,
    retainEmptyRooms: 86_400_000,
    storagePerUser: 1_073_741_824,
    storagePerAddress: 2_147_483_648,
    maxUnannounced: 1_073_741_824,
    retainUnannounced: 3_600_000,
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
    ["--rate=7", { rate: 7, byteRate: 229_376, ratePerUser: 14, ratePerAddress: 140 }],
    ["--byte-rate=1MiB", { byteRate: 2 ** 20 }],
    ["--rate-per-user=9", { ratePerUser: 9 }],
    ["--rate-per-address=9", { ratePerAddress: 9 }],
    ["--connect-rate=9", { connectRate: 9 }],
    ["--sign-in-rate=9", { signInRate: 9 }],
    ["--search-rate=9", { searchRate: 9 }],
    ["--max-unauthenticated=9", { maxUnauthenticated: 9 }],
    ["--rooms-per-guest=9", { roomsPerGuest: 9 }],
    ["--rooms-per-address=9", { roomsPerAddress: 9 }],
    ["--retain-empty-rooms=1h", { retainEmptyRooms: 3_600_000 }],
    ["--storage-per-user=1MiB", { storagePerUser: 2 ** 20 }],
    ["--storage-per-address=1MiB", { storagePerAddress: 2 ** 20 }],
    ["--max-unannounced=1MiB", { maxUnannounced: 2 ** 20 }],
    ["--retain-unannounced=5m", { retainUnannounced: 300_000 }],
    ["--base-path=/chat/", { basePath: "/chat" }],
    ["--metrics-addr=:9090", { metricsAddr: { kind: "any", port: 9090 } }],
    ["--no-echo", { noEcho: true }],
    ["--no-relay", { noRelay: true }],
    ["--no-files", { maxFile: 0, noFiles: true }],
    ["--read-api=sessions", { readApi: "sessions" }],
    ["--drain-for=30s", { drainFor: 30_000 }],
    ["--burst=8", { burst: 8 }],
    ["--max-connections=9", { maxConnections: 9, maxUnauthenticated: 5 }],
    ["--max-connections-per-address=10", { maxConnectionsPerAddress: 10 }],
    ["--max-rooms=11", { maxRooms: 11 }],
    ["--max-message=1KiB", { maxMessage: 1024, byteRate: 40_960 }],
    ["--max-queue=2MiB", { maxQueue: 2_097_152 }],
    ["--max-file=1MiB", { maxFile: 1_048_576 }],
    ["--retain-files=30d", { retainFiles: 2_592_000_000 }],
    ["--max-storage=10MiB", {
      maxStorage: 10 * MIB,
      storagePerUser: MIB,
      storagePerAddress: 2 * MIB,
      maxUnannounced: MIB,
    }],
    ["--transport=node", { transport: "node", maxMemory: configOf("--transport=node").maxMemory }],
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

Deno.test("serveConfig() counts nothing by the second with --rate 0, but for what a flag says", () => {
  const config = configOf("--rate=0", "--search-rate=3");
  const { byteRate, ratePerUser, ratePerAddress, connectRate, signInRate, searchRate } = config;
  assertEquals(
    [byteRate, ratePerUser, ratePerAddress, connectRate, signInRate, searchRate],
    [Infinity, Infinity, Infinity, Infinity, Infinity, 3],
  );
});

Deno.test("serveConfig() bounds the memory to a part of the machine's", () => {
  const { maxMemory } = configOf();
  assert(maxMemory > 0 && maxMemory <= Deno.systemMemoryInfo().total / 2);
  assert(maxMemory <= 2 ** 31, "nothing else bounds the memory of the default transport");
  assertEquals(configOf("--max-memory=0").maxMemory, Infinity);
});

Deno.test("serveConfig() reads the networks of trusted proxies", () => {
  const { trustProxies } = configOf("--trust-proxy=10.0.0.0/8", "--trust-proxy=::1");
  assertEquals(
    ["10.1.2.3", "::ffff:10.1.2.3", "::1", "11.0.0.1", ""].map((ip) =>
      trustProxies.networks.includes(ip)
    ),
    [true, true, true, false, false],
  );
  assertFalse(trustProxies.unix);
  assert(configOf("--trust-proxy=unix").trustProxies.unix);
});

Deno.test("serveConfig() wants certificate and key together, and compression where it is possible", () => {
  assertEquals(configOf("--cert=a.pem", "--key=b.pem").tls, { cert: "a.pem", key: "b.pem" });
  for (
    const [args, problem] of [
      [["--cert=a.pem"], "add --key"],
      [["--key=a.pem"], "add --cert"],
      [["--deflate"], "add --transport node"],
    ] as const
  ) {
    const error = assertThrows(() => configOf(...args), UsageError);
    assert(error.message.endsWith(problem), error.message);
  }
  assert(configOf("--deflate", "--transport=node").deflate);
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
