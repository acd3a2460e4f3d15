/** The search index across restarts, crashes, losses and damage. */
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { DatabaseSync } from "node:sqlite";
import { indexQuery } from "../../../store/sqlite/index_terms.ts";
import { compileText } from "../../../store/terms.ts";
import { ANN } from "../conformance.ts";
import { withSetup } from "./search_setup.ts";

Deno.test("SearchReader catches up with what was written while it was closed", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one");
    assertEquals(await setup.find("apple"), ["apple one"]);
    setup.say("lobby", ...Array.from({ length: 999 }, (_, index) => `pear ${index}`), "apple two");
    await setup.reopen();
    assertEquals(await setup.find("apple"), ["apple two", "apple one"]);
    assertEquals((await setup.search("pear", { limit: 2000 })).messages.length, 999);
  }));

Deno.test("SearchReader recreates a deleted index", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one", "apple two");
    assertEquals(await setup.find("apple"), ["apple two", "apple one"]);
    setup.writer.commit([
      { kind: "edit", room: "lobby", seq: 1, content: "fig", time: 1, by: ANN },
    ]);
    await setup.close();
    Deno.removeSync(setup.path("search.db"));
    setup.open();
    assertEquals(await setup.search("apple"), { messages: [], indexed: false });
    assertEquals(await setup.find("apple"), ["apple two"]);
    assertEquals(await setup.find("fig"), ["fig"]);
    assertEquals((await setup.search("fig")).indexed, true);
  }));

Deno.test("SearchReader recreates an index that is not a database, or has another format or epoch", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple");
    const spoil = (sql: string) => {
      const db = new DatabaseSync(setup.path("search.db"));
      db.exec(sql);
      db.close();
    };
    const wrongs = [
      () => Deno.writeTextFileSync(setup.path("search.db"), "no database ".repeat(1000)),
      () => spoil("PRAGMA user_version = 99"),
      () => spoil("UPDATE state SET epoch = 'another'"),
      () => spoil("DROP TABLE state"),
      () => spoil("UPDATE state SET next = 1000"),
      () => spoil("UPDATE state SET change = 1000"),
    ];
    for (const wrong of wrongs) {
      assertEquals(await setup.find("apple"), ["apple"]);
      await setup.close();
      wrong();
      spoilEntries(setup.path("search.db"));
      setup.open();
    }
    assertEquals(await setup.find("apple"), ["apple"]);
  }));

/** Removes the entries of an index, if it has any: finding them again proves that it was recreated. */
function spoilEntries(path: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec("DELETE FROM entries_1");
  } catch {
    // No longer a database.
  }
  db.close();
}

Deno.test("SearchReader recreates an index that missed changes which are gone", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one", "apple two");
    await setup.update();
    await setup.close();
    Deno.copyFileSync(setup.path("search.db"), setup.path("old.db"));
    setup.open();
    setup.writer.commit([{ kind: "delete", room: "lobby", seq: 1, by: ANN }]);
    await setup.update();
    setup.say("lobby", "this commit removes the change");
    await setup.close();
    Deno.copyFileSync(setup.path("old.db"), setup.path("search.db"));
    setup.open();
    await setup.update();
    assertEquals(setup.entries("apple"), [2]);
    assertEquals(await setup.find("apple"), ["apple two"]);
  }));

Deno.test("SearchReader indexes edits, deletions and removals of messages that it has and has not indexed", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple 1", "apple 2", "apple 3", "apple 4");
    await setup.update();
    setup.say("lobby", "apple 5", "apple 6");
    setup.writer.commit([
      { kind: "edit", room: "lobby", seq: 2, content: "fig 2", time: 1, by: ANN },
      { kind: "edit", room: "lobby", seq: 5, content: "fig 5", time: 1, by: ANN },
      { kind: "delete", room: "lobby", seq: 3, by: ANN },
      { kind: "delete", room: "lobby", seq: 6, by: ANN },
    ]);
    setup.retain(5);
    assertEquals(await setup.find("apple"), ["apple 4"]);
    assertEquals(await setup.find("fig"), ["fig 5", "fig 2"]);
    assertEquals(setup.posted, [{ kind: "indexed", change: 5 }]);
  }));

