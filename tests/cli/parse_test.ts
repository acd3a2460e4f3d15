import fc from "fast-check";
import { UsageError } from "../../config/errors.ts";
import type { Operand } from "../../cli/command.ts";
import type { Flags } from "../../config/flags.ts";
import { asksFor, type Environment, parseInput } from "../../cli/parse.ts";
import * as values from "../../config/values.ts";
import { assert, assertEquals, assertFalse, assertThrows } from "../support/assert.ts";
import { codePoint } from "../support/code_point.ts";

const SECRET = "0123456789abcdef";

const FLAGS = {
  addr: { type: "single", kind: values.address, default: ":8080", help: "where" },
  rate: { type: "optional", kind: values.count({ min: 0, max: 99 }), help: "how often" },
  "allow-origin": { type: "repeated", kind: values.origin, help: "who" },
  "api-token": { type: "repeated", kind: values.apiToken, help: "with what" },
  local: { type: "optional", kind: values.dataLocation, help: "here", env: false },
  json: { type: "switch", help: "as JSON" },
} as const satisfies Flags;

function parse(args: string[], environment: Environment = {}, operands: Operand[] = []) {
  return parseInput("send", { flags: FLAGS, operands }, args, environment);
}

/** The error's text, after a check that it is one line. */
function refusal(args: string[], environment: Environment = {}, operands: Operand[] = []): string {
  const error = assertThrows(() => parse(args, environment, operands), UsageError);
  assertFalse(/[\r\n]/.test(error.message), error.message);
  return error.message;
}

const URL_OPERAND: Operand = { name: "URL", help: "the server" };
const TEXT_OPERAND: Operand = { name: "TEXT", help: "what to say", optional: true };

Deno.test("parseInput() gives defaults, nothing for optional, no values for repeated", () => {
  assertEquals(parse([]), {
    flags: {
      addr: { kind: "any", port: 8080 },
      rate: undefined,
      allowOrigin: [],
      apiToken: [],
      local: undefined,
      json: false,
    },
    operands: [],
  });
});

Deno.test("parseInput() reads a value after a space and after an equals sign", () => {
  for (const args of [["--addr", ":1"], ["--addr=:1"]]) {
    assertEquals(parse(args).flags.addr, { kind: "any", port: 1 });
  }
});

Deno.test("parseInput() keeps everything after the first equals sign", () => {
  assertEquals(parse(["--local=a=b"]).flags.local, { kind: "directory", path: "a=b" });
  assertEquals(parse(["--local", "a=b"]).flags.local, { kind: "directory", path: "a=b" });
});

Deno.test("parseInput() takes a value that begins with a dash after an equals sign only", () => {
  assertEquals(parse(["--local=-x"]).flags.local, { kind: "directory", path: "-x" });
  assertEquals(
    refusal(["--local", "-x"]),
    'Unknown flag "-x": see hubbub send --help (put -- before an argument that begins with -)',
  );
});

Deno.test("parseInput() lets a flag beat the environment, and that the default", () => {
  const environment = { HUBBUB_ADDR: ":2" };
  assertEquals(parse([], environment).flags.addr, { kind: "any", port: 2 });
  assertEquals(parse(["--addr", ":1"], environment).flags.addr, { kind: "any", port: 1 });
});

Deno.test("parseInput() does not read a variable that a flag beats", () => {
  assertEquals(parse(["--rate=1"], { HUBBUB_RATE: "nonsense" }).flags.rate, 1);
});

Deno.test("parseInput() replaces the variable's list by the flags given, and does not add", () => {
  const environment = { HUBBUB_ALLOW_ORIGIN: "https://a.example, https://b.example,," };
  assertEquals(parse([], environment).flags.allowOrigin, [
    "https://a.example",
    "https://b.example",
  ]);
  const given = parse(["--allow-origin=*"], environment);
  assertEquals(given.flags.allowOrigin, ["*"]);
});

Deno.test("parseInput() counts an empty variable as none", () => {
  const environment = { HUBBUB_ADDR: "", HUBBUB_RATE: "", HUBBUB_ALLOW_ORIGIN: "" };
  assertEquals(parse([], environment), parse([]));
});

Deno.test("parseInput() has no variable for switches and for flags that want none", () => {
  assertEquals(parse([], { HUBBUB_JSON: "true", HUBBUB_LOCAL: "x" }), parse([]));
});

Deno.test("parseInput() collects a repeated flag in order", () => {
  const args = ["--allow-origin", "https://b.example", "--allow-origin=https://a.example"];
  assertEquals(parse(args).flags.allowOrigin, ["https://b.example", "https://a.example"]);
});

Deno.test("parseInput() refuses a single flag that is given twice", () => {
  for (const second of [":2", ":1"]) {
    assertEquals(
      refusal(["--addr", ":1", `--addr=${second}`]),
      "--addr was given more than once: give it once",
    );
  }
});

Deno.test("parseInput() takes a switch twice", () => {
  assert(parse(["--json", "--json"]).flags.json);
});

Deno.test("parseInput() refuses a flag without its value", () => {
  const expected = "--addr needs a value: write --addr ADDR, or --addr=ADDR if it begins with -";
  for (const args of [["--addr"], ["--addr="], ["--addr", ""], ["--addr", "--json"]]) {
    assertEquals(refusal(args), expected, args.join(" "));
  }
});

Deno.test("parseInput() names the flag or the variable that it cannot read", () => {
  const expected = 'must be a whole number from 0 to 99, received "1e1"';
  assertEquals(refusal(["--rate", "1e1"]), `Cannot read --rate: ${expected}`);
  assertEquals(refusal([], { HUBBUB_RATE: "1e1" }), `Cannot read HUBBUB_RATE: ${expected}`);
});

