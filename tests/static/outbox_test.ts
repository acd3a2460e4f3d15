import { assertEquals } from "../support/assert.ts";
import { Outbox } from "../../static/chat/outbox.js";

type Item = Parameters<Outbox["add"]>[0];

function item(id: string, key = "tea"): Item {
  return { id, key, type: "user", content: id, time: 0, state: "waiting" };
}

function outbox(...items: Item[]) {
  const kept: { items: Item[] } = { items };
  return { box: new Outbox(items, (changed) => kept.items = changed), kept };
}

const ids = (items: Item[]) => items.map(({ id }) => id);
const always = () => true;

Deno.test("Outbox.take() gives one of each conversation at a time, in order", () => {
  const { box } = outbox(item("1"), item("2"), item("3", "coffee"));
  assertEquals(ids(box.take(always)), ["1", "3"]);
  assertEquals(ids(box.take(always)), []);
  box.confirm("1");
  assertEquals(ids(box.take(always)), ["2"]);
});

Deno.test("Outbox.take() leaves rooms that are not entered yet", () => {
  const { box } = outbox(item("1"), item("2", "coffee"));
  assertEquals(ids(box.take((key) => key === "coffee")), ["2"]);
});

Deno.test("Outbox gives the same again after the line broke", () => {
  const { box } = outbox(item("1"), item("2"));
  box.take(always);
  box.lost();
  assertEquals(ids(box.take(always)), ["1"]);
});

Deno.test("Outbox.postpone() keeps the order", () => {
  const { box } = outbox(item("1"), item("2"));
  box.take(always);
  box.postpone("1");
  assertEquals(ids(box.take(always)), ["1"]);
});

Deno.test("Outbox.fail() lets the next one go and keeps the failed one to be retried", () => {
  const { box, kept } = outbox(item("1"), item("2"));
  box.take(always);
  box.fail("1", "too_long");
  assertEquals(kept.items.map(({ state, problem }) => [state, problem]), [
    ["failed", "too_long"],
    ["waiting", undefined],
  ]);
  assertEquals(ids(box.take(always)), ["2"]);
  box.confirm("2");
  box.retry("1");
  assertEquals(ids(box.take(always)), ["1"]);
  assertEquals(kept.items, [item("1")]);
});

Deno.test("Outbox.discard() forgets and lets the next one go", () => {
  const { box, kept } = outbox(item("1"), item("2"));
  box.take(always);
  box.discard("1");
  assertEquals(ids(kept.items), ["2"]);
  assertEquals(ids(box.take(always)), ["2"]);
});
