import { FlushThrottle } from "../../client/outgoing.ts";
import type { Room } from "../../hub/room.ts";
import type { ServerMessage } from "../../protocol.ts";
import { assertEquals, assertStrictEquals } from "../support/assert.ts";
import { createRoom, FakeMember, publish, roomOf, said } from "../support/fake_room.ts";

Deno.test("Room.deliver() makes one delivery for all who see the whole batch", async () => {
  const [ann, bob, cid] = ["ann", "bob", "cid"].map((name) => new FakeMember(name));
  const room = await roomOf(ann!, bob!);
  room.record(said("1"));
  room.enter(cid!, {});
  room.record(said("2"));
  await publish(room);
  assertStrictEquals(ann!.deliveries[0], bob!.deliveries[0]);
  assertEquals([ann!.take(), cid!.take()], [
    [["1", "cid login", "2"]],
    [["cid login", "2"]],
  ]);
  await publish(room);
  assertEquals([ann!.take(), cid!.take()], [[], []], "a batch without events was delivered");
});

Deno.test("Room.deliver() leaves out what did not come about, and waits for fields until then", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann);
  const [first, second] = [said("1"), said("2")];
  room.record(first);
  room.enter(bob, {});
  room.record(second);
  second.content = "two";
  await publish(room, new Set([first]));
  assertEquals([ann.take(), bob.take()], [[["bob login", "two"]], [["bob login", "two"]]]);
  room.record(first);
  await publish(room, new Set([first]));
  assertEquals(ann.take(), []);
});

Deno.test("Room.deliver() sends nothing to who is gone and has not left yet", async () => {
  const ann = new FakeMember("ann");
  const room = createRoom();
  room.enter(ann, {});
  room.record(said("1"));
  ann.connection.isClosed = true;
  await publish(room);
  assertEquals(ann.take(), []);
});

Deno.test("Room.leave() and enter() count the parts of a batch that a member sees", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann, bob);
  for (const step of ["1", "leave", "2", "enter", "3", "leave", "4", "enter", "5"]) {
    if (step === "enter") room.enter(bob, {});
    else if (step === "leave") room.leave(bob);
    else room.record(said(step));
  }
  await publish(room);
  const all = "1,bob logout,2,bob login,3,bob logout,4,bob login,5".split(",");
  const seen = "1,bob logout,bob login,3,bob logout,bob login,5".split(",");
  assertEquals([ann.take(), bob.take()], [[all], [seen]]);
  assertEquals(room.userList(), ["ann", "bob"]);
});

Deno.test("Room.recordTyping() is for all but the typist, whatever part of the batch it sees", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann);
  room.recordTyping(ann);
  room.enter(bob, {});
  room.record(said("1"));
  room.recordTyping(bob);
  room.recordTyping(ann);
  await publish(room);
  assertEquals(ann.take(), [["bob login", "1", "typing"]]);
  assertEquals(bob.take(), [["bob login", "1", "typing"]]);
  room.record(said("2"));
  await publish(room);
  assertEquals(ann.take(), [["2"]]);
});

Deno.test("Room.startCatchUp() buffers all but the member's own entry, until endCatchUp() with what it was sent", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann);
  room.record(said("before", 1));
  room.enter(bob, {});
  const catchUp = room.startCatchUp(bob);
  room.record(said("after", 3));
  await publish(room);
  room.record(said("later", 4));
  const rename: ServerMessage = {
    type: "rename",
    room: "den",
    from: "ann",
    content: "anne",
    by: "id-ann",
    user_count: 2,
  };
  room.record(rename);
  await publish(room);
  assertEquals(bob.take(), [["bob login"]]);
  assertEquals(room.endCatchUp(bob, catchUp, { first: 1, last: 3, change: 0 }), [
    said("later", 4),
    rename,
  ]);
  assertEquals(
    room.endCatchUp(bob, catchUp, { first: 0, last: 0, change: 0 }),
    undefined,
    "ended twice",
  );
  room.record(said("live", 5));
  await publish(room);
  assertEquals(bob.take(), [["live"]]);
});

Deno.test("Room.leave() of a member that catches up shows it only its own entry and exit", async () => {
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const room = await roomOf(ann);
  room.enter(bob, {});
  const first = room.startCatchUp(bob);
  room.record(said("1"));
  room.leave(bob);
  await publish(room);
  assertEquals(bob.take(), [["bob login", "bob logout"]]);
  assertEquals(room.endCatchUp(bob, first, { first: 0, last: 0, change: 0 }), undefined);
  room.enter(bob, {});
  room.startCatchUp(bob);
  await publish(room);
  room.record(said("2"));
  room.leave(bob);
  room.record(said("3"));
  await publish(room);
  assertEquals(bob.take(), [["bob login"], ["bob logout"]]);
  assertEquals(ann.take().flat(), [
    ...["bob login", "1", "bob logout"],
    ...["bob login", "2", "bob logout", "3"],
  ]);
});

