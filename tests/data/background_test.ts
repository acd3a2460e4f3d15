import { checkInBackground } from "../../data/background.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { alter, makeData, message, withFolder } from "./fixture.ts";

Deno.test("checkInBackground() finds nothing wrong while a server writes and removes", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const store = await openSqliteStore({ dir, sync: "off" });
    const { done } = checkInBackground(dir);
    let isDone = false;
    const problems = done.finally(() => isDone = true);
    for (let round = 1; !isDone; round++) {
      await store.commit([message("attic", `said meanwhile ${round}`)]);
      await store.retain({ maxMessages: 50 }, Date.now());
    }
    await store.close();
    assertEquals(await problems, { problems: [] });
  }));

Deno.test("checkInBackground() says what is wrong and what to do, in one line", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    alter(dir, "UPDATE runs SET messages = '[' WHERE number = 1");
    const [line, ...more] = (await checkInBackground(dir).done).problems;
    assertEquals(more, []);
    assertMatch(
      line ?? "",
      /hubbub\.db .* is damaged: messages 1 to 20 of room 1 cannot be read; see/,
    );
  }));

Deno.test("checkInBackground() can be stopped", () =>
  withFolder(async (dir) => {
    await makeData(dir);
    const check = checkInBackground(dir);
    check.stop();
    check.stop();
    assertEquals(await check.done, { problems: [] });
  }));