Deno.test("SearchReader marks what is in hidden rooms, whenever they become private or public", () =>
  withSetup(async (setup) => {
    const set = (room: string, isPrivate: boolean) =>
      setup.writer.commit([{ kind: "room", room, private: isPrivate, topic: "" }]);
    const hidden = async () => {
      await setup.update();
      return setup.entries('"#hidden"');
    };
    set("den", true);
    setup.say("den", "1");
    setup.say("lobby", "2");
    setup.say("@a:b", "3");
    setup.say("lobby", "4");
    assertEquals(await hidden(), [1, 3]);
    set("lobby", true);
    setup.say("lobby", "5");
    assertEquals(await hidden(), [1, 2, 3, 4, 5]);
    set("lobby", true);
    assertEquals(setup.writer.position().change, 2);
    set("den", false);
    set("lobby", false);
    assertEquals(await hidden(), [3]);
  }));

Deno.test("indexQuery() leaves it to the index to skip what is hidden", () => {
  const text = compileText({ words: ["sloe", "gin"], phrases: [] });
  const words = '"sloe"* AND "gin"*';
  const expression = (scope: Parameters<typeof indexQuery>[2], rest = {}) =>
    indexQuery(text, rest, scope).expression;
  assertEquals(expression({ also: [] }), `(${words}) NOT "#hidden"`);
  assertEquals(expression({ also: [5, 7] }), `(${words}) NOT ("#hidden" NOT ("#5" OR "#7"))`);
  assertEquals(expression({ only: [5, 7] }), `("#5" OR "#7") AND ${words}`);
  assertEquals(
    expression({ also: [] }, { by: ["Jo"], has: ["file"] }),
    `("#file" AND ("#u4a6f") AND ${words}) NOT "#hidden"`,
  );
  const none = compileText({ words: [], phrases: [] });
  assertEquals(indexQuery(none, {}, { also: [5] }).expression, '("#open" OR "#5")');
  const many = indexQuery(text, {}, { only: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  assertEquals(many, { expression: words, anyRoom: true });
});

Deno.test("SearchReader indexes hundreds of changes in steps", () =>
  withSetup(async (setup) => {
    setup.say("lobby", ...Array.from({ length: 300 }, (_, index) => `apple ${index}`));
    await setup.update();
    setup.writer.commit(
      Array.from({ length: 299 }, (_, index) => {
        return { kind: "delete", room: "lobby", seq: index + 1, by: ANN } as const;
      }),
    );
    assertEquals(await setup.find("apple"), ["apple 299"]);
    const db = new DatabaseSync(setup.path("hubbub.db"), { readOnly: true });
    const count = () => db.prepare("SELECT count(*) AS n FROM changes").get()?.["n"];
    assertEquals(count(), 299);
    setup.say("lobby", "a commit after the update removes the changes");
    assertEquals(count(), 0);
    db.close();
  }));

Deno.test("SearchReader does not find messages that changed since the last update", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one", "apple two");
    await setup.update();
    setup.writer.commit([
      { kind: "edit", room: "lobby", seq: 1, content: "fig", time: 1, by: ANN },
    ]);
    assertEquals((await setup.search("apple")).messages.map(({ seq }) => seq), [2]);
    setup.retain(0);
    assertEquals((await setup.search("apple")).messages, []);
  }));

Deno.test("SearchReader reports once that it is stuck, and recovers when it can", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple");
    Deno.mkdirSync(setup.path("search.db"));
    await setup.update();
    await setup.update();
    assertEquals(setup.posted.length, 1);
    assertEquals(setup.posted[0]?.kind, "stuck");
    await assertRejects(() => setup.search("apple"), Error, "unable to open");
    Deno.removeSync(setup.path("search.db"));
    assertEquals(await setup.find("apple"), ["apple"]);
    setup.posted = [];
    await setup.update();
    assertEquals(setup.posted, []);
  }));
