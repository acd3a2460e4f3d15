import { codecOf, type Delivery } from "../../client/codec.ts";
import type { ServerMessage } from "../../protocol.ts";
import { type Member, Room } from "../../hub/room.ts";
import { FlushThrottle } from "../../hub/flush_throttle.ts";
import { assertEquals, assertStrictEquals } from "../support/assert.ts";

/** Somebody in a room, who remembers what came as one delivery each. */
class FakeMember implements Member {
  readonly name: string;
  gone = false;
  readonly deliveries: Delivery[] = [];
  fellBehind = 0;
  copied = 0;

  constructor(name: string) {
    this.name = name;
  }

  deliver(delivery: Delivery): number {
    this.deliveries.push(delivery);
    return this.copied;
  }

  fallBehind(): void {
    this.fellBehind++;
  }

  /** The contents of all that came since the last call, a turn each. */
  take(): string[][] {
    const lines = codecOf("hubbub.v1");
    return this.deliveries.splice(0).map((delivery) =>
      delivery.frames(lines).flatMap(({ data }) => String(data).split("\n"))
        .map((line) => JSON.parse(line).content)
    );
  }
}

const NOTHING: ReadonlySet<ServerMessage> = new Set();

function said(content: string, seq = 0): ServerMessage & { type: "user" } {
  return { type: "user", room: "den", from: "ann", content, seq, time: 0 };
}

/** A room with members who have been in it for a while. */
async function roomOf(...members: FakeMember[]): Promise<Room> {
  const room = new Room("den");
  for (const member of members) room.enter(member);
  await room.publish(NOTHING, new FlushThrottle());
  for (const member of members) member.take();
  return room;
}

Deno.test("Room.publish() makes one delivery for all who see the whole turn", async () => {
  const [ann, bob, cid] = ["ann", "bob", "cid"].map((name) => new FakeMember(name));
  const room = await roomOf(ann!, bob!);
  room.record(said("1"));
  room.enter(cid!);
  room.record(said("2"));
  await room.publish(NOTHING, new FlushThrottle());
  assertStrictEquals(ann!.deliveries[0], bob!.deliveries[0]);
  assertEquals([ann!.take(), cid!.take()], [[["1", "2"]], [["2"]]]);
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals([ann!.take(), cid!.take()], [[], []], "a turn without events was published");
});

Deno.test("Room.publish() leaves out what did not come about, and waits for fields until then", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann);
  const [first, second] = [said("1"), said("2")];
  room.record(first);
  room.enter(bob);
  room.record(second);
  second.content = "two";
  await room.publish(new Set([first]), new FlushThrottle());
  assertEquals([ann.take(), bob.take()], [[["two"]], [["two"]]]);
  room.record(first);
  await room.publish(new Set([first]), new FlushThrottle());
  assertEquals(ann.take(), []);
});

Deno.test("Room.publish() sends nothing to who is gone and has not left yet", async () => {
  const ann = new FakeMember("ann");
  const room = new Room("den");
  room.enter(ann);
  room.record(said("1"));
  ann.gone = true;
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(ann.take(), []);
});

Deno.test("Room.leave() and enter() count the parts of a turn that a member sees", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann, bob);
  for (const step of ["1", "leave", "2", "enter", "3", "leave", "4", "enter", "5"]) {
    if (step === "enter") room.enter(bob);
    else if (step === "leave") room.leave(bob);
    else room.record(said(step));
  }
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals([ann.take(), bob.take()], [[["1", "2", "3", "4", "5"]], [["1", "3", "5"]]]);
  assertEquals(room.userList(), ["ann", "bob"]);
});

Deno.test("Room.recordTyping() is for all but the typist, whatever part of the turn it sees", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann);
  room.recordTyping(ann);
  room.enter(bob);
  room.record(said("1"));
  room.recordTyping(bob);
  room.recordTyping(ann);
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(ann.take(), [["1", undefined]]);
  assertEquals(bob.take(), [["1", undefined]]);
  room.record(said("2"));
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(ann.take(), [["2"]]);
});

Deno.test("Room.hold() holds all but the member's own entry, until release() with what it was given", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann);
  room.record(said("before", 1));
  room.enter(bob);
  room.record(said("entry", 2));
  const held = room.hold(bob, true);
  room.record(said("after", 3));
  await room.publish(NOTHING, new FlushThrottle());
  room.record(said("later", 4));
  const rename: ServerMessage = {
    type: "rename",
    room: "den",
    from: "ann",
    content: "anne",
    user_count: 2,
  };
  room.record(rename);
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(bob.take(), [["entry"]]);
  assertEquals(room.release(bob, held, 3), [said("later", 4), rename]);
  assertEquals(room.release(bob, held, 0), undefined, "released twice");
  room.record(said("live", 5));
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(bob.take(), [["live"]]);
});

