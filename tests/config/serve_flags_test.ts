import { UsageError } from "../../config/errors.ts";
import { settingName, variableName } from "../../config/flags.ts";
import { parseInput } from "../../cli/parse.ts";
import { SERVE_FLAGS } from "../../config/serve_flags.ts";
import { assert, assertEquals, assertFalse, assertThrows } from "../support/assert.ts";

/** The flags that have a value. */
type Name = {
  [N in keyof typeof SERVE_FLAGS]: (typeof SERVE_FLAGS)[N]["type"] extends "switch" ? never : N;
}[keyof typeof SERVE_FLAGS];

/** For each flag: what it comes to by itself, texts with what they are read as, and texts to refuse. */
interface Row {
  default: unknown;
  good: [text: string, value: unknown][];
  bad: string[];
}

const NO_DURATION = ["20", "-1s", "1.5s", "1w", "soon"];
const NO_COUNT = ["-1", "1.5", "1e3", "0x10", "ten", "1_000", "9999999999999999"];
const NO_SIZE = ["-1", "1.5MiB", "1MB", "1M", "big"];

const TABLE: Record<Name, Row> = {
  addr: {
    default: { kind: "any", port: 8080 },
    good: [
      ["127.0.0.1:8080", { kind: "host", hostname: "127.0.0.1", port: 8080 }],
      ["localhost:8080", { kind: "host", hostname: "localhost", port: 8080 }],
      ["[::1]:0", { kind: "host", hostname: "::1", port: 0 }],
      ["unix:/path", { kind: "unix", path: "/path" }],
    ],
    bad: ["8080", "localhost", ":65536", "::1:80", "unix:", "http://localhost:80"],
  },
  transport: {
    default: "deno",
    good: [["deno", "deno"], ["node", "node"]],
    bad: ["bun", "Deno", "deno "],
  },
  cert: { default: undefined, good: [["a.pem", "a.pem"]], bad: ["a\0b"] },
  key: { default: undefined, good: [["a.pem", "a.pem"]], bad: ["a\0b"] },
  "base-path": {
    default: "",
    good: [["/", ""], ["/chat", "/chat"], ["/chat/", "/chat"], ["/a.b/c_d~e-f", "/a.b/c_d~e-f"]],
    bad: ["chat", "//", "/a//b", "/../a", "/.", "/a b", "/a?b", "/%61", `/${"x".repeat(200)}`],
  },
  "metrics-addr": {
    default: undefined,
    good: [["127.0.0.1:9090", { kind: "host", hostname: "127.0.0.1", port: 9090 }]],
    bad: ["9090", "localhost"],
  },
  "trust-proxy": {
    default: [],
    good: [
      ["127.0.0.1", [{ address: "127.0.0.1", prefix: 32 }]],
      ["10.0.0.0/8", [{ address: "10.0.0.0", prefix: 8 }]],
      ["fd00::/8", [{ address: "fd00::", prefix: 8 }]],
      ["::1", [{ address: "::1", prefix: 128 }]],
      ["unix", ["unix"]],
    ],
    bad: ["localhost", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.1/", "/8", "*"],
  },
  "read-api": {
    default: "open",
    good: [["open", "open"], ["sessions", "sessions"]],
    bad: ["closed", "session"],
  },
  "drain-for": {
    default: 0,
    good: [["30s", 30_000], ["0", 0]],
    bad: [...NO_DURATION, "999ms", "61m"],
  },
  "byte-rate": {
    default: undefined,
    good: [["1KiB", 1024], ["0", Infinity]],
    bad: [...NO_SIZE, "1023", "2GiB"],
  },
  "rate-per-user": { default: undefined, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "rate-per-address": { default: undefined, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "connect-rate": { default: undefined, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "sign-in-rate": { default: undefined, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "search-rate": { default: undefined, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "max-unauthenticated": { default: undefined, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "max-memory": {
    default: undefined,
    good: [["128MiB", 2 ** 27], ["0", Infinity]],
    bad: [...NO_SIZE, "1MiB"],
  },
  "rooms-per-guest": { default: 200, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "rooms-per-address": { default: 1000, good: [["1", 1], ["0", Infinity]], bad: NO_COUNT },
  "retain-empty-rooms": {
    default: 86_400_000,
    good: [["1s", 1000], ["0", 0]],
    bad: [...NO_DURATION, "1ms", "366d"],
  },
  "storage-per-user": {
    default: undefined,
    good: [["1MiB", 2 ** 20], ["0", Infinity]],
    bad: [...NO_SIZE, "1KiB"],
  },
  "storage-per-address": {
    default: undefined,
    good: [["1MiB", 2 ** 20], ["0", Infinity]],
    bad: [...NO_SIZE, "1KiB"],
  },
  "max-unannounced": {
    default: undefined,
    good: [["1MiB", 2 ** 20], ["0", Infinity]],
    bad: [...NO_SIZE, "1KiB"],
  },
  "retain-unannounced": {
    default: 3_600_000,
    good: [["1s", 1000], ["30d", 2_592_000_000]],
    bad: [...NO_DURATION, "0", "31d"],
  },
  "allow-origin": {
    default: [],
    good: [
      ["https://example.org", ["https://example.org"]],
      ["HTTPS://Example.ORG:443", ["https://example.org"]],
      ["http://localhost:3000", ["http://localhost:3000"]],
      ["https://bücher.example", ["https://xn--bcher-kva.example"]],
      ["http://[::1]:80", ["http://[::1]"]],
      ["tauri://localhost", ["tauri://localhost"]],
      ["chrome-extension://abcdef", ["chrome-extension://abcdef"]],
      ["*", ["*"]],
    ],
    bad: [
      "example.org",
      "//example.org",
      "https://",
      "https://example.org/",
      "https://example.org/path",
      "https://example.org?x",
      "https://me@example.org",
      "https://example.org:99999",
      "https://*.example.org",
      "wss://example.org",
      "null",
      "https://a b",
    ],
  },
  access: {
    default: "open",
    good: [["open", "open"], ["members", "members"]],
    bad: ["closed", "Open", "member"],
  },
  register: {
    default: undefined,
    good: [["open", "open"], ["invite", "invite"], ["off", "off"]],
    bad: ["on", "invites", "0"],
  },
  "hold-names": {
    default: 604_800_000,
    good: [["1m", 60_000], ["30d", 2_592_000_000], ["36500d", 3_153_600_000_000]],
    bad: [...NO_DURATION, "0", "59s", "36501d"],
  },
  "password-file": {
    default: undefined,
    good: [["/run/secrets/password", "/run/secrets/password"], ["a b", "a b"]],
    bad: ["a\0b"],
  },
  "public-url": {
    default: undefined,
    good: [
      ["https://chat.example.org", "https://chat.example.org/"],
      ["HTTPS://Chat.Example.org:443/", "https://chat.example.org/"],
      ["http://10.0.0.7:8080/chat", "http://10.0.0.7:8080/chat/"],
    ],
    bad: [
      "chat.example.org",
      "//chat.example.org",
      "wss://chat.example.org",
      "https://",
      "https://me@chat.example.org",
      "https://chat.example.org/?a",
      "https://chat.example.org/#a",
      "https://chat.example.org:99999",
      "https://a b",
    ],
  },
  "jwt-secret-file": {
    default: undefined,
    good: [["jwt.key", "jwt.key"]],
    bad: ["a\0b"],
  },
  "jwks-url": {
    default: undefined,
    good: [
      ["https://id.example.org/keys?v=1", "https://id.example.org/keys?v=1"],
      ["http://localhost:3000/jwks", "http://localhost:3000/jwks"],
      ["http://127.0.0.2/jwks", "http://127.0.0.2/jwks"],
      ["http://[::1]:3000/jwks", "http://[::1]:3000/jwks"],
    ],
    bad: [
      "http://id.example.org/keys",
      "http://localhost.example.org/keys",
      "http://127.0.0.1.example.org/keys",
      "file:///etc/keys",
      "id.example.org",
      "https://id.example.org/keys#a",
      `https://${"x".repeat(2000)}`,
    ],
  },
  "jwt-issuer": {
    default: undefined,
    good: [["https://id.example.org", "https://id.example.org"], ["my-app", "my-app"]],
    bad: ["a b", "a\u202eb", "x".repeat(501)],
  },
  "jwt-audience": {
    default: undefined,
    good: [["hubbub", "hubbub"]],
    bad: ["a b", "a\u202eb", "x".repeat(501)],
  },
  "oidc-issuer": {
    default: undefined,
    good: [
      ["https://id.example.org", "https://id.example.org"],
      ["https://id.example.org/realms/a/", "https://id.example.org/realms/a/"],
      ["http://localhost:3000", "http://localhost:3000"],
    ],
    bad: [
      "http://id.example.org",
      "id.example.org",
      "https://id.example.org/?a",
      "https://id.example.org/#a",
    ],
  },
  "oidc-client-id": {
    default: undefined,
    good: [["0oa1b2c3.apps.example", "0oa1b2c3.apps.example"]],
    bad: ["a b", "x".repeat(501)],
  },
  "oidc-client-secret-file": {
    default: undefined,
    good: [["/run/secrets/oidc", "/run/secrets/oidc"]],
    bad: ["a\0b"],
  },
  "api-token": {
    default: [],
    good: [],
    bad: [
      "0123456789abcdef",
      ":0123456789abcdef",
      "bot:",
      "bot:short",
      "bot:0123456789abcde",
      "bot:0123456789 abcdef",
      "bot:0123456789abcdéf",
      `bot:${"x".repeat(257)}`,
      " bot:0123456789abcdef",
      "b\u202eot:0123456789abcdef",
      "a,b:0123456789abcdef",
      `${"x".repeat(33)}:0123456789abcdef`,
    ],
  },
  data: {
    default: { kind: "directory", path: "hubbub-data" },
    good: [
      [":memory:", { kind: "memory" }],
      ["/var/lib/hubbub", { kind: "directory", path: "/var/lib/hubbub" }],
      ["a b", { kind: "directory", path: "a b" }],
    ],
    bad: ["a\0b"],
  },
  sync: {
    default: "full",
    good: [["full", "full"], ["normal", "normal"], ["off", "off"]],
    bad: ["FULL", "on", "none"],
  },
  retain: {
    default: undefined,
    good: [["90d", 7_776_000_000], ["1s", 1000], ["0", 0], ["36500d", 3_153_600_000_000]],
    bad: [...NO_DURATION, "1ms", "36501d"],
  },
  "retain-messages": {
    default: undefined,
    good: [["1", 1], ["1000000000", 1e9], ["0", Infinity]],
    bad: [...NO_COUNT, "1000000001"],
  },
  "ping-interval": {
    default: 20_000,
    good: [["1s", 1000], ["1500ms", 1500], ["1h", 3_600_000], ["0", 0]],
    bad: [...NO_DURATION, "999ms", "61m"],
  },
  "login-timeout": {
    default: 30_000,
    good: [["1s", 1000], ["1h", 3_600_000], ["0", 0]],
    bad: [...NO_DURATION, "999ms", "61m"],
  },
  "idle-kick": {
    default: 0,
    good: [["5m", 300_000], ["7d", 604_800_000], ["0", 0]],
    bad: [...NO_DURATION, "999ms", "8d"],
  },
  rate: {
    default: 20,
    good: [["1", 1], ["1000000", 1e6], ["0", 0]],
    bad: [...NO_COUNT, "1000001"],
  },
  burst: {
    default: 40,
    good: [["1", 1], ["1000000", 1e6]],
    bad: [...NO_COUNT, "0", "1000001"],
  },
  "max-connections": {
    default: 10_000,
    good: [["1", 1], ["10000000", 1e7], ["0", Infinity]],
    bad: [...NO_COUNT, "10000001"],
  },
  "max-connections-per-address": {
    default: 100,
    good: [["1", 1], ["10000000", 1e7], ["0", Infinity]],
    bad: [...NO_COUNT, "10000001"],
  },
  "max-rooms": {
    default: 100,
    good: [["1", 1], ["100000", 1e5]],
    bad: [...NO_COUNT, "0", "100001"],
  },
  "max-message": {
    default: 16_384,
    good: [["64", 64], ["64KiB", 65_536], ["16MiB", 2 ** 24]],
    bad: [...NO_SIZE, "0", "63", "17MiB"],
  },
  "max-queue": {
    default: 2 ** 20,
    good: [["1KiB", 1024], ["1GiB", 2 ** 30]],
    bad: [...NO_SIZE, "0", "1023", "2GiB"],
  },
  "max-file": {
    default: 25 * 2 ** 20,
    good: [["1", 1], ["1TiB", 2 ** 40], ["0", 0]],
    bad: [...NO_SIZE, "2TiB"],
  },
  "retain-files": {
    default: undefined,
    good: [["30d", 2_592_000_000], ["0", 0]],
    bad: [...NO_DURATION, "1ms", "36501d"],
  },
  "max-storage": {
    default: 10 * 2 ** 30,
    good: [["1MiB", 2 ** 20], ["1TiB", 2 ** 40], ["0", Infinity]],
    bad: [...NO_SIZE, "1", "2000TiB"],
  },
  "log-level": {
    default: "info",
    good: [["debug", "debug"], ["info", "info"], ["warn", "warn"], ["error", "error"]],
    bad: ["warning", "trace", "INFO", "1"],
  },
  "log-format": {
    default: "auto",
    good: [["auto", "auto"], ["pretty", "pretty"], ["json", "json"]],
    bad: ["logfmt", "JSON"],
  },
};

const NAMES = Object.keys(TABLE) as Name[];

function read(name: Name, args: string[], environment: Record<string, string> = {}): unknown {
  const { flags } = parseInput("serve", { flags: SERVE_FLAGS, operands: [] }, args, environment);
  return Object.entries(flags).find(([setting]) => setting === settingName(name))?.[1];
}

function variable(name: Name): string {
  const found = variableName(name, SERVE_FLAGS[name]);
  assert(found !== undefined, name);
  return found;
}

for (const name of NAMES) {
  const row = TABLE[name];

  Deno.test(`--${name} has its default`, () => assertEquals(read(name, []), row.default));

  Deno.test(`--${name} and its variable read every good value`, () => {
    for (const [text, value] of row.good) {
      assertEquals(read(name, [`--${name}`, text]), value, text);
      assertEquals(read(name, [`--${name}=${text}`]), value, text);
      assertEquals(read(name, [], { [variable(name)]: text }), value, text);
    }
  });

  Deno.test(`--${name} and its variable refuse every bad value in one line`, () => {
    for (const text of row.bad) {
      for (const inEnvironment of [false, true]) {
        // A comma would separate two values there.
        if (inEnvironment && (text.includes(",") || text.startsWith(" "))) continue;
        const source = inEnvironment ? variable(name) : `--${name}`;
        const error = assertThrows(
          () =>
            inEnvironment ? read(name, [], { [source]: text }) : read(name, [`${source}=${text}`]),
          UsageError,
        );
        assert(error.message.startsWith(`Cannot read ${source}: must be `), error.message);
        assertFalse(/[\p{Cc}\p{Cf}]/u.test(error.message), error.message);
      }
    }
  });
}

Deno.test("--retain-now is off unless it is given, and has no variable that would make it last", () => {
  const readSwitch = (args: string[], environment = {}) =>
    parseInput("serve", { flags: SERVE_FLAGS, operands: [] }, args, environment).flags.retainNow;
  assertEquals(readSwitch([]), false);
  assertEquals(readSwitch(["--retain-now"]), true);
  assertEquals(readSwitch([], { HUBBUB_RETAIN_NOW: "true" }), false);
});

Deno.test("switches that last have a variable, which is true or false", () => {
  for (const word of ["no-echo", "no-relay", "no-files", "deflate"] as const) {
    const source = variableName(word, SERVE_FLAGS[word]) ?? "";
    const readSwitch = (text: string) => {
      const environment = { [source]: text };
      const { flags } = parseInput(
        "serve",
        { flags: SERVE_FLAGS, operands: [] },
        [],
        environment,
      );
      return Object.entries(flags).find(([setting]) => setting === settingName(word))?.[1];
    };
    assertEquals(["true", "false", ""].map(readSwitch), [true, false, false]);
    const error = assertThrows(() => readSwitch("yes"), UsageError);
    assertEquals(error.message, `Cannot read ${source}: must be true or false, received "yes"`);
  }
});

Deno.test("--api-token reads the name up to the last colon", () => {
  const { flags } = parseInput("serve", { flags: SERVE_FLAGS, operands: [] }, [
    "--api-token=bot:0123456789abcdef",
    "--api-token=ci:main:AZaz09-._~+/AZaz09==",
    "--api-token=Zoe\u0308:0123456789abcdefg",
  ], {});
  assertEquals(flags.apiToken.map(({ name, secret }) => [name, secret.reveal()]), [
    ["bot", "0123456789abcdef"],
    ["ci:main", "AZaz09-._~+/AZaz09=="],
    ["Zoë", "0123456789abcdefg"],
  ]);
});

Deno.test("variableName() gives every flag a variable of its own", () => {
  assertEquals(new Set(NAMES.map(variable)).size, NAMES.length);
  assertEquals(variable("max-connections-per-address"), "HUBBUB_MAX_CONNECTIONS_PER_ADDRESS");
});
