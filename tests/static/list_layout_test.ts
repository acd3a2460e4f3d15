import fc from "fast-check";
import { assert, assertEquals } from "../support/assert.ts";
import { ListLayout } from "../../static/logic/list_layout.js";

interface Item {
  key: string;
}

const ESTIMATE = 20;
const VIEW = 100;

/** Items with these numbers as keys, each estimated at 20 pixels. */
function items(from: number, to: number): Item[] {
  return Array.from({ length: to - from }, (_, i) => ({ key: `${from + i}` }));
}

function layoutOf(list: Item[]): ListLayout<Item> {
  const layout = new ListLayout<Item>(() => ESTIMATE);
  layout.viewHeight = VIEW;
  layout.setItems(list);
  return layout;
}

/** How far below the top of the view a row is, in pixels. */
function position(layout: ListLayout<Item>, key: string): number {
  return layout.offset(layout.items.findIndex((item) => item.key === key)) - layout.top;
}

Deno.test("ListLayout follows the end of the list until the reader scrolls up", () => {
  const layout = layoutOf(items(0, 50));
  assert(layout.atEnd);
  const end = layout.top;
  layout.setItems(items(0, 51));
  assertEquals(layout.top, end + ESTIMATE);
  layout.scrolledTo(300);
  layout.setItems(items(0, 60));
  assertEquals([layout.atEnd, layout.top], [false, 300]);
  layout.goToEnd();
  assertEquals(position(layout, "59"), VIEW - ESTIMATE - 8);
});

Deno.test("ListLayout does not stick to the end of a list that goes on", () => {
  const layout = layoutOf(items(0, 50));
  layout.complete = false;
  layout.scrolledTo(layout.top);
  assert(!layout.atEnd);
  layout.complete = true;
  layout.scrolledTo(layout.top - 10);
  assert(layout.atEnd);
});

Deno.test("ListLayout keeps what the reader sees in place, whatever changes around it", () => {
  const change = fc.oneof(
    fc.record({ older: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ newer: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ height: fc.integer({ min: 1, max: 300 }), of: fc.nat(200) }),
  );
  fc.assert(fc.property(fc.array(change, { maxLength: 30 }), fc.nat(2_000), (changes, top) => {
    let [from, to] = [1_000, 1_200];
    const layout = layoutOf(items(from, to));
    layout.scrolledTo(top);
    const key = layout.items[layout.visible().first]?.key ?? "";
    const before = position(layout, key);
    for (const change of changes) {
      if ("older" in change) from -= change.older;
      else if ("newer" in change) to += change.newer;
      // The row itself may grow too: what the reader sees of it still begins at the same place.
      else layout.measure(change.of, change.height);
      layout.setItems(items(from, to));
    }
    // At the very end there may be nothing left to scroll.
    const isHeldBack = layout.top + VIEW >= layout.total;
    assert(isHeldBack || position(layout, key) === before);
  }));
});

Deno.test("ListLayout remembers measured heights while items come and go", () => {
  const layout = layoutOf(items(0, 10));
  assert(layout.measure(3, 70));
  assert(!layout.measure(3, 70));
  layout.setItems(items(5, 10));
  layout.setItems(items(0, 10));
  assertEquals(layout.offset(4) - layout.offset(3), 70);
  layout.clear();
  layout.setItems(items(0, 10));
  assertEquals(layout.total, 10 * ESTIMATE);
});

Deno.test("ListLayout.drawn() includes the rows around the view only", () => {
  const layout = layoutOf(items(0, 1_000));
  layout.goTo("500", 0);
  assertEquals(layout.visible(), { first: 500, last: 505 });
  const { from, to } = layout.drawn();
  assert(from < 500 && from > 400 && to > 505 && to < 600, `${from} to ${to}`);
});
