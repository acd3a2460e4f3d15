/** GET /api/rooms, GET /api/rooms/ROOM/messages, GET /api/search. */
import { assertEquals } from "../../support/assert.ts";
import { directRoom } from "../../../protocol.ts";
import { createMemoryStore } from "../../../store/memory/store.ts";
import type { Person } from "../../support/hub_harness.ts";
import { type AppHarness, bearer, cookie, ORIGIN, problemOf, SECRET, withApp } from "../harness.ts";

/** Stores messages as the history of a room. */
async function fill({ hub }: AppHarness, room: string, ...texts: string[]): Promise<void> {
  await hub.store.commit(
    texts.map((content) => ({ kind: "message", room, from: "ann", content, time: 1 })),
  );
}

async function read({ fetch }: AppHarness, path: string, headers: HeadersInit = {}) {
  const response = await fetch(path, { headers });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(response.headers.get("access-control-allow-origin"), null);
  return await response.json();
}

Deno.test("GET /api/rooms lists the rooms as the WebSocket does", () =>
  withApp(async (harness) => {
    await fill(harness, "old", "a", "b");
    const ann = await harness.hub.enter("ann");
    const rooms = await read(harness, "/api/rooms");
    assertEquals(rooms, {
      type: "rooms",
      rooms: [
        { room: "lobby", user_count: 1, last: 0 },
        { room: "old", user_count: 0, last: 2 },
      ],
      complete: true,
    });
    ann.send({ type: "rooms" });
    assertEquals(await ann.next("rooms"), rooms);
  }));

Deno.test("GET messages reads pages of history as the WebSocket does", () =>
  withApp(async (harness) => {
    await fill(harness, "lobby", ..."abcde");
    const ann = await harness.hub.enter("ann");
    for (
      const [query, range] of [
        ["", {}],
        ["?limit=2", { limit: 2 }],
        ["?before=4&limit=2", { before: 4, limit: 2 }],
        ["?after=1&limit=2", { after: 1, limit: 2 }],
        ["?after=1&before=4&limit=200", { after: 1, before: 4, limit: 200 }],
      ] as const
    ) {
      const history = await read(harness, `/api/rooms/lobby/messages${query}`);
      ann.send({ type: "history", ...range });
      assertEquals(await ann.next("history"), history);
    }
    const { messages, ...rest } = await read(harness, "/api/rooms/lobby/messages?after=3");
    assertEquals(messages.map(({ content }: { content: string }) => content), ["d", "e"]);
    assertEquals(rest, {
      type: "history",
      room: "lobby",
      first: 4,
      last: 5,
      change: 0,
      complete: true,
    });
  }));

Deno.test("GET messages of an unknown room returns an empty page", () =>
  withApp(async (harness) => {
    assertEquals(await read(harness, "/api/rooms/nowhere/messages"), {
      type: "history",
      room: "nowhere",
      messages: [],
      first: 0,
      last: 0,
      change: 0,
      complete: true,
    });
  }));

Deno.test("GET /api/rooms and /api/search go on where the page before ended", () =>
  withApp(async (harness) => {
    for (const room of ["a", "b", "c"]) await fill(harness, room, `one ${room}`, `two ${room}`);
    const names: string[] = [];
    for (let after = "";;) {
      const query = after === "" ? "?limit=2" : `?limit=2&after=${after}`;
      const { rooms, complete } = await read(harness, `/api/rooms${query}`);
      names.push(...rooms.map(({ room }: { room: string }) => room));
      if (complete) break;
      after = names.at(-1) ?? "";
    }
    assertEquals(names, ["a", "b", "c"]);
    const { rooms } = await read(harness, "/api/rooms?content=b");
    assertEquals(rooms.map(({ room }: { room: string }) => room), ["b"]);
    const found: string[] = [];
    for (let before = "";;) {
      const { messages, complete, next } = await read(
        harness,
        `/api/search?q=one&limit=2${before}`,
      );
      found.push(...messages.map(({ content }: { content: string }) => content));
      if (complete) break;
      before = `&before=${next.time},${next.room},${next.seq}`;
    }
    assertEquals(found.sort(), ["one a", "one b", "one c"]);
  }));

