import { type Delivery, framingOf } from "../client/framing.ts";
import type { ServerMessage } from "../protocol.ts";
import { type Member, Room } from "../room.ts";
import { assertEquals, assertStrictEquals } from "./assert.ts";

/** Somebody in a room, who remembers what came as one delivery each. */
class FakeMember implements Member {
  readonly name: string;
  gone = false;
  readonly deliveries: Delivery[] = [];
  fellBehind = 0;

  constructor(name: string) {
    this.name = name;
  }

  deliver(delivery: Delivery): void {
    this.deliveries.push(delivery);
  }

  fallBehind(): void {
    this.fellBehind++;
  }

  /** The contents of all that came since the last call, a turn each. */
  take(): string[][] {
    const lines = framingOf("hubbub.v1");
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
function roomOf(...members: FakeMember[]): Room {
  const room = new Room("den");
  for (const member of members) room.enter(member);
  room.publish(NOTHING);
  for (const member of members) member.take();
  return room;
}

Deno.test("Room.publish() makes one delivery for all who see the whole turn", () => {
  const [ann, bob, cid] = ["ann", "bob", "cid"].map((name) => new FakeMember(name));
  const room = roomOf(ann!, bob!);
  room.record(said("1"));
  room.enter(cid!);
  room.record(said("2"));
  room.publish(NOTHING);
  assertStrictEquals(ann!.deliveries[0], bob!.deliveries[0]);
  assertEquals([ann!.take(), cid!.take()], [[["1", "2"]], [["2"]]]);
  room.publish(NOTHING);
  assertEquals([ann!.take(), cid!.take()], [[], []], "a turn without events was published");
});

Deno.test("Room.publish() leaves out what did not come about, and waits for fields until then", () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = roomOf(ann);
  const [first, second] = [said("1"), said("2")];
  room.record(first);
  room.enter(bob);
  room.record(second);
  second.content = "two";
  room.publish(new Set([first]));
  assertEquals([ann.take(), bob.take()], [[["two"]], [["two"]]]);
  room.record(first);
  room.publish(new Set([first]));
  assertEquals(ann.take(), []);
});

Deno.test("Room.publish() sends nothing to who is gone and has not left yet", () => {
  const ann = new FakeMember("ann");
  const room = new Room("den");
  room.enter(ann);
  room.record(said("1"));
  ann.gone = true;
  room.publish(NOTHING);
  assertEquals(ann.take(), []);
});

Deno.test("Room.leave() and enter() count the parts of a turn that a member sees", () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = roomOf(ann, bob);
  for (const step of ["1", "leave", "2", "enter", "3", "leave", "4", "enter", "5"]) {
    if (step === "enter") room.enter(bob);
    else if (step === "leave") room.leave(bob);
    else room.record(said(step));
  }
  room.publish(NOTHING);
  assertEquals([ann.take(), bob.take()], [[["1", "2", "3", "4", "5"]], [["1", "3", "5"]]]);
  assertEquals(room.userList(), ["ann", "bob"]);
});

Deno.test("Room.recordTyping() is for all but the typist, whatever part of the turn it sees", () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = roomOf(ann);
  room.recordTyping(ann);
  room.enter(bob);
  room.record(said("1"));
  room.recordTyping(bob);
  room.recordTyping(ann);
  room.publish(NOTHING);
  assertEquals(ann.take(), [["1", undefined]]);
  assertEquals(bob.take(), [["1", undefined]]);
  room.record(said("2"));
  room.publish(NOTHING);
  assertEquals(ann.take(), [["2"]]);
});

Deno.test("Room.hold() holds all but the member's own entry, until release() with what it was given", () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = roomOf(ann);
  room.record(said("before", 1));
  room.enter(bob);
  room.record(said("entry", 2));
  const held = room.hold(bob, true);
  room.record(said("after", 3));
  room.publish(NOTHING);
  room.record(said("later", 4));
  const rename: ServerMessage = {
    type: "rename",
    room: "den",
    from: "ann",
    content: "anne",
    user_count: 2,
  };
  room.record(rename);
  room.publish(NOTHING);
  assertEquals(bob.take(), [["entry"]]);
  assertEquals(room.release(bob, held, 3), [said("later", 4), rename]);
  assertEquals(room.release(bob, held, 0), undefined, "released twice");
  room.record(said("live", 5));
  room.publish(NOTHING);
  assertEquals(bob.take(), [["live"]]);
});

Deno.test("Room.holdBack() puts an answer behind the history that is awaited, if one is", () => {
  const ann = new FakeMember("ann");
  const room = roomOf(ann);
  assertEquals(room.holdBack(ann, said("repeat", 1)), false);
  const held = room.hold(ann, false);
  assertEquals(room.holdBack(ann, said("repeat", 1)), true);
  room.record(said("next", 2));
  room.publish(NOTHING);
  assertEquals(room.release(ann, held, 0), [said("repeat", 1), said("next", 2)]);
});

Deno.test("Room.publish() gives up on who waits for history while too much happens", () => {
  const ann = new FakeMember("ann");
  const room = roomOf(ann);
  room.hold(ann, false);
  for (let n = 0; n < 10_000; n++) room.record(said("x"));
  room.publish(NOTHING);
  assertEquals(ann.fellBehind, 0);
  room.record(said("x"));
  room.publish(NOTHING);
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
