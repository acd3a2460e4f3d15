import {
  type ClientRequest,
  CloseCode,
  decodeFrame,
  decodeRequest,
  encodeFrame,
  encodeMessage,
  type ErrorCode,
  type ServerMessage,
  shouldReconnect,
} from "../protocol.ts";
import { type Command, COMMON_FLAGS } from "../cli/command.ts";
import { COMMANDS, DEFAULT_COMMAND } from "../cli/commands.ts";
import { type Flags, variableName } from "../config/flags.ts";
import { Problem } from "../http/problem.ts";
import { SERVE_FLAGS } from "../config/serve_flags.ts";
import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertMatch,
  assertObjectMatch,
  assertStringIncludes,
  fail,
} from "./support/assert.ts";
import { startTestServer } from "./support/test_server.ts";
import { TerminalPerson } from "./endpoints/terminal_person.ts";
import { WsClient } from "./support/ws_client.ts";

const ROOT = new URL("../", import.meta.url);

/** Every document, by its path. */
const DOCUMENTS = new Map(
  await Promise.all(
    [
      ...[...Deno.readDirSync(ROOT)].map(({ name }) => name),
      ...[...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`),
    ].filter((path) => path.endsWith(".md"))
      .map(async (path) => [path, await Deno.readTextFile(new URL(path, ROOT))] as const),
  ),
);

const PROTOCOL = DOCUMENTS.get("docs/protocol.md") ?? "";

/** The lines of all code blocks that are marked like this. */
function blocks(mark: string): string[][] {
  const found = PROTOCOL.matchAll(/^```(.*)\n([^]*?)\n```$/gm);
  return [...found].filter(([, info]) => info === mark).map(([, , body = ""]) => body.split("\n"));
}

/** The cells of all rows of tables whose first one is some code or a number, without its ticks. */
function rows(): string[][] {
  return PROTOCOL.split("\n").filter((line) => line.startsWith("| "))
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| *| *\|$/g, "").trim()));
}

const requests = blocks("jsonl client").flat();
const messages = blocks("jsonl server").flat();

// Typed so that a new type or code does not compile until it is here, nor passes until it is documented.
const REQUEST_TYPES: Record<ClientRequest["type"], true> = {
  ...{ login: true, user: true, join: true, leave: true, rename: true, direct: true, users: true },
  ...{ rooms: true, history: true, search: true, edit: true, delete: true, react: true },
  ...{ typing: true, file: true, create: true, invite: true, remove: true, topic: true },
  ...{ role: true, read: true, ping: true, logout: true },
};
const MESSAGE_TYPES: Record<ServerMessage["type"], true> = {
  ...{ handshake: true, login: true, logout: true, user: true, file: true, rename: true },
  ...{ direct: true, users: true, rooms: true, history: true, search: true, edit: true },
  ...{ delete: true, react: true, typing: true, create: true, invite: true, remove: true },
  ...{ topic: true, role: true, read: true, system: true, error: true, pong: true },
};
const ERROR_CODES: Record<ErrorCode, true> = {
  ...{ bad_json: true, bad_message: true, unknown_type: true, not_logged_in: true },
  ...{ already_logged_in: true, bad_name: true, name_taken: true, bad_room: true },
  ...{ not_in_room: true, no_such_user: true, no_such_message: true, not_yours: true },
  ...{ too_long: true, too_large: true, rate_limited: true, unauthorized: true },
  ...{ forbidden: true, too_many_rooms: true, wrong_password: true, no_such_room: true },
  ...{ conflict: true, muted: true, too_many: true, unavailable: true, internal: true },
};

/** The types of the examples, each once, in alphabetical order. */
function typesOf(examples: readonly string[]): string[] {
  return [...new Set(examples.map((line) => String(JSON.parse(line).type)))].sort();
}

Deno.test("protocol.md has an example of every request that the server reads as it stands", () => {
  assertEquals(typesOf(requests), Object.keys(REQUEST_TYPES).sort());
  for (const line of requests) {
    const request = decodeRequest(line);
    assert(request.type !== "error", `${line}: ${JSON.stringify(request)}`);
    // What the server does not know it ignores; an example must not show it.
    assertObjectMatch(request, JSON.parse(line));
  }
});

Deno.test("protocol.md has an example of every message that the server sends, as it is sent", () => {
  assertEquals(typesOf(messages), Object.keys(MESSAGE_TYPES).sort());
  for (const line of messages) {
    const [message] = decodeFrame(line);
    assert(message !== undefined);
    assertEquals(encodeMessage(message), line);
  }
});

Deno.test("protocol.md shows messages of the types that the server has", async () => {
  const examples = messages.map((line, index) =>
    `export const m${index}: ServerMessage = ${line};`
  );
  const module = new URL("../protocol/messages.ts", import.meta.url);
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const head = `import type { ServerMessage } from ${JSON.stringify(module.href)};`;
    await Deno.writeTextFile(file, [head, ...examples].join("\n"));
    const config = new URL("../deno.json", import.meta.url).pathname;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-lock", "--config", config, file],
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("protocol.md shows lean lines as they are written and read", () => {
  const [frame = []] = blocks("jsonl frame");
  const read = decodeFrame(frame.join("\n"));
  assertEquals(read.map((message) => message.type === "user" ? message.seq : 0), [7, 8, 9, 1]);
  assertEquals(encodeFrame(read).split("\n"), frame);
});

/** The ids that the examples' client gives its requests; those of users are longer. */
const OWN_ID = /^a\d$/;

/** What differs from day to day, by name. */
const VOLATILE = ["session", "epoch", "run", "time", "by"];

/** A message of an example or one of the server's, without what differs from day to day. */
function dayless(line: string): unknown {
  const isVolatile = (key: string, value: unknown) =>
    VOLATILE.includes(key) || key === "id" && !OWN_ID.test(String(value));
  return JSON.parse(line, (key, value: unknown) => isVolatile(key, value) ? typeof value : value);
}

Deno.test("protocol.md shows a conversation in JSON that goes like this", async () => {
  await using server = await startTestServer("--rate", "20");
  await using client = await WsClient.open(server.ws("/ws"));
  for (const line of blocks("jsonl conversation").flat()) {
    const text = line.slice(2);
    if (line.startsWith("> ")) await client.send(text);
    else assertEquals(dayless(await client.text()), dayless(text));
  }
});

Deno.test("protocol.md shows a conversation in plain text that goes like this", async () => {
  await using server = await startTestServer();
  await using person = await TerminalPerson.open(server);
  for (const line of blocks("text conversation").flat()) {
    const text = line.slice(2);
    if (line.startsWith("> ")) await person.types(text);
    else assertEquals((await person.line()).replace(/\d\d:\d\d/, "12:34"), text);
  }
  assertEquals((await person.closed).code, 1000);
});

Deno.test("protocol.md names every error code, and no other", () => {
  const section = PROTOCOL.slice(PROTOCOL.indexOf("\n## Errors"), PROTOCOL.indexOf("\n## Close"));
  const named = [...section.matchAll(/^\| `([a-z_0-9]+)`/gm)].map(([, code]) => code);
  assertEquals(named, Object.keys(ERROR_CODES));
});

Deno.test("protocol.md gives each code the status that it has over HTTP", () => {
  const lines = sectionOf("Accounts").split("\n").filter((line) => /^\| \d{3} /.test(line));
  const said = lines.flatMap((line) => {
    const [always = ""] = line.split(";");
    return [...always.matchAll(/`([a-z_]+)`/g)].map(([, code = ""]) =>
      [code, Number(line.slice(2, 5))] as const
    );
  });
  assert(said.length > 15);
  const known = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES);
  const statuses = new Map<string, number>(
    known.map((code) => [code, Problem.of(code, "").status]),
  );
  for (const [code, status] of said) assertEquals([code, statuses.get(code)], [code, status]);
  // A code that has a status of its own has to be told.
  const told = said.map(([code]) => code);
  const rest = known.filter((code) => !told.includes(code) && statuses.get(code) !== 400);
  assertEquals(rest, ["unknown_type", "internal"]);
});

Deno.test("protocol.md says of every close code whether to come back", () => {
  const said = new Map(
    rows().filter(([code = ""]) => /^\d{4}$/.test(code)).filter((row) => row.length === 3)
      .map(([code, , back]) => [Number(code), back]),
  );
  const known = Object.values(CloseCode);
  assertEquals([...said.keys()], known);
  for (const code of known) assertEquals(said.get(code), shouldReconnect(code) ? "yes" : "no");
});

/** What the rows of the Paths table name: `POST /files`, `/relay/NAME`, with their methods. */
const PATHS = sectionOf("Paths").split("\n").filter((line) => line.startsWith("| `"))
  .flatMap((line) => [...(line.split(" | ")[0] ?? "").matchAll(/`(?:([A-Z]+) )?(\/[^`]*)`/g)])
  .map(([, method = "GET", path = ""]) => ({ method, path }));

/** The part of protocol.md below a heading. */
function sectionOf(heading: string): string {
  const begin = PROTOCOL.indexOf(`\n## ${heading}\n`) + 1;
  const end = PROTOCOL.indexOf("\n## ", begin);
  return PROTOCOL.slice(begin, end < 0 ? undefined : end);
}

Deno.test("protocol.md names paths that the server serves", async () => {
  const provider = ["--oidc-issuer", "http://localhost:1", "--oidc-client-id", "hubbub"];
  await using server = await startTestServer(...provider);
  assert(PATHS.length > 10);
  for (const { method, path } of PATHS) {
    const example = path.replace(/[A-Z]+/g, (word) => word.toLowerCase()).replace("…", "x");
    const url = new URL(example, server.url);
    // A path that exists refuses a method that it does not have; any other is not there at all.
    const refused = await fetch(url, { method: "PROPFIND" });
    await refused.body?.cancel();
    assertEquals(refused.status, 405, path);
    const allowed = refused.headers.get("allow")?.split(/, */) ?? [];
    assertArrayIncludes(allowed, [method], path);
    if (/[A-Z…]/.test(path) || method !== "GET") continue;
    const answer = await fetch(url);
    await answer.body?.cancel();
    assert(answer.status !== 404, path);
  }
});

Deno.test("protocol.md names every path that the server serves", async () => {
  // Each route's path is a string of its own in one of the modules that make the routes.
  const modules = [
    ...["app", "accounts/routes", "accounts/passkeys", "accounts/oidc", "admin/routes"],
  ];
  const sources = await Promise.all(
    modules.map((name) => Deno.readTextFile(new URL(`http/${name}.ts`, ROOT))),
  );
  const routes = sources.flatMap((source) => [...source.matchAll(/"(\/[^" #]*)"/g)])
    .map(([, route = ""]) => route);
  assert(routes.length > 20);
  const patterns = PATHS.map(({ path }) =>
    new RegExp(`^${path.replace(/[A-Z]+/g, "[^/]+").replace("…", ".*")}$`)
  );
  const isNamed = (path: string) => patterns.some((pattern) => pattern.test(path));
  // A parameter is one segment; with a pattern or a star, it is the rest of the path.
  const unnamed = routes
    .map((route) => route.replace(/:\w+\{\.\+\}|\*\w*$/, "page/x").replace(/:\w+/g, "x"))
    .filter((path) => !isNamed(path));
  assertEquals(unnamed, []);
});

Deno.test("protocol.md gives the flags' own defaults", () => {
  const defaults = new Map(
    Object.entries(SERVE_FLAGS).map(([name, flag]) => [
      `\`--${name}\``,
      "default" in flag ? flag.default : undefined,
    ]),
  );
  const given = rows().filter((row) => row.length === 3 && /^`--[a-z-]+`$/.test(row[2] ?? ""));
  assert(given.length > 10);
  for (const [, value, flag = ""] of given) assertEquals([flag, value], [flag, defaults.get(flag)]);
});

/** The flags of a command, those included that every command has. */
function flagsOf({ flags }: Command): Flags {
  return { ...flags, ...COMMON_FLAGS };
}

const COMMAND_LIST: [string, Command][] = Object.entries(COMMANDS);
const FLAGS = new Set(COMMAND_LIST.flatMap(([, command]) => Object.keys(flagsOf(command))));
const VARIABLES = new Set(
  COMMAND_LIST.flatMap(([, { flags }]) =>
    Object.entries(flags).map(([name, flag]) => variableName(name, flag))
  ),
);

/** Other programs, whose flags are their own: from the name to the end of the command line. */
const OTHERS =
  /\b(?:curl|deno|docker|git|gh|journalctl|npx|openssl|sh|systemctl|systemd-analyze|wscat) (?:\\\n|[^`\n])*/g;

for (const [path, text] of DOCUMENTS) {
  Deno.test(`${path} mentions only flags and variables that there are`, () => {
    const own = text.replaceAll(OTHERS, "");
    const flags = [...own.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
    assertEquals(flags.filter((name) => !FLAGS.has(name)), []);
    const variables = [...own.matchAll(/\bHUBBUB_[A-Z_]*[A-Z]/g)].map(([name]) => name);
    assertEquals(variables.filter((name) => !VARIABLES.has(name)), []);
  });

  Deno.test(`${path} shows only command lines that there are`, () => {
    for (const [line, rest = ""] of text.matchAll(/(?:^|[`/ ])hubbub ((?:\\\n|[^`\n])*)/gm)) {
      const [first = ""] = rest.trimStart().split(/\s/);
      const [, command] = COMMAND_LIST.find(([name]) => name === first) ??
        COMMAND_LIST.find(([name]) => name === DEFAULT_COMMAND) ?? [];
      assert(command !== undefined);
      const flags = [...rest.matchAll(/ --([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
      assertEquals(flags.filter((name) => !(name in flagsOf(command))), [], line);
    }
  });

  Deno.test(`${path} links to places that there are`, async () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
      .map(([, link, source]) => link ?? source ?? "").filter((link) => !/^[a-z]+:/.test(link));
    for (const link of links) {
      const [target = "", anchor] = link.split("#");
      const place = target === ""
        ? path
        : new URL(target, new URL(path, "file:///")).pathname.slice(1);
      await Deno.stat(new URL(place, ROOT)).catch(() => fail(`there is no ${place}: ${link}`));
      const linked = DOCUMENTS.get(place);
      if (anchor === undefined || linked === undefined) continue;
      assertArrayIncludes(headingsOf(linked), [anchor], link);
    }
  });
}

/** The anchors of a document's headings, as GitHub makes them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

for (const path of ["docs/configuration.md", "docs/hubbub.1"]) {
  Deno.test(`${path} documents every flag and variable`, async () => {
    const text = (await Deno.readTextFile(new URL(path, ROOT))).replaceAll("\\-", "-");
    for (const [, { flags }] of COMMAND_LIST) {
      for (const [name, flag] of Object.entries(flags)) {
        assertMatch(text, new RegExp(`--${name}(?![\\w-])`));
        const variable = variableName(name, flag);
        if (variable !== undefined && path.endsWith(".md")) assertStringIncludes(text, variable);
      }
    }
  });
}
