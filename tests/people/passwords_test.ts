import { Buffer } from "node:buffer";
import {
  checkPassword,
  DEFAULT_COST,
  type Derive,
  MAX_PASSWORD_LENGTH,
  Passwords,
} from "../../people/passwords.ts";
import { Refused } from "../../protocol.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { assertRefused, COST, PASSWORD, scryptCheaply } from "./people_harness.ts";

const passwords = new Passwords({ cost: COST });

Deno.test("Passwords.hash() makes a PHC string with the parameters and a salt of its own", async () => {
  const [one, other] = [await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)];
  assertMatch(one, /^\$scrypt\$ln=1,r=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert(one !== other);
});

Deno.test("Passwords.verify() tells the password from others", async () => {
  const hash = await passwords.hash(PASSWORD);
  assert(await passwords.verify(PASSWORD, hash));
  assert(!await passwords.verify(`${PASSWORD}!`, hash));
  assert(!await passwords.verify("", hash));
});

Deno.test("Passwords.verify() knows the vector of RFC 7914", async () => {
  const expected = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162" +
    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640";
  const phc = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
  const [salt, hash] = [new TextEncoder().encode("NaCl"), Buffer.from(expected, "hex")];
  assert(await passwords.verify("password", `$scrypt$ln=10,r=8,p=16$${phc(salt)}$${phc(hash)}`));
});

Deno.test("Passwords.verify() accepts a password however its characters are composed", async () => {
  const hash = await passwords.hash("caf\u00e9 au lait");
  assert(await passwords.verify("cafe\u0301\u00a0au lait", hash));
});

Deno.test("Passwords.verify() computes a hash for nobody too, and it is never right", async () => {
  const costs: unknown[] = [];
  const counted = new Passwords({
    cost: COST,
    derive: (_password, _salt, bytes, cost) => {
      costs.push(cost);
      return Promise.resolve(new Uint8Array(bytes));
    },
  });
  assert(!await counted.verify(PASSWORD, undefined));
  assertEquals(costs, [COST]);
});

Deno.test("Passwords.verify() rejects what is no hash, without repeating it", async () => {
  const error = await assertRejects(() => passwords.verify(PASSWORD, "$argon2id$x"), Error);
  assert(!error.message.includes("argon2id"));
});

Deno.test("Passwords.needsRehash() finds hashes of another cost", async () => {
  const hash = await passwords.hash(PASSWORD);
  assert(!passwords.needsRehash(hash));
  assert(new Passwords({ cost: { ...COST, p: 2 } }).needsRehash(hash));
  assert(new Passwords({ cost: { ...COST, ln: 2 } }).needsRehash(hash));
});

Deno.test("Passwords hashes with the default cost, which scrypt's bound of memory allows", async () => {
  const defaults = new Passwords();
  const hash = await defaults.hash(PASSWORD);
  assertMatch(hash, /^\$scrypt\$ln=15,r=8,p=3\$/);
  assert(!defaults.needsRehash(hash));
  assertEquals(DEFAULT_COST, { ln: 15, r: 8, p: 3 });
});

Deno.test("Passwords computes two hashes at a time, has 32 wait, and refuses more", async () => {
  const running: (() => void)[] = [];
  let started = 0;
  const derive: Derive = async (...input) => {
    started++;
    await new Promise<void>((resolve) => running.push(resolve));
    return scryptCheaply(...input);
  };
  const slow = new Passwords({ cost: COST, concurrency: 2, derive });
  const hashes = Array.from({ length: 34 }, () => slow.hash(PASSWORD));
  await settle();
  assertEquals(started, 2);
  const refused = await assertRefused("unavailable", () => slow.hash(PASSWORD));
  assert((refused.retryMs ?? 0) > 0);
  running.shift()?.();
  await hashes[0];
  await settle();
  assertEquals(started, 3);
  while (started < 34 || running.length > 0) {
    running.shift()?.();
    await settle();
  }
  assertEquals((await Promise.all(hashes)).length, 34);
  const after = slow.hash(PASSWORD);
  await settle();
  running.shift()?.();
  await after;
});

Deno.test("Passwords lets the next one in after one that failed", async () => {
  let calls = 0;
  const failing = new Passwords({
    cost: COST,
    derive: () => {
      calls++;
      return Promise.reject(new Error("no memory"));
    },
  });
  for (let i = 0; i < 5; i++) await assertRejects(() => failing.hash(PASSWORD), Error, "no memory");
  assertEquals(calls, 5);
});

Deno.test("checkPassword() allows 8 to 256 characters, whatever they are", () => {
  for (
    const password of [
      "12345678",
      "\u{1f600}".repeat(8),
      "x".repeat(MAX_PASSWORD_LENGTH),
      " ".repeat(8),
    ]
  ) checkPassword(password);
});

Deno.test("checkPassword() says what is allowed", () => {
  const cases: [string, string][] = [
    ["1234567", "8 to 256 characters"],
    ["\u{1f600}".repeat(7), "8 to 256 characters"],
    ["x".repeat(257), "8 to 256 characters"],
    ["12345678\ud800", "well-formed"],
    ["12345678\n", "control characters"],
  ];
  for (const [password, problem] of cases) {
    const refused = assertThrows(() => checkPassword(password), Refused, problem);
    assertEquals(refused.code, "bad_message");
    assert(!refused.message.includes(password));
  }
});