Deno.test("GET /api/search finds messages in all rooms, or in one", () =>
  withApp(async (harness) => {
    await fill(harness, "one", "hello world");
    await fill(harness, "two", "hello again");
    const found = async (query: string) => {
      const { type, content, messages } = await read(harness, `/api/search?${query}`);
      assertEquals([type, content], ["search", "hello"]);
      return messages.map(({ room }: { room: string }) => room);
    };
    assertEquals((await found("q=hello")).sort(), ["one", "two"]);
    assertEquals(await found("q=hello&room=two"), ["two"]);
    assertEquals((await found("q=hello&limit=1")).length, 1);
  }));

/** Two in a direct conversation, and a third. */
async function converse({ hub }: AppHarness): Promise<{ ann: Person; bob: Person; cid: Person }> {
  const ann = await hub.enter("ann", { remember: true });
  const bob = await hub.enter("bob", { remember: true });
  const cid = await hub.enter("cid", { remember: true });
  ann.send({ type: "direct", to: "bob", content: "a secret" });
  await bob.next("user");
  return { ann, bob, cid };
}

Deno.test("GET messages reads a direct conversation for its two users, by name or by id, and for nobody else", () =>
  withApp(async (harness) => {
    const { ann, bob, cid } = await converse(harness);
    for (const [reader, other] of [[ann, bob], [bob, ann]] as const) {
      for (const room of [`@${other.user.id}`, `@${other.user.name}`]) {
        const path = `/api/rooms/${encodeURIComponent(room)}/messages`;
        const history = await read(harness, path, bearer(reader));
        assertEquals(history.room, `@${other.user.id}`);
        const [{ content, room: shown, by }] = history.messages;
        assertEquals([content, shown, by], ["a secret", `@${other.user.id}`, ann.user.id]);
      }
    }
    const inside = directRoom(ann.user.id, bob.user.id);
    for (
      const [room, headers] of [["@bob", {}], ["@bob", bearer(cid)], ["@ann", bearer(cid)]] as const
    ) {
      const path = `/api/rooms/${encodeURIComponent(room)}/messages`;
      assertEquals((await read(harness, path, headers)).messages, []);
    }
    const path = `/api/rooms/${encodeURIComponent(inside)}/messages`;
    for (const person of [ann, cid]) {
      const response = await harness.fetch(path, { headers: bearer(person) });
      assertEquals(await problemOf(response), [404, "no_such_user"]);
    }
  }));

Deno.test("GET /api/search finds what was said in direct conversations for their two users only", () =>
  withApp(async (harness) => {
    const { ann, bob, cid } = await converse(harness);
    const rooms = async (query: string, headers: HeadersInit) => {
      const { messages } = await read(harness, `/api/search?q=secret${query}`, headers);
      return messages.map(({ room }: { room: string }) => room);
    };
    for (const query of ["", "&room=%40bob"]) {
      assertEquals(await rooms(query, bearer(ann)), [`@${bob.user.id}`]);
    }
    assertEquals(await rooms("", cookie(bob)), [`@${ann.user.id}`]);
    assertEquals([await rooms("", bearer(cid)), await rooms("", {})], [[], []]);
    assertEquals(await rooms("&room=%40bob", bearer(cid)), []);
  }));

Deno.test("GET /api shows a private room to its members, and others as little as one that is not there", () =>
  withApp(async (harness) => {
    const bob = await harness.hub.enter("bob", { remember: true });
    const cid = await harness.hub.enter("cid", { remember: true });
    bob.send({ type: "create", room: "board", private: true }, { type: "user", content: "budget" });
    await bob.next("user");
    for (const headers of [bearer(bob), cookie(bob)]) {
      const { messages } = await read(harness, "/api/rooms/board/messages", headers);
      assertEquals(messages.length, 1);
      assertEquals((await read(harness, "/api/search?q=budget", headers)).messages, messages);
      const { rooms } = await read(harness, "/api/rooms", headers);
      assertEquals(rooms.map(({ room }: { room: string }) => room).sort(), ["board", "lobby"]);
    }
    for (const headers of [{}, bearer(cid), bearer(SECRET)]) {
      const [board, nowhere] = [
        await read(harness, "/api/rooms/board/messages", headers),
        await read(harness, "/api/rooms/nowhere/messages", headers),
      ];
      assertEquals({ ...board, room: "" }, { ...nowhere, room: "" });
      assertEquals((await read(harness, "/api/search?q=budget", headers)).messages, []);
      assertEquals((await read(harness, "/api/search?q=budget&room=board", headers)).messages, []);
      const { rooms } = await read(harness, "/api/rooms", headers);
      assertEquals(rooms.map(({ room }: { room: string }) => room), ["lobby"]);
    }
  }));

