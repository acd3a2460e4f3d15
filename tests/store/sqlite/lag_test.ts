import { assertEquals } from "../../support/assert.ts";
import { Lag } from "../../../store/sqlite/lag.ts";

Deno.test("Lag.at() tells how long the oldest thing has been waiting", () => {
  const lag = new Lag();
  assertEquals(lag.at(1000), 0);
  lag.mark({ nextId: 10, change: 0 }, 1000);
  lag.mark({ nextId: 20, change: 3 }, 1500);
  assertEquals(lag.at(2000), 1000);
  lag.reached({ nextId: 9, change: 5 });
  assertEquals(lag.at(2000), 1000);
  lag.reached({ nextId: 10, change: 0 });
  assertEquals(lag.at(2000), 500);
  lag.reached({ nextId: 30, change: 2 });
  assertEquals(lag.at(2000), 500);
  lag.reached({ nextId: 30, change: 3 });
  assertEquals(lag.at(2000), 0);
});

Deno.test("Lag.restart() counts from long ago", () => {
  const lag = new Lag();
  lag.mark({ nextId: 10, change: 0 }, 1000);
  lag.restart({ nextId: 10, change: 0 });
  assertEquals(lag.at(1001), Infinity);
  lag.mark({ nextId: 12, change: 0 }, 1002);
  lag.reached({ nextId: 10, change: 0 });
  assertEquals(lag.at(1005), 3);
});

Deno.test("Lag.at() tells of the newest things too, however many are waiting", () => {
  const lag = new Lag();
  for (let nextId = 1; nextId <= 1000; nextId++) lag.mark({ nextId, change: 0 }, nextId);
  lag.reached({ nextId: 999, change: 0 });
  assertEquals(lag.at(2000) > 1000, true);
  lag.reached({ nextId: 1000, change: 0 });
  assertEquals(lag.at(2000), 0);
});
