/**
 * What one request makes others receive: in proportion to the request, and never megabytes, whatever there is
 * in the room. Each row is the most bytes that each of the others in each room may get for one request.
 */
import { MAX_EMOJI, MAX_OWN_EMOJI } from "../../store/store.ts";
import { assert, assertEquals, assertObjectMatch } from "../support/assert.ts";
import { HubHarness, type Person } from "../support/hub_harness.ts";
import { createMemoryStore } from "../../store/memory/store.ts";

/** As many as a list of names may have. */
const PEOPLE = 100;

/** Rooms that one of them is in, with somebody else in each. */
const ROOMS = 100;

/** A name of the greatest length. */
function longName(index: number): string {
  return `漢${String(index).padStart(3, "0")}`.padEnd(32, "字");
}

/** Bytes that have been sent to a person. */
function bytesTo({ socket }: Person): number {
  let bytes = 0;
  for (const frame of socket.sent) {
    bytes += typeof frame === "string" ? new TextEncoder().encode(frame).length : frame.byteLength;
  }
  return bytes;
}

/** The most bytes that one of the others is sent while somebody does something. */
async function most(
  harness: HubHarness,
  others: readonly Person[],
  act: () => void | Promise<unknown>,
): Promise<number> {
  await harness.settled();
  const before = others.map(bytesTo);
  await act();
  await harness.settled();
  return Math.max(...others.map((other, index) => bytesTo(other) - (before[index] ?? 0)));
}

/** A room as full as lists of names go, with a message that has as many reactions as it may have. */
async function makeCrowd(options: { plain?: boolean } = {}) {
  const store = createMemoryStore();
  const harness = new HubHarness({ store });
  const owner = await harness.enter(longName(0), { remember: true });
  owner.send({ type: "create", room: "hall", id: "hall" });
  await owner.answerTo("hall");
  const people: Person[] = [];
  for (let index = 1; index < PEOPLE; index++) {
    const person = harness.connect(options);
    person.send({ type: "login", content: longName(index), room: "hall", remember: true });
    await person.loggedIn();
    people.push(person);
  }
  owner.say("first", "hall");
  await owner.answerTo("first");
  await harness.settled();
  const reactions = Array.from(
    { length: MAX_EMOJI },
    (_, emoji) =>
      people.slice(emoji % 2 === 0 ? 0 : 50).slice(0, 20).map(({ user }) => ({
        kind: "react" as const,
        room: "hall",
        seq: 1,
        by: `${user.id}-${Math.floor(emoji / MAX_OWN_EMOJI)}`,
        from: user.name,
        emoji: String.fromCodePoint(0x1f300 + emoji),
      })),
  );
  await store.commit(reactions.flat());
  return { harness, owner, people };
}

/** What each of the others may be sent for a request, in bytes; a text that it says comes on top. */
const BOUNDS: readonly (readonly [what: string, bound: number, request: object])[] = [
  ["typing", 200, { type: "typing", room: "hall" }],
  ["user", 400, { type: "user", room: "hall", content: "x", id: "u" }],
  ["reply", 400, { type: "user", room: "hall", content: "x", reply_to: 1 }],
  ["react", 400, { type: "react", room: "hall", seq: 1, content: "\u{1f300}", id: "r" }],
  ["edit", 400, { type: "edit", room: "hall", seq: 1, content: "y", id: "e" }],
  ["topic", 400, { type: "topic", room: "hall", content: "x", id: "t" }],
  ["role", 600, { type: "role", room: "hall", user: longName(1), content: "moderator" }],
  ["remove", 1200, { type: "remove", room: "hall", user: longName(2) }],
  ["invite", 600, { type: "invite", room: "hall", user: longName(2) }],
  ["direct", 600, { type: "direct", to: longName(3), content: "x" }],
  ["rename", 500, { type: "rename", content: `${"漢".repeat(31)}新` }],
  ["delete", 400, { type: "delete", room: "hall", seq: 1, id: "d" }],
  // What only the requester sees.
  ["users", 0, { type: "users", room: "hall", all: true }],
  ["history", 0, { type: "history", room: "hall" }],
  ["search", 0, { type: "search", content: "y" }],
  ["rooms", 0, { type: "rooms" }],
  ["read", 0, { type: "read", room: "hall", seq: 1 }],
  ["ping", 0, { type: "ping" }],
  // The first connection of a user that enters, and the last that leaves.
  ["leave", 500, { type: "leave", room: "lobby" }],
  ["join", 500, { type: "join", room: "lobby" }],
  ["logout", 500, { type: "logout" }],
  ["login", 500, { type: "login", content: longName(999), room: "hall" }],
];

