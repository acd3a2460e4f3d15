import { chatAsFilter, type FilterOptions, pieces } from "../../cli/chat/filter.ts";
import { TextLineStream } from "../../cli/chat/line_stream.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { beginSession } from "../../cli/session_request.ts";
import type { ServerUrl } from "../../cli/server_url.ts";
import { Condition, tail } from "../support/condition.ts";
import { DEADLINE, within } from "../support/within.ts";
import { openClient, withServer } from "./real_server.ts";

/** Runs a filter. Its input is open until `end`, if there is any. */
function startFilter(url: ServerUrl, options: Partial<FilterOptions> & { text?: string } = {}) {
  const lines: string[] = [];
  const complaints: string[] = [];
  const stop = new AbortController();
  const written = new Condition();
  const { text = "", ...more } = options;
  const result = within(
    DEADLINE,
    "the filter to end",
    chatAsFilter({
      url,
      name: "ann",
      room: "lobby",
      input: ReadableStream.from([new TextEncoder().encode(text)]),
      write(line) {
        lines.push(line);
        written.notify();
      },
      complain: (line) => complaints.push(line),
      json: false,
      mayChangeName: false,
      signal: stop.signal,
      ...more,
    }),
  );
  const line = (pattern: RegExp) =>
    written.until(
      () => `a line ${pattern} after ${tail(lines.join("\n"))}`,
      () => lines.find((one) => pattern.test(one)),
    );
  return { result, lines, complaints, stop, line };
}

Deno.test("chatAsFilter() says each line of its input and is done when all are kept", async () => {
  await withServer([], async (url) => {
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    const { result, complaints } = startFilter(url, { text: "one\r\n\n/two\nthree" });
    const heard = [];
    for (let i = 0; i < 3; i++) heard.push((await bo.next("user")).content);
    assertEquals(heard, ["one", "/two", "three"]);
    assertEquals([await result, complaints], [0, []]);
  });
});

Deno.test("chatAsFilter() paces itself instead of being refused", async () => {
  await withServer(["--rate", "200", "--burst", "4"], async (url) => {
    const text = Array.from({ length: 40 }, (_, i) => `${i}`).join("\n");
    const { result, complaints } = startFilter(url, { text });
    assertEquals([await result, complaints], [0, []]);
  });
});

Deno.test("chatAsFilter() writes what happens, harmless, and not what was before", async () => {
  await withServer([], async (url) => {
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    await bo.client.say("lobby", "before");
    const { result, line, lines, stop } = startFilter(url, { input: new ReadableStream() });
    assertEquals((await bo.next("login")).from, "bo");
    assertEquals((await bo.next("login")).from, "ann");
    await bo.client.say("lobby", "a\x1b[2J\nb");
    assertMatch(await line(/a␛/), /^\d\d:\d\d bo: a␛\[2J\n {6}b$/);
    await bo.client.close();
    await line(/^-- bo has left$/);
    stop.abort();
    assertEquals(await result, 0);
    assert(!lines.some((one) => one.includes("before")));
  });
});

Deno.test("chatAsFilter() marks what is said in a direct conversation", async () => {
  await withServer([], async (url) => {
    const { result, line, stop } = startFilter(url, { input: new ReadableStream() });
    await line(/^-- ann is here$/);
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    await bo.client.tell("ann", "psst");
    await line(/^-- bo → ann: psst$/);
    stop.abort();
    assertEquals(await result, 0);
  });
});

Deno.test("chatAsFilter() fails if it is not let into its room", async () => {
  await withServer([], async (url) => {
    const { session } = await beginSession(url.base, { name: "bo" });
    await using bo = await openClient(url, { session: session.reveal(), room: "lobby" });
    await bo.client.create("board", { private: true });
    const { result, complaints } = startFilter(url, { room: "board", text: "hi" });
    assertEquals(await result, 1);
    assertStringIncludes(complaints.join(), "Cannot join");
  });
});

Deno.test("chatAsFilter() writes events as JSON lines", async () => {
  await withServer([], async (url) => {
    const { result, lines } = startFilter(url, { json: true, text: "x\u202ey" });
    assertEquals(await result, 0);
    const events = lines.map((line) => JSON.parse(line));
    assertEquals(events[0].type, "handshake");
    const { type, from, content, seq } = events.find((event) => event.type === "user");
    assertEquals({ type, from, content, seq }, {
      type: "user",
      from: "ann",
      content: "x\u202ey",
      seq: 1,
    });
  });
});

Deno.test("chatAsFilter() cuts lines that are too long for one message", async () => {
  await withServer(["--max-message", "64"], async (url) => {
    await using bo = await openClient(url, { name: "bo", room: "lobby" });
    // The limit is known once the server has greeted.
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
    const { result } = startFilter(url, { input: readable });
    const writer = writable.getWriter();
    assertEquals((await bo.next("login")).from, "bo");
    assertEquals((await bo.next("login")).from, "ann");
    await writer.write(new TextEncoder().encode("é".repeat(40)));
    await writer.close();
    assertEquals((await bo.next("user")).content, "é".repeat(32));
    assertEquals((await bo.next("user")).content, "é".repeat(8));
    assertEquals(await result, 0);
  });
});

Deno.test("chatAsFilter() fails when its name is taken and was chosen", async () => {
  await withServer([], async (url) => {
    await using _ = await openClient(url, { name: "ann", room: "lobby" });
    const { result, complaints } = startFilter(url, { text: "hi" });
    assertEquals(await result, 1);
    assertStringIncludes(complaints[0] ?? "", "ann");
  });
});

Deno.test("chatAsFilter() takes another name when its own is taken and was not chosen", async () => {
  await withServer([], async (url) => {
    await using ann = await openClient(url, { name: "ann", room: "lobby" });
    const { result } = startFilter(url, { text: "hi", mayChangeName: true });
    assertEquals((await ann.next("user")).from, "ann-2");
    assertEquals(await result, 0);
  });
});

Deno.test("pieces() cuts between characters and loses nothing", () => {
  assertEquals(pieces("aéb日", 4), ["aéb", "日"]);
  assertEquals(pieces("", 3), []);
  assertEquals(pieces("日日", 0), ["日", "日"]);
});

Deno.test("TextLineStream splits lines across chunks", async () => {
  const chunks = ReadableStream.from(["a\nb", "c\r", "\nd"]);
  assertEquals(await Array.fromAsync(chunks.pipeThrough(new TextLineStream())), ["a", "bc", "d"]);
});