Deno.test("Room.buffer() puts an answer behind the history that is awaited, if one is", async () => {
  const ann = new FakeMember("ann");
  const room = await roomOf(ann);
  assertEquals(room.buffer(ann, said("repeat", 1)), false);
  const catchUp = room.startCatchUp(ann);
  assertEquals(room.buffer(ann, said("repeat", 1)), true);
  room.record(said("next", 2));
  await publish(room);
  assertEquals(room.endCatchUp(ann, catchUp, { first: 0, last: 0, change: 0 }), [
    said("repeat", 1),
    said("next", 2),
  ]);
});

Deno.test("Room.deliver() disconnects a member that waits for history while too much happens", async () => {
  const ann = new FakeMember("ann");
  const room = await roomOf(ann);
  room.startCatchUp(ann);
  for (let n = 0; n < 10_000; n++) room.record(said("x"));
  await publish(room);
  assertEquals(ann.fellBehind, 0);
  room.record(said("x"));
  await publish(room);
  assertEquals(ann.fellBehind, 1);
});

Deno.test("Room.presence() names up to a hundred users", () => {
  const room = createRoom();
  assertEquals(room.presence(), { user_count: 0, user_list: [] });
  for (let n = 0; n < 100; n++) room.enter(new FakeMember(`p${n}`), {});
  assertEquals(room.presence().user_list?.length, 100);
  room.enter(new FakeMember("one more"), {});
  assertEquals(room.presence(), { user_count: 101 });
});

Deno.test("Room.deliver() pauses after members for whom much was copied", async () => {
  const members = ["ann", "bob", "cid"].map((name) => new FakeMember(name));
  const room = await roomOf(...members);
  for (const member of members) member.copied = 5 * 1024 * 1024;
  const seen: number[] = [];
  const throttle = new FlushThrottle(() => {
    seen.push(members.filter(({ deliveries }) => deliveries.length > 0).length);
    return Promise.resolve();
  });
  room.record(said("1"));
  await publish(room, new Set(), throttle);
  assertEquals(seen, [2, 3], "members that had been served at each pause");
  assertEquals(members.map((member) => member.take()), Array(3).fill([["1"]]));
});

/** A large room, with the first of its members. */
async function largeRoom(): Promise<{ room: Room; ann: FakeMember }> {
  const ann = new FakeMember("ann");
  const others = Array.from({ length: 100 }, (_, index) => new FakeMember(`other ${index}`));
  return { room: await roomOf(ann, ...others), ann };
}

Deno.test("Room.deliver() tells a large room of who came and went with what is said next", async () => {
  const { room, ann } = await largeRoom();
  const [bob, cid] = [new FakeMember("bob"), new FakeMember("cid")];
  room.enter(bob, {});
  await publish(room);
  assertEquals([ann.take(), bob.take()], [[], [["bob login"]]]);
  room.enter(cid, {});
  room.leave(bob);
  await publish(room);
  assertEquals([ann.take(), bob.take(), cid.take()], [
    [],
    [["cid login", "bob logout"]],
    [["cid login", "bob logout"]],
  ]);
  assertEquals(room.hasDeferred, true);
  room.record(said("1"));
  await publish(room);
  assertEquals([ann.take(), bob.take(), cid.take()], [
    [["bob login", "cid login", "bob logout", "1"]],
    [],
    [["1"]],
  ]);
  assertEquals(room.hasDeferred, false);
});

Deno.test("Room.deliverDeferred() has a large room told of who came, and each of it once", async () => {
  const { room, ann } = await largeRoom();
  const bob = new FakeMember("bob");
  room.enter(bob, {});
  await publish(room);
  room.leave(bob);
  await publish(room);
  room.enter(bob, {});
  await publish(room);
  assertEquals([ann.take(), bob.take()], [
    [],
    [["bob login"], ["bob logout"], ["bob login"]],
  ]);
  room.deliverDeferred();
  await publish(room);
  assertEquals([ann.take(), bob.take()], [
    [["bob login", "bob logout", "bob login"]],
    [[]],
  ]);
  room.enter(new FakeMember("cid"), {});
  await publish(room);
  assertEquals(ann.take(), [], "it was asked for once only");
});

Deno.test("Room.deliver() tells a large room at once that has become small", async () => {
  const { room, ann } = await largeRoom();
  const [bob, cid] = [...room.members].slice(1) as FakeMember[];
  room.enter(new FakeMember("dan"), {});
  await publish(room);
  for (const member of [bob!, cid!]) room.leave(member);
  await publish(room);
  assertEquals(ann.take(), [["dan login", `${bob!.user.name} logout`, `${cid!.user.name} logout`]]);
});
