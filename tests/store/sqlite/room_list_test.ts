/** Long lists of rooms. */
import { assertEquals } from "../../support/assert.ts";
import { connectReader } from "../../../sqlite/connect.ts";
import { RoomList } from "../../../store/sqlite/room_list.ts";
import type { Task } from "../../../store/sqlite/turns.ts";
import type { RoomsQuery } from "../../../store/store.ts";
import { message } from "../conformance.ts";
import { type Setup, withSetup } from "./search_setup.ts";

/** Runs a task to its end; returns its result and how often it yielded. */
function finish<T>(task: Task<T>): { result: T; yields: number } {
  for (let yields = 0;; yields++) {
    const { done, value } = task.next(0);
    if (done) return { result: value, yields };
  }
}

function listAll(setup: Setup, query: RoomsQuery): { names: string[]; pages: number } {
  const db = connectReader(setup.path("hubbub.db"));
  const list = new RoomList(db);
  const names: string[] = [];
  for (let after = "", pages = 1;; pages++) {
    const { rooms, complete } = finish(list.page({ ...query, after })).result;
    names.push(...rooms.map(({ room }) => room));
    after = rooms.at(-1)?.room ?? after;
    if (!complete) continue;
    db.close();
    return { names, pages };
  }
}

const rooms = Array.from({ length: 2000 }, (_, index) => `r${index}`);
const direct = Array.from({ length: 1000 }, (_, index) => `@a:${index}`);

Deno.test("RoomList.page() lists thousands of rooms, at most 200 on a page", () =>
  withSetup((setup) => {
    setup.writer.commit([...rooms, ...direct].map((name) => message(name, "x")));
    const sorted = rooms.toSorted();
    assertEquals(listAll(setup, { limit: 1000 }), { names: sorted, pages: 10 });
    const found = listAll(setup, { limit: 200, containing: "99" });
    assertEquals(found.names, sorted.filter((name) => name.includes("99")));
    assertEquals(listAll(setup, { limit: 200, also: "all" }).names, [...rooms, ...direct].sort());
    const also = [...direct.slice(0, 700), "r5", "unknown", "@unknown"];
    assertEquals(listAll(setup, { limit: 200, also }).names, [
      ...direct.slice(0, 700).sort(),
      ...sorted,
    ]);
    return Promise.resolve();
  }));

Deno.test("RoomList.page() can be interrupted, however many rooms it leaves out", () =>
  withSetup((setup) => {
    setup.writer.commit(rooms.map((name) => message(name, "x")));
    const db = connectReader(setup.path("hubbub.db"));
    const { result, yields } = finish(new RoomList(db).page({ limit: 10, containing: "none" }));
    db.close();
    assertEquals(result, { rooms: [], complete: true });
    assertEquals(yields >= 7, true, `${yields}`);
    return Promise.resolve();
  }));

Deno.test("RoomList.page() leaves out what retention has emptied", () =>
  withSetup((setup) => {
    setup.writer.commit(rooms.map((name) => message(name, "x")));
    setup.retain(0);
    setup.writer.commit([message("r7", "y", { time: 5 })]);
    const db = connectReader(setup.path("hubbub.db"));
    const { result } = finish(new RoomList(db).page({ limit: 10 }));
    db.close();
    assertEquals(result, { rooms: [{ room: "r7", last: 2, time: 5 }], complete: true });
    return Promise.resolve();
  }));
