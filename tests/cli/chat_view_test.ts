import { createStyle } from "../../cli/chat/style.ts";
import { scroll, type ViewState } from "../../cli/chat/view.ts";
import { textWidth } from "../../cli/chat/width.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { draw, said, setUp, START, viewOf } from "./chat_state_fixture.ts";

const STYLES = new RegExp(`${"\x1b"}\\[[\\d;]*m`, "g");

Deno.test("drawView() shows what the authors are called now", () => {
  const { state, client, apply, hear } = setUp();
  hear(said(1, "hi"));
  apply({ type: "rename", room: "", from: "bo", by: "b", content: "bob", user_count: 1 });
  const { rows } = draw(state, { nameOf: (id, fallback) => client.nameOf(id, fallback) });
  assertStringIncludes(rows.at(-3) ?? "", "bob: hi");
});

Deno.test("drawView() marks names that mix alphabets, however little room there is", () => {
  const { state, hear } = setUp();
  const name = "\u0410nn" + "n".repeat(20);
  hear(said(1, "hi", { from: name }));
  state.current.users.add("ann").add(name);
  state.current.userCount = 2;
  assertStringIncludes(draw(state, { width: 80 }).rows[0] ?? "", `2 here: ann, ${name} ⚠`);
  assertStringIncludes(draw(state).rows.at(-3) ?? "", `${name} ⚠: hi`);
  assertStringIncludes(draw(state, { width: 20 }).rows.join("\n"), "… ⚠: ");
  hear(said(2, "hello"));
  assertStringIncludes(draw(state).rows.at(-3) ?? "", "bo: hello");
});

Deno.test("drawView() fills the screen exactly, whatever its size", () => {
  const { state, hear } = setUp();
  for (let seq = 1; seq < 30; seq++) hear(said(seq, "日本語 ".repeat(seq)));
  state.turnTo("kitchen");
  state.turnTo("lobby");
  for (const [width, height] of [[80, 24], [20, 5], [7, 3], [1, 1], [3, 2]] as const) {
    const line = "a long line being typed 日本語";
    const { rows, cursorRow, cursorColumn } = draw(state, {
      width,
      height,
      line,
      cursor: line.length,
      status: "offline, again in 3 s",
      hint: "a hint that is longer than the screen",
    });
    assertEquals(rows.length, height);
    assertEquals(cursorRow, height - 1);
    assert(cursorColumn < width);
    if (width < 7) continue;
    for (const row of rows) assert(textWidth(row) <= width, `${JSON.stringify(row)} in ${width}`);
  }
});

Deno.test("drawView() leaves nothing in any row that a terminal would obey but its own styles", () => {
  const { state, apply, hear } = setUp();
  const evil = "\x1b[2J\x9b\x07\u202e";
  hear(said(1, evil, { from: `x${evil}`, reactions: { [evil]: { count: 1, names: ["x"] } } }));
  hear(said(2, "re", { reply_to: 1 }));
  apply({ type: "typing", room: "lobby", from: evil, by: "e" });
  state.current.users.add(evil);
  state.current.userCount = 1;
  const { rows } = draw(state, { style: createStyle(true), status: "x", width: 60 });
  for (const row of rows) assert(!/[\p{Cc}\u202e]/u.test(row.replace(STYLES, "")), row);
});

Deno.test("drawView() shows the place of the cursor in a line that is too long", () => {
  const { state } = setUp();
  const line = "0123456789".repeat(10);
  const at = (cursor: number) => draw(state, { width: 20, line, cursor });
  assertEquals(at(0).rows.at(-1), "ann› 01234567890123…");
  assertEquals(at(0).cursorColumn, 5);
  assertEquals(at(100).rows.at(-1), "ann› 67890123456789");
  assertEquals(at(100).cursorColumn, 19);
});

Deno.test("drawView() shows what is said and not confirmed", () => {
  const { state } = setUp();
  state.current.pending.push({ text: "wait" });
  assertStringIncludes(draw(state).rows.at(-3) ?? "", "ann: wait …");
});

Deno.test("drawView() says who is typing, for as long as that is believed", () => {
  const { state, client, apply } = setUp();
  apply({ type: "typing", room: "lobby", from: "bo", by: "b" });
  const nameOf: ViewState["nameOf"] = (id, fallback) => client.nameOf(id, fallback);
  assertEquals(draw(state, { nameOf }).rows.at(-2), "bo is typing");
  assertEquals(draw(state, { nameOf, now: START + 5000 }).rows.at(-2), "");
});

Deno.test("drawView() shows unread messages of other rooms", () => {
  const { state, hear } = setUp();
  state.room("kitchen");
  hear(said(1, "@ann", { room: "kitchen" }));
  assertMatch(draw(state).rows[0] ?? "", /#kitchen 1! $/);
});

Deno.test("drawView() puts a line between two days", () => {
  const { state, hear } = setUp();
  hear(said(1, "a"));
  hear(said(2, "b", { time: START + 86_400_000 * 2 }));
  assertEquals(draw(state).rows.filter((row) => row.startsWith("──")).length, 1);
});

Deno.test("scroll() moves by rows, keeps its place when more comes, and ends at both ends", () => {
  const { state, hear } = setUp();
  for (let seq = 1; seq <= 20; seq++) hear(said(seq, `m${seq}`));
  const log = () => draw(state).rows.slice(1, 8).map((row) => row.slice(10));
  assertEquals(log().at(-1), "m20");
  assertEquals(scroll(viewOf(state), 5, 7), false);
  assertEquals(log(), ["m9", "m10", "m11", "m12", "m13", "m14", "m15"]);
  hear(said(21, "m21"));
  assertEquals(log().at(-1), "m15");
  assertStringIncludes(draw(state).rows.at(-2) ?? "", "6 more below");
  assertEquals(state.current.unread, 1);
  assertEquals(scroll(viewOf(state), 100, 7), true);
  assertEquals(log(), ["m1", "m2", "m3", "m4", "m5", "m6", "m7"]);
  scroll(viewOf(state), -3, 7);
  assertEquals(log().at(-1), "m10");
  scroll(viewOf(state), -100, 7);
  assertEquals([log().at(-1), state.current.bottom], ["m21", undefined]);
});

Deno.test("scroll() goes through an entry that is taller than the screen", () => {
  const { state, hear } = setUp();
  const lines = Array.from({ length: 30 }, (_, i) => `line${i}`);
  hear(said(1, lines.join("\n")));
  const log = () => draw(state).rows.slice(1, 8).map((row) => /line\d+/.exec(row)?.[0]);
  assertEquals(log().at(-1), "line29");
  scroll(viewOf(state), 10, 7);
  assertEquals(log(), lines.slice(13, 20));
  assertEquals(scroll(viewOf(state), 100, 7), true);
  assertEquals(log(), lines.slice(0, 7));
});

Deno.test("scroll() has nowhere to go in a log that fits", () => {
  const { state, hear } = setUp();
  hear(said(1, "a"));
  assertEquals(scroll(viewOf(state), 5, 7), true);
  assertEquals(state.current.bottom, undefined);
});
