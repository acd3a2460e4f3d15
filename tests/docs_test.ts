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
import { SERVE_FLAGS } from "../config/serve_flags.ts";
import { assert, assertEquals, assertObjectMatch } from "./support/assert.ts";
import { startTestServer } from "./support/test_server.ts";
import { TerminalPerson } from "./endpoints/terminal_person.ts";
import { WsClient } from "./support/ws_client.ts";

const PROTOCOL = await Deno.readTextFile(new URL("../docs/protocol.md", import.meta.url));

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
  ...{ typing: true, file: true, ping: true, logout: true },
};
const MESSAGE_TYPES: Record<ServerMessage["type"], true> = {
  ...{ handshake: true, login: true, logout: true, user: true, file: true, rename: true },
  ...{ direct: true, users: true, rooms: true, history: true, search: true, edit: true },
  ...{ delete: true, react: true, typing: true, system: true, error: true, pong: true },
};
const ERROR_CODES: Record<ErrorCode, true> = {
  ...{ bad_json: true, bad_message: true, unknown_type: true, not_logged_in: true },
  ...{ already_logged_in: true, bad_name: true, name_taken: true, bad_room: true },
  ...{ not_in_room: true, no_such_user: true, no_such_message: true, not_yours: true },
  ...{ too_long: true, too_large: true, rate_limited: true, unauthorized: true },
  ...{ forbidden: true, too_many_rooms: true, unavailable: true, internal: true },
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

/** A message of an example and one of the server's, without what differs from day to day. */
function dayless(line: string): unknown {
  const volatile = { session: "", epoch: "", time: 0 };
  const message = JSON.parse(line);
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [key, key in volatile ? typeof value : value]),
  );
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

Deno.test("protocol.md says of every close code whether to come back", () => {
  const said = new Map(
    rows().filter(([code = ""]) => /^\d{4}$/.test(code)).filter((row) => row.length === 3)
      .map(([code, , back]) => [Number(code), back]),
  );
  const known = Object.values(CloseCode);
  assertEquals([...said.keys()], known);
  for (const code of known) assertEquals(said.get(code), shouldReconnect(code) ? "yes" : "no");
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

Deno.test("protocol.md mentions only flags that there are", () => {
  const own = [...PROTOCOL.matchAll(/`--([a-z-]+)/g)].map(([, name = ""]) => name);
  assertEquals(own.filter((name) => !(name in SERVE_FLAGS)), []);
});

Deno.test("protocol.md links to places that there are", async () => {
  const links = [...PROTOCOL.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
  const headings = [...PROTOCOL.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
    `#${text.toLowerCase().replace(/[^a-z0-9 -]/g, "").replaceAll(" ", "-")}`
  );
  for (const link of links) {
    if (link.startsWith("#")) assert(headings.includes(link), link);
    else await Deno.stat(new URL(link, new URL("../docs/protocol.md", import.meta.url)));
  }
});