Deno.test("Room.holdBack() puts an answer behind the history that is awaited, if one is", async () => {
  const ann = new FakeMember("ann");
  const room = await roomOf(ann);
  assertEquals(room.holdBack(ann, said("repeat", 1)), false);
  const held = room.hold(ann, false);
  assertEquals(room.holdBack(ann, said("repeat", 1)), true);
  room.record(said("next", 2));
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(room.release(ann, held, 0), [said("repeat", 1), said("next", 2)]);
});

Deno.test("Room.publish() gives up on who waits for history while too much happens", async () => {
  const ann = new FakeMember("ann");
  const room = await roomOf(ann);
  room.hold(ann, false);
  for (let n = 0; n < 10_000; n++) room.record(said("x"));
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(ann.fellBehind, 0);
  room.record(said("x"));
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(ann.fellBehind, 1);
});

Deno.test("Room.presence() names up to a hundred members", () => {
  const room = new Room("den");
  assertEquals(room.presence(), { user_count: 0, user_list: [] });
  for (let n = 0; n < 100; n++) room.enter(new FakeMember(`p${n}`));
  assertEquals(room.presence().user_list?.length, 100);
  room.enter(new FakeMember("one more"));
  assertEquals(room.presence(), { user_count: 101 });
});

Deno.test("Room.publish() pauses after members for whom much was copied", async () => {
  const members = ["ann", "bob", "cid"].map((name) => new FakeMember(name));
  const room = await roomOf(...members);
  for (const member of members) member.copied = 5 * 1024 * 1024;
  const seen: number[] = [];
  const pace = new FlushThrottle(() => {
    seen.push(members.filter(({ deliveries }) => deliveries.length > 0).length);
    return Promise.resolve();
  });
  room.record(said("1"));
  await room.publish(NOTHING, pace);
  assertEquals(seen, [2, 3], "members that had been served at each pause");
  assertEquals(members.map((member) => member.take()), Array(3).fill([["1"]]));
});

/** A large room, with the first of its members. */
async function largeRoom(): Promise<{ room: Room; ann: FakeMember }> {
  const ann = new FakeMember("ann");
  const others = Array.from({ length: 100 }, (_, index) => new FakeMember(`other ${index}`));
  return { room: await roomOf(ann, ...others), ann };
}

function enters(room: Room, member: FakeMember): void {
  room.enter(member);
  const { name } = member;
  room.record({ type: "login", room: "den", from: name, content: name, user_count: 0 });
}

function leaves(room: Room, member: FakeMember): void {
  const { name } = member;
  room.members.delete(member);
  room.record({ type: "logout", room: "den", from: name, content: `${name} left`, user_count: 0 });
  room.leave(member);
}

Deno.test("Room.publish() tells a large room of who came and went with what is said next", async () => {
  const { room, ann } = await largeRoom();
  const [bob, cid] = [new FakeMember("bob"), new FakeMember("cid")];
  enters(room, bob);
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals([ann.take(), bob.take()], [[], [["bob"]]]);
  enters(room, cid);
  leaves(room, bob);
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals([ann.take(), bob.take(), cid.take()], [[], [["cid", "bob left"]], [[
    "cid",
    "bob left",
  ]]]);
  assertEquals(room.presenceWaits, true);
  room.record(said("1"));
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals([ann.take(), bob.take(), cid.take()], [
    [["bob", "cid", "bob left", "1"]],
    [],
    [["1"]],
  ]);
  assertEquals(room.presenceWaits, false);
});

Deno.test("Room.tellPresence() has a large room told of who came, and each of it once", async () => {
  const { room, ann } = await largeRoom();
  const bob = new FakeMember("bob");
  enters(room, bob);
  await room.publish(NOTHING, new FlushThrottle());
  leaves(room, bob);
  await room.publish(NOTHING, new FlushThrottle());
  enters(room, bob);
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals([ann.take(), bob.take()], [[], [["bob"], ["bob left"], ["bob"]]]);
  room.tellPresence();
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals([ann.take(), bob.take()], [[["bob", "bob left", "bob"]], [[]]]);
  enters(room, new FakeMember("cid"));
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(ann.take(), [], "it was asked for once only");
});

Deno.test("Room.publish() tells a large room at once that has become small", async () => {
  const { room, ann } = await largeRoom();
  const [bob, cid] = [...room.members].slice(1) as FakeMember[];
  enters(room, new FakeMember("dan"));
  await room.publish(NOTHING, new FlushThrottle());
  for (const member of [bob!, cid!]) leaves(room, member);
  await room.publish(NOTHING, new FlushThrottle());
  assertEquals(ann.take(), [["dan", `${bob!.name} left`, `${cid!.name} left`]]);
});