Deno.test("parseInput() names one bad entry of a variable's list", () => {
  const environment = { HUBBUB_ALLOW_ORIGIN: "https://a.example,b.example" };
  assert(refusal([], environment).endsWith('received "b.example"'));
});

Deno.test("parseInput() refuses unknown flags and every liberty of parse-args", () => {
  const table: [string[], string][] = [
    [["--adr", ":1"], 'Unknown flag "--adr": did you mean --addr?'],
    [["--add=:1"], 'Unknown flag "--add": did you mean --addr?'],
    [["--ADDR=:1"], 'Unknown flag "--ADDR": did you mean --addr?'],
    [["--no-addr"], 'Unknown flag "--no-addr": did you mean --addr?'],
    [["--no-addr=:1"], 'Unknown flag "--no-addr": did you mean --addr?'],
    [["--no-json"], 'Unknown flag "--no-json": did you mean --json?'],
    [["--addr.port=1"], 'Unknown flag "--addr.port": see hubbub send --help'],
    [["--__proto__=1"], 'Unknown flag "--__proto__": see hubbub send --help'],
    [["--constructor"], 'Unknown flag "--constructor": see hubbub send --help'],
    [["--_=1"], 'Unknown flag "--_": see hubbub send --help'],
    [["--=1"], 'Unknown flag "--": see hubbub send --help'],
    [["---addr=1"], 'Unknown flag "---addr": did you mean --addr?'],
    [["--json=false"], "--json takes no value: write --json alone"],
    [["--json="], "--json takes no value: write --json alone"],
    [["-h=1"], "-h takes no value: write -h alone"],
  ];
  for (const [args, expected] of table) assertEquals(refusal(args), expected, args.join(" "));
});

Deno.test("parseInput() refuses clusters of letters and negative numbers, and says how to pass them", () => {
  for (const arg of ["-hv", "-a", "-addr", "-5", "-h5"]) {
    const message = refusal([arg]);
    assert(message.startsWith(`Unknown flag "${arg}": `), message);
    assert(message.endsWith("(put -- before an argument that begins with -)"), message);
  }
});

Deno.test("parseInput() lets no switch swallow the operand after it", () => {
  for (const word of ["true", "false", "1"]) {
    const { flags, operands } = parse(["--json", word], {}, [TEXT_OPERAND]);
    assertEquals({ json: flags.json, operands }, { json: true, operands: [word] });
  }
});

Deno.test("parseInput() keeps operands as they are, numbers and a single dash included", () => {
  const operands = [URL_OPERAND, TEXT_OPERAND];
  assertEquals(parse(["007", "--json", "-"], {}, operands).operands, ["007", "-"]);
});

Deno.test("parseInput() reads no flags after two dashes", () => {
  const { flags, operands } = parse(["--", "--json", "-5"], {}, [URL_OPERAND, TEXT_OPERAND]);
  assertEquals({ json: flags.json, operands }, { json: false, operands: ["--json", "-5"] });
});

Deno.test("parseInput() takes two dashes as the end of flags even where a value is due", () => {
  assert(refusal(["--addr", "--", ":1"]).startsWith("--addr needs a value"));
});

Deno.test("parseInput() refuses surplus and missing operands", () => {
  assertEquals(
    refusal(["x"]),
    'Surplus argument "x": hubbub send takes no argument, see hubbub send --help',
  );
  assertEquals(
    refusal(["a", "b", "c\n"], {}, [URL_OPERAND, TEXT_OPERAND]),
    'Surplus argument "c\\n": hubbub send takes at most URL TEXT, see hubbub send --help',
  );
  assertEquals(
    refusal([], {}, [URL_OPERAND, TEXT_OPERAND]),
    "Missing argument URL (the server): see hubbub send --help",
  );
});

Deno.test("parseInput() shows no secret, wherever the mistake is", () => {
  const lines: [string[], Environment][] = [
    [["--api-token", `bot ${SECRET}`], {}],
    [[`--api-token=bot:${SECRET}!`], {}],
    [["--api-token", `bot:${SECRET}`, `other:${SECRET}`], {}],
    [["--api-token=", `bot:${SECRET}`], {}],
    [[`--api-tokens=bot:${SECRET}`], {}],
    [[`--no-api-token=bot:${SECRET}`], {}],
    [[], { HUBBUB_API_TOKEN: `bot:ok,${SECRET}` }],
  ];
  for (const [args, environment] of lines) {
    const message = refusal(args, environment);
    assertFalse(message.includes(SECRET), message);
  }
});

Deno.test("asksFor() finds the question among anything, but not after two dashes", () => {
  assertEquals(asksFor(["--adr", "--help"]), "help");
  assertEquals(asksFor(["x", "-h"]), "help");
  assertEquals(asksFor(["--version"]), "version");
  assertEquals(asksFor(["--version", "--help"]), "version");
  assertEquals(asksFor(["--", "--help"]), undefined);
  assertEquals(asksFor(["--helpful", "help", "-hv"]), undefined);
});

Deno.test("parseInput() reads any arguments or refuses them in one line", () => {
  const word = fc.oneof(
    fc.constantFrom("--addr", "--rate=5", "--json", "--", "-", "--no-json", "true", "-h", ""),
    fc.string({ unit: codePoint, maxLength: 12 }),
    fc.string({ maxLength: 12 }).map((text) => `--${text}`),
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (args) => {
    try {
      parse(args, {}, [TEXT_OPERAND]);
    } catch (error) {
      assert(error instanceof UsageError, String(error));
      assertFalse(/[\p{Cc}\p{Zl}\p{Zp}]/u.test(error.message), error.message);
    }
  }));
});
