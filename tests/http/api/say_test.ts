/** POST /api/rooms/ROOM/messages. */
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { createMemoryStore } from "../../../store/memory/store.ts";
import { type AppHarness, bearer, cookie, ORIGIN, problemOf, SECRET, withApp } from "../harness.ts";

const PATH = "/api/rooms/lobby/messages";

function say(
  { fetch }: AppHarness,
  body: string | object,
  { path = PATH, headers = {}, secret = SECRET }: {
    path?: string;
    headers?: Record<string, string>;
    secret?: string;
  } = {},
): Promise<Response> {
  const isText = typeof body === "string";
  return fetch(path, {
    method: "POST",
    body: isText ? body : JSON.stringify(body),
    headers: {
      ...bearer(secret),
      "content-type": isText ? "text/plain" : "application/json; charset=utf-8",
      ...headers,
    },
  });
}

Deno.test("POST messages posts under the token's name and answers with the message", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    ann.say("how is it?");
    await ann.next("user");
    const response = await say(harness, { content: "green", id: "b1", reply_to: 1, other: 1 });
    assertEquals(response.status, 201);
    assertEquals(response.headers.get("location"), `${PATH}?after=1&limit=1`);
    const message = await response.json();
    const build = await harness.hub.people.findByName("Build");
    assertEquals(message, {
      type: "user",
      room: "lobby",
      from: "Build",
      content: "green",
      seq: 2,
      time: harness.hub.now,
      by: build?.id,
      id: "b1",
      reply_to: 1,
    });
    assertEquals(await ann.next("user"), message);
    ann.send({ type: "users" });
    assertEquals((await ann.next("users")).user_list, ["ann"]);
  }));

Deno.test("POST messages takes plain text, without the end of its last line", () =>
  withApp(async (harness) => {
    const said = [];
    for (const text of ["one", "two\n", "three\r\n", "four\n\n", "five\nsix"]) {
      said.push((await (await say(harness, text)).json()).content);
    }
    assertEquals(said, ["one", "two", "three", "four\n", "five\nsix"]);
  }));

Deno.test("POST messages posts to rooms without members", () =>
  withApp(async (harness) => {
    assertEquals((await say(harness, "hi", { path: "/api/rooms/empty/messages" })).status, 201);
    const page = await harness.hub.store.read("empty", { limit: 10 });
    assertEquals(page.messages.map(({ content }) => content), ["hi"]);
  }));

Deno.test("POST messages stores a message once if it is sent again with the same id", () =>
  withApp(async (harness) => {
    const first = await say(harness, { content: "first", id: "same" });
    assertEquals(first.status, 201);
    const again = await say(harness, { content: "first", id: "same" });
    assertEquals(again.status, 200);
    assertEquals(await again.json(), { ...await first.json(), repeat: true });
    assertEquals(again.headers.get("location"), first.headers.get("location"));
    const conflict = await say(harness, { content: "second", id: "same" });
    assertEquals([conflict.status, (await conflict.json()).code], [409, "conflict"]);
    const reply = await say(harness, { content: "to nothing", reply_to: 99 });
    assertEquals([reply.status, (await reply.json()).code], [422, "no_such_message"]);
    const [at, once] = await Promise.all([
      say(harness, { content: "x", id: "at once" }),
      say(harness, { content: "x", id: "at once" }),
    ]);
    const pair = [await at?.json(), await once?.json()];
    assertEquals(pair.map(({ repeat }) => repeat).sort(), [true, undefined]);
    assertEquals(pair[0].seq, pair[1].seq);
    assertEquals((await harness.hub.store.read("lobby", { limit: 10 })).messages.length, 2);
    // The same id of another token is another message.
    const other = await say(harness, { content: "third", id: "same" }, {
      secret: `${SECRET}-other`,
    });
    assertEquals((await other.json()).from, "Other");
  }));

Deno.test("POST messages posts for whoever sends a session, in the header or in the cookie", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    for (const headers of [bearer(ann), cookie(ann)]) {
      const init = {
        method: "POST",
        body: "hi",
        headers: { ...headers, "content-type": "text/plain" },
      };
      const { from, by } = await (await harness.fetch(PATH, init)).json();
      assertEquals([from, by], ["ann", ann.user.id]);
    }
    assertEquals((await ann.next("user")).by, ann.user.id);
  }));

Deno.test("POST messages requires a session or the secret of a token", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    await harness.hub.sessions.endOthers(ann.user.id);
    for (const secret of ["", "x", SECRET.slice(1), `${SECRET}x`, ann.session]) {
      const response = await say(harness, "hi", { secret });
      assertEquals(response.headers.get("www-authenticate"), "Bearer");
      assertEquals(await problemOf(response), [401, "unauthorized"]);
    }
  }));

Deno.test("POST messages speaks to a user in a direct conversation, by name or by id", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann", { remember: true });
    const bob = await harness.hub.enter("bob", { remember: true });
    for (const [seq, to] of [[1, "@BOB"], [2, `@${bob.user.id}`]] as const) {
      const path = `/api/rooms/${encodeURIComponent(to)}/messages`;
      const response = await say(harness, { content: "psst", id: to }, {
        path,
        secret: ann.session,
      });
      const said = await response.json();
      assertEquals([response.status, said.room, said.seq], [201, `@${bob.user.id}`, seq]);
      // Each of the two is shown the conversation as the other one.
      assertEquals(await ann.next("user"), said);
      assertEquals(await bob.next("user"), { ...said, room: `@${ann.user.id}` });
      const location = response.headers.get("location") ?? "";
      assertEquals(location, `/api/rooms/%40${bob.user.id}/messages?after=${seq - 1}&limit=1`);
      const page = await (await harness.fetch(location, { headers: bearer(ann) })).json();
      assertEquals(page.messages, [said]);
    }
  }));

