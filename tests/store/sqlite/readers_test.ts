/** The readers of a store: history waits neither for searches nor for lists. */
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { join } from "node:path";
import { message } from "../conformance.ts";
import { openStore, withDir } from "./harness.ts";

/** Searches that take long: every message has the words, and none the phrase. */
const SLOW = { text: { words: [], phrases: [["bee", "ant"]] }, limit: 50 };

Deno.test("SqliteStore.read() is answered before the searches and lists that were asked for before it", () =>
  withDir(async (dir) => {
    const store = await openStore(dir, { sync: "off" });
    const batch = () =>
      Array.from({ length: 500 }, (_, index) => message(`room-${index % 200}`, "ant bee"));
    for (let number = 0; number < 10; number++) await store.commit(batch());
    while (!(await store.search({ ...SLOW, limit: 1 })).indexed);
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    const slow = Array.from({ length: 20 }, (_, index) => [
      store.search({ ...SLOW, user: `user-${index}` }).then(note("search")),
      store.rooms({ limit: 200, containing: "none" }).then(note("rooms")),
    ]);
    await store.read("room-1", { limit: 50 }).then(note("read"));
    await store.unread({ user: "u", name: "u", rooms: [] }).then(note("unread"));
    await store.roomsState().then(note("state"));
    const before = order.indexOf("state");
    await Promise.all(slow.flat());
    assertEquals(order.length, 43);
    assert(before < 20, order.join(" "));
    await store.close();
  }));

Deno.test("SqliteStore.read() works when the index cannot be opened, and search says why it does not", () =>
  withDir(async (dir) => {
    Deno.mkdirSync(join(dir, "search.db"));
    const warnings: unknown[] = [];
    const logger = {
      warn: (_: string, { reason }: Record<string, unknown>) => warnings.push(reason),
    };
    const store = await openStore(dir, { logger });
    await store.commit([message("lobby", "apple")]);
    assertEquals((await store.read("lobby", { limit: 5 })).last, 1);
    assertEquals((await store.rooms({ limit: 5 })).rooms.length, 1);
    await assertRejects(() => store.search(SLOW), Error, "unable to open");
    Deno.removeSync(join(dir, "search.db"));
    assertEquals((await store.search(SLOW)).messages, []);
    await store.close();
    assertEquals(warnings.length, 1, `${warnings}`);
  }));
