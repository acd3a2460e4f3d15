import fc from "fast-check";
import { assertEquals } from "../support/assert.ts";
import { Heights } from "../../static/logic/heights.js";

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

Deno.test("Heights agrees with adding up a list, whatever is done to it", () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 99 }) }),
    fc.record({ set: fc.nat(), to: fc.integer({ min: 1, max: 99 }) }),
    fc.constant({ pop: true }),
    fc.record({ prepend: fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 5 }) }),
  );
  const start = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 40 });
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 60 }), fc.nat(6_000), (first, steps, y) => {
      const model = [...first];
      const heights = new Heights();
      heights.reset(first);
      for (const step of steps) {
        if ("push" in step) {
          model.push(step.push);
          heights.push(step.push);
        } else if ("prepend" in step) {
          model.unshift(...step.prepend);
          heights.prepend(step.prepend);
        } else if ("pop" in step) {
          if (model.length === 0) continue;
          model.pop();
          heights.pop();
        } else if (model.length > 0) {
          model[step.set % model.length] = step.to;
          heights.set(step.set % model.length, step.to);
        }
      }
      assertEquals(heights.total, sum(model));
      for (let i = 0; i <= model.length; i++) {
        assertEquals(heights.offset(i), sum(model.slice(0, i)));
      }
      let index = 0;
      while (index < model.length - 1 && sum(model.slice(0, index + 1)) <= y) index++;
      assertEquals(heights.indexAt(y), index);
    }),
  );
});

Deno.test("Heights.window() holds exactly the rows that overlap the range", () => {
  const heights = new Heights();
  assertEquals(heights.window(0, 100), { from: 0, to: 0 });
  heights.reset([10, 20, 30, 40]);
  assertEquals(heights.window(0, 5), { from: 0, to: 1 });
  assertEquals(heights.window(10, 29), { from: 1, to: 2 });
  assertEquals(heights.window(-50, 35), { from: 0, to: 3 });
  assertEquals(heights.window(95, 1_000), { from: 3, to: 4 });
});