Deno.test("POST messages keeps Location right when the one spoken to is called otherwise", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann", { remember: true });
    const bob = await harness.hub.enter("bob", { remember: true });
    const path = "/api/rooms/%40bob/messages";
    const location = (await say(harness, "psst", { path, secret: ann.session })).headers.get(
      "location",
    );
    bob.send({ type: "rename", content: "bert" });
    await bob.next("rename");
    const page = await (await harness.fetch(location ?? "", { headers: bearer(ann) })).json();
    assertEquals(page.messages.map(({ content }: { content: string }) => content), ["psst"]);
  }));

Deno.test("POST messages answers 404 to a user whom nobody is, and to a private room of others", () =>
  withApp(async (harness) => {
    const bob = await harness.hub.enter("bob", { remember: true });
    bob.send({ type: "create", room: "board", private: true });
    await bob.next("login");
    const nobody = await say(harness, "hi", { path: "/api/rooms/%40zoe/messages" });
    assertEquals(await problemOf(nobody), [404, "no_such_user"]);
    const path = "/api/rooms/board/messages";
    assertEquals(await problemOf(await say(harness, "hi", { path })), [404, "no_such_room"]);
    assertEquals((await say(harness, "hi", { path, secret: bob.session })).status, 201);
  }));

Deno.test("Nobody can log in under the name of a token", () =>
  withApp(async (harness) => {
    const person = harness.hub.connect();
    person.send({ type: "login", content: "BUILD", id: "l" });
    assertEquals((await person.next("error")).code, "name_taken");
    person.send({ type: "login", content: "ann" }, { type: "rename", content: "build" });
    assertEquals((await person.next("error")).code, "name_taken");
  }));

const REFUSED: readonly [
  what: string,
  status: number,
  code: string | undefined,
  body: string | object,
  options?: { path?: string; headers?: Record<string, string> },
][] = [
  ["no JSON", 400, "bad_json", "{", { headers: { "content-type": "application/json" } }],
  ["an array", 422, "bad_message", []],
  ["no content", 422, "bad_message", {}],
  ["empty content", 422, "bad_message", { content: "" }],
  ["content that is no text", 422, "bad_message", { content: 1 }],
  ["a lone surrogate", 422, "bad_message", { content: "\ud800" }],
  ["an id that is too long", 422, "bad_message", { content: "hi", id: "x".repeat(65) }],
  ["content that is too long", 422, "too_long", "x".repeat(101)],
  ["a body that is too long", 413, "too_large", "x".repeat(801)],
  ["a wrong room", 400, "bad_room", "hi", { path: "/api/rooms/Lobby/messages" }],
  ["a path for a room", 400, "bad_room", "hi", { path: "/api/rooms/..%2Fetc/messages" }],
  ["a form", 415, undefined, "hi", {
    headers: { "content-type": "application/x-www-form-urlencoded" },
  }],
  ["a compressed body", 415, undefined, "hi", { headers: { "content-encoding": "br" } }],
  ["another site's page", 403, "forbidden", "hi", { headers: { origin: "https://example.org" } }],
];

for (const [what, status, code, body, options] of REFUSED) {
  Deno.test(`POST messages refuses ${what} with ${status}`, () =>
    withApp(async (harness) => {
      assertEquals(await problemOf(await say(harness, body, options)), [status, code]);
      assertEquals((await harness.hub.store.rooms({ limit: 1 })).rooms, []);
    }));
}

Deno.test("POST messages refuses bytes that are not UTF-8", () =>
  withApp(async (harness) => {
    const init = { method: "POST", body: Uint8Array.of(0xff), headers: {} };
    init.headers = { ...bearer(SECRET), "content-type": "text/plain" };
    assertEquals(await problemOf(await harness.fetch(PATH, init)), [400, "bad_json"]);
  }));

Deno.test("POST messages accepts requests from the page's own origin", () =>
  withApp(async (harness) => {
    const headers = { origin: ORIGIN, host: new URL(ORIGIN).host, "sec-fetch-site": "same-origin" };
    assertEquals((await say(harness, "hi", { headers })).status, 201);
  }));

Deno.test("POST messages limits the rate of each token", () =>
  withApp(async (harness) => {
    const statuses = [];
    for (let turn = 0; turn < 3; turn++) statuses.push((await say(harness, "hi")).status);
    assertEquals(statuses, [201, 201, 429]);
    const refused = await say(harness, "hi");
    assertMatch(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assertEquals(await problemOf(refused), [429, "rate_limited"]);
    assertEquals((await say(harness, "hi", { secret: `${SECRET}-other` })).status, 201);
  }, { rate: 0.001, burst: 2 }));

Deno.test("POST messages answers 503 if the store fails, and once the hub has stopped", async () => {
  const store = createMemoryStore();
  store.commit = () => Promise.reject(new Error("disk"));
  await withApp(async (harness) => {
    assertEquals(await problemOf(await say(harness, "hi")), [503, "unavailable"]);
    harness.hub.hub.stop("over");
    await harness.hub.ended;
    assertEquals(await problemOf(await say(harness, "hi")), [503, "unavailable"]);
  }, { store });
});