Deno.test("GET /api answers nothing without a session on a server for members", () =>
  withApp(async ({ fetch, hub }) => {
    const ann = await hub.enter("ann");
    for (const path of ["/api/rooms", "/api/rooms/lobby/messages", "/api/search?q=x"]) {
      assertEquals(await problemOf(await fetch(path)), [401, "unauthorized"]);
      const response = await fetch(path, { headers: cookie(ann) });
      await response.body?.cancel();
      assertEquals(response.status, 200);
    }
  }, { access: "members" }));

const REFUSED: readonly [path: string, code: string][] = [
  ["/api/rooms/Lobby/messages", "bad_room"],
  ["/api/rooms/..%2Fetc/messages", "bad_room"],
  ["/api/rooms/lobby/messages?limit=0", "bad_message"],
  ["/api/rooms/lobby/messages?limit=-1", "bad_message"],
  ["/api/rooms/lobby/messages?limit=201", "bad_message"],
  ["/api/rooms/lobby/messages?limit=ten", "bad_message"],
  ["/api/rooms/lobby/messages?limit=", "bad_message"],
  ["/api/rooms/lobby/messages?limit=1e1", "bad_message"],
  ["/api/rooms/lobby/messages?before=1.5", "bad_message"],
  ["/api/rooms/lobby/messages?after=99999999999999999999", "bad_message"],
  ["/api/search", "bad_message"],
  ["/api/search?q=", "bad_message"],
  [`/api/search?q=${"x".repeat(257)}`, "bad_message"],
  ["/api/search?q=x&room=%00", "bad_room"],
];

for (const [path, code] of REFUSED) {
  Deno.test(`GET ${path.slice(0, 60)} is refused`, () =>
    withApp(async ({ fetch }) => {
      assertEquals(await problemOf(await fetch(path)), [400, code]);
    }));
}

const SITES: readonly [status: number, headers: Record<string, string>][] = [
  [200, {}],
  [200, { "sec-fetch-site": "none" }],
  [200, { "sec-fetch-site": "same-origin" }],
  [200, { origin: ORIGIN, host: "localhost:8080" }],
  [200, { origin: "https://allowed.example", "sec-fetch-site": "cross-site" }],
  [403, { "sec-fetch-site": "cross-site" }],
  [403, { "sec-fetch-site": "same-site" }],
  [403, { origin: "https://example.org", host: "localhost:8080" }],
  [403, { origin: "null", host: "localhost:8080" }],
];

for (const [status, headers] of SITES) {
  Deno.test(`GET /api answers ${status} to ${JSON.stringify(headers)}`, () =>
    withApp(async ({ fetch }) => {
      for (const path of ["/api/rooms", "/api/rooms/lobby/messages", "/api/search?q=x"]) {
        const response = await fetch(path, { headers });
        await response.body?.cancel();
        assertEquals(response.status, status);
      }
    }, { allowOrigins: { kind: "listed", origins: new Set(["https://allowed.example"]) } }));
}

Deno.test("GET /api answers 503 if the store cannot be read", async () => {
  const store = createMemoryStore();
  const fail = () => Promise.reject(new Error("disk"));
  Object.assign(store, { read: fail, rooms: fail, search: fail });
  await withApp(async ({ fetch }) => {
    for (const path of ["/api/rooms", "/api/rooms/lobby/messages", "/api/search?q=x"]) {
      assertEquals(await problemOf(await fetch(path)), [503, "unavailable"]);
    }
  }, { store });
});

Deno.test("GET /api serves at most 16 reads of one address at a time", async () => {
  const store = createMemoryStore();
  const gate = Promise.withResolvers<void>();
  const { read: readNow } = store;
  store.read = (...range) => gate.promise.then(() => readNow.apply(store, range));
  await withApp(async ({ fetch }) => {
    const path = "/api/rooms/lobby/messages";
    const waiting = Array.from({ length: 16 }, () => fetch(path));
    assertEquals(await problemOf(await fetch(path)), [429, "rate_limited"]);
    gate.resolve();
    for (const response of await Promise.all(waiting)) {
      assertEquals(response.status, 200);
      await response.body?.cancel();
    }
    assertEquals((await fetch("/api/rooms")).status, 200);
  }, { store });
});