for (const [subprotocol, plain, factor] of [["hubbub.v1", false, 1], ["none", true, 12]] as const) {
  Deno.test(`Hub answers in proportion: no request is much for each of the others, subprotocol ${subprotocol}`, async () => {
    const { harness, owner, people } = await makeCrowd({ plain });
    await using _harness = harness;
    for (const [what, bound, request] of BOUNDS) {
      const others = people.filter(({ socket }) => socket.closed === undefined);
      const bytes = await most(harness, others, () => owner.send(request));
      assert(bytes <= bound * factor, `${what}: ${bytes} bytes`);
    }
  });
}

Deno.test("Hub answers in proportion: a rename in a hundred rooms, and leaving them all", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter(longName(0), { room: "room-0" });
  const others: Person[] = [];
  for (let index = 0; index < ROOMS; index++) {
    if (index > 0) ann.send({ type: "join", room: `room-${index}` });
    others.push(await harness.enter(longName(index + 1), { room: `room-${index}` }));
  }
  const renamed = await most(harness, others, () => ann.send({ type: "rename", content: "ann" }));
  assert(renamed > 0 && renamed <= 500, `rename: ${renamed} bytes`);
  const left = await most(harness, others, () => ann.send({ type: "logout" }));
  assert(left > 0 && left <= 300, `logout: ${left} bytes`);
});

Deno.test("Hub answers in proportion: a storm of entries tells each newcomer of the others without lists", async () => {
  const { harness, people } = await makeCrowd();
  await using _harness = harness;
  const storm = people.slice(0, 50);
  for (const person of storm) person.send({ type: "leave", room: "hall" });
  const bytes = await most(
    harness,
    people,
    () => storm.forEach((person) => person.send({ type: "join", room: "hall" })),
  );
  // Its own entry has the list: a hundred names.
  assert(bytes <= 50 * 500 + PEOPLE * 110, `${bytes} bytes for 50 entries`);
});

Deno.test("rename() lets nobody rename all the time, and says when again", async () => {
  await using harness = new HubHarness({ rate: 1000, burst: 1000 });
  const ann = await harness.enter("ann");
  for (let index = 1; index <= 5; index++) {
    ann.send({ type: "rename", content: `ann${index}`, id: `${index}` });
    assertObjectMatch(await ann.answerTo(`${index}`), { type: "rename" });
  }
  ann.send({ type: "rename", content: "ann6", id: "6" });
  assertObjectMatch(await ann.answerTo("6"), {
    code: "rate_limited",
    content:
      "Cannot rename: you may do it 5 times at once, and then every 30 s, in large rooms less",
    retry_ms: 30_000,
  });
  harness.now += 30_000;
  ann.send({ type: "rename", content: "ann7", id: "7" });
  assertObjectMatch(await ann.answerTo("7"), { type: "rename", content: "ann7" });
});

Deno.test("login() renames nobody more often than rename(), by whatever letter case", async () => {
  await using harness = new HubHarness({ rate: 1000, burst: 1000 });
  const ann = await harness.enter("ann");
  const bob = await harness.enter("bob");
  for (const content of ["Ann", "anna", "ANNA", "ann", "Ann"]) {
    const again = await harness.enterAgain(ann, { content });
    again.socket.hangUp();
  }
  await harness.settled();
  assertEquals(bob.takeBrief().length, 5);
  const again = harness.connect();
  again.send({ type: "login", session: ann.session, content: "ann", id: "6" });
  const allowed = "5 times at once, and then every 30 s, in large rooms less";
  assertObjectMatch(await again.answerTo("6"), {
    code: "rate_limited",
    content: `Cannot log in with another name: you may do it ${allowed}`,
    retry_ms: 30_000,
  });
  ann.send({ type: "rename", content: "anne", id: "7" });
  assertObjectMatch(await ann.answerTo("7"), { code: "rate_limited" });
  again.send({ type: "login", session: ann.session, content: "Ann", id: "8" });
  assertObjectMatch(await again.answerTo("8"), { type: "login", content: "Ann" });
  assertEquals(bob.takeBrief(), []);
});

Deno.test("rename() counts more where more are told", async () => {
  await using harness = new HubHarness({ rate: 1000, burst: 1000 });
  const ann = await harness.enter("ann");
  const rooms = Array.from({ length: 20 }, (_, index) => `room-${index}`);
  for (
    const person of [
      ann,
      ...await Promise.all(Array.from({ length: 60 }, (_, index) => harness.enter(`p${index}`))),
    ]
  ) {
    person.send(...rooms.map((room) => ({ type: "join", room })));
  }
  await harness.settled();
  // 61 in each of 21 rooms: two at a time.
  for (const [name, type] of [["a", "rename"], ["b", "rename"], ["c", "error"]]) {
    ann.send({ type: "rename", content: name, id: name });
    assertObjectMatch(await ann.answerTo(name ?? ""), { type });
  }
});
