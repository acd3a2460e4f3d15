import { Attempts } from "../../people/attempts.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { assertRefused, HOUR } from "./people_harness.ts";

const ANN = { name: "Ann", ip: "192.0.2.1" };

/** Attempts with a clock that is set by hand. */
class Guesser {
  time = 0;
  readonly attempts = new Attempts({ now: () => this.time });

  async fail(who: { name?: string; ip: string }, times = 1): Promise<void> {
    for (let i = 0; i < times; i++) await this.attempts.run(who, () => Promise.resolve(false));
  }

  async succeed(who: { name?: string; ip: string }): Promise<void> {
    await this.attempts.run(who, () => Promise.resolve(true));
  }

  /** The delay that an attempt would meet, in milliseconds; 0 if it is made. */
  async delay(who: { name?: string; ip: string }): Promise<number> {
    let retryMs = 0;
    await this.attempts.run(who, () => Promise.resolve(undefined)).catch((error) => {
      assertEquals(error.code, "rate_limited");
      retryMs = error.retryMs;
    });
    return retryMs;
  }

  /** Fails again and again, each time as soon as it may. Returns the last delay. */
  async persist(who: { name?: string; ip: string }, times: number): Promise<number> {
    let delay = 0;
    for (let i = 0; i < times; i++) {
      await this.fail(who);
      this.time += delay = await this.delay(who);
    }
    return delay;
  }
}

Deno.test("Attempts delays a name from an address after five failures: 1 s, doubling, at most 15 min", async () => {
  const guesser = new Guesser();
  await guesser.fail(ANN, 5);
  const delays: number[] = [];
  for (let i = 0; i < 12; i++) {
    const delay = await guesser.delay(ANN);
    delays.push(delay / 1000);
    guesser.time += delay;
    await guesser.fail(ANN);
  }
  assertEquals(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

Deno.test("Attempts refuses before the attempt is made, and says when to try again", async () => {
  const guesser = new Guesser();
  await guesser.fail(ANN, 5);
  let made = false;
  const refused = await assertRefused("rate_limited", () =>
    guesser.attempts.run(ANN, () => {
      made = true;
      return Promise.resolve(true);
    }));
  assert(!made);
  assertEquals(refused.retryMs, 1000);
  assert(refused.message.includes("1 s"));
});

Deno.test("Attempts takes different spellings of a name for one", async () => {
  const guesser = new Guesser();
  await guesser.fail(ANN, 5);
  assertEquals(await guesser.delay({ ...ANN, name: "ANN" }), 1000);
  assertEquals(await guesser.delay({ ...ANN, name: "Ben" }), 0);
});

Deno.test("Attempts counts attempts from their beginning, so that many at once gain nothing", async () => {
  const guesser = new Guesser();
  let made = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, () =>
      guesser.attempts.run(ANN, async () => {
        made++;
        await Promise.resolve();
        return false;
      })),
  );
  assertEquals(made, 5);
  assertEquals(results.filter(({ status }) => status === "rejected").length, 45);
});

Deno.test("Attempts forgets after an hour of peace", async () => {
  const guesser = new Guesser();
  await guesser.persist(ANN, 14);
  guesser.time += HOUR + 1;
  await guesser.fail(ANN, 4);
  assertEquals(await guesser.delay(ANN), 0);
});

Deno.test("Attempts clears what was counted for a name when the password is right", async () => {
  const guesser = new Guesser();
  await guesser.fail(ANN, 4);
  await guesser.succeed(ANN);
  await guesser.fail(ANN, 4);
  assertEquals(await guesser.delay(ANN), 0);
});

Deno.test("Attempts delays an address that tries many names, however often it signs in itself", async () => {
  const guesser = new Guesser();
  const own = { name: "Mallory", ip: ANN.ip };
  for (let i = 0; i < 20; i++) {
    await guesser.fail({ name: `user ${i}`, ip: ANN.ip });
    if (i < 19) await guesser.succeed(own);
  }
  assertEquals(await guesser.delay({ name: "one more", ip: ANN.ip }), 1000);
  assertEquals(await guesser.delay({ name: "one more", ip: "192.0.2.2" }), 0);
});

Deno.test("Attempts delays a name that is tried from many addresses, by half a minute at most", async () => {
  const guesser = new Guesser();
  for (let i = 0; i < 20; i++) await guesser.fail({ name: "Ann", ip: `198.51.100.${i}` });
  assertEquals(await guesser.delay(ANN), 1000);
  for (let i = 20; i < 40; i++) {
    const who = { name: "Ann", ip: `198.51.100.${i}` };
    guesser.time += await guesser.delay(who);
    await guesser.fail(who);
  }
  assertEquals(await guesser.delay(ANN), 30_000);
});

Deno.test("Attempts lets no stranger lock a user out of where the right password came from", async () => {
  const guesser = new Guesser();
  await guesser.succeed(ANN);
  for (let i = 0; i < 40; i++) {
    const who = { name: "Ann", ip: `198.51.100.${i}` };
    guesser.time += await guesser.delay(who);
    await guesser.fail(who);
  }
  assertEquals(await guesser.delay(ANN), 0);
});

Deno.test("Attempts counts an IPv6 client by its network of 64 bits", async () => {
  const guesser = new Guesser();
  await guesser.fail({ name: "Ann", ip: "2001:db8:1:2::1" }, 5);
  assertEquals(await guesser.delay({ name: "Ann", ip: "2001:db8:1:2:ffff::9" }), 1000);
  assertEquals(await guesser.delay({ name: "Ann", ip: "2001:db8:1:3::1" }), 0);
  await guesser.fail({ name: "Ben", ip: "2001:db8::1" }, 5);
  assertEquals(await guesser.delay({ name: "Ben", ip: "2001:db8:0:0:1::" }), 1000);
});

Deno.test("Attempts counts clients without an address by the name only", async () => {
  const guesser = new Guesser();
  await guesser.fail({ name: "Ann", ip: "" }, 20);
  assertEquals(await guesser.delay({ name: "Ann", ip: "" }), 1000);
  assertEquals(await guesser.delay({ name: "Ben", ip: "" }), 0);
});

Deno.test("Attempts does not count an attempt that rejects or compares nothing", async () => {
  const guesser = new Guesser();
  const fail = () => Promise.reject(new Error("busy"));
  for (let i = 0; i < 10; i++) {
    await assertRejects(() => guesser.attempts.run(ANN, fail), Error, "busy");
    await guesser.attempts.run(ANN, () => Promise.resolve(undefined));
  }
  assertEquals(await guesser.delay(ANN), 0);
});

Deno.test("Attempts remembers a bounded number of names", async () => {
  const guesser = new Guesser();
  await guesser.fail({ name: "Ann", ip: "" }, 20);
  for (let i = 0; i < 10_000; i++) await guesser.fail({ name: `user ${i}`, ip: "" });
  assertEquals(await guesser.delay({ name: "Ann", ip: "" }), 0);
});
