/** What a room shows of users with several connections. */
import type { OwnEntry } from "../../hub/room.ts";
import { codecOf, decodeFrame, LINES, type ServerMessage } from "../../protocol.ts";
import { assertEquals } from "../support/assert.ts";
import { createRoom, FakeMember, FakeUser, publish, roomOf, said } from "../support/fake_room.ts";

/** A user on two connections, and somebody else. */
function people(): { one: FakeMember; two: FakeMember; ann: FakeMember } {
  const bob = new FakeUser("bob");
  return { one: new FakeMember(bob), two: new FakeMember(bob), ann: new FakeMember("ann") };
}

/** What a member was sent since the last call, as it is. */
function takeMessages(member: FakeMember): ServerMessage[] {
  return member.deliveries.splice(0)
    .flatMap((delivery) => delivery.frames(codecOf(LINES)))
    .flatMap(({ data }) => decodeFrame(String(data)));
}

Deno.test("Room.enter() shows others a user's first connection only, and each its own entry", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(ann);
  room.enter(one, {});
  await publish(room);
  room.enter(two, {});
  room.record(said("1"));
  await publish(room);
  assertEquals(ann.take(), [["bob login"], ["1"]]);
  assertEquals(one.take(), [["bob login"], ["1"]]);
  assertEquals(two.take(), [["bob login", "1"]]);
  assertEquals([room.userCount, room.userList()], [2, ["ann", "bob"]]);
});

Deno.test("Room.leave() shows others a user's last connection only, and each its own exit", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(ann, one, two);
  room.leave(one);
  room.record(said("1"));
  await publish(room);
  assertEquals([ann.take(), one.take(), two.take()], [[["1"]], [["bob logout"]], [["1"]]]);
  assertEquals(room.userList(), ["ann", "bob"]);
  room.leave(two);
  await publish(room);
  assertEquals([ann.take(), one.take(), two.take()], [[["bob logout"]], [], [["bob logout"]]]);
  assertEquals(room.userList(), ["ann"]);
});

Deno.test("Room.deliver() shows one entry and one exit of a user who changes connections in a batch", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(ann);
  room.enter(one, {});
  room.record(said("1"));
  room.enter(two, {});
  room.record(said("2"));
  room.leave(one);
  room.record(said("3"));
  room.leave(two);
  room.record(said("4"));
  await publish(room);
  assertEquals(ann.take(), [["bob login", "1", "2", "3", "bob logout", "4"]]);
  assertEquals(one.take(), [["bob login", "1", "2", "bob logout"]]);
  assertEquals(two.take(), [["bob login", "2", "3", "bob logout"]]);
});

Deno.test("Room.deliver() tells who comes back on another connection apart from who never left", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(ann, one);
  room.leave(one);
  room.enter(two, {});
  await publish(room);
  assertEquals(ann.take(), [["bob logout", "bob login"]]);
  assertEquals([one.take(), two.take()], [[["bob logout"]], [["bob login"]]]);
});

Deno.test("Room.enter() tells only the member itself its user, session, rooms and request", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(ann);
  const own: OwnEntry = {
    id: "request",
    user: one.user.toUser(),
    session: "secret",
    rooms: [],
  };
  room.enter(one, own);
  room.enter(two, own);
  await publish(room);
  const login: ServerMessage = {
    type: "login",
    room: "den",
    content: "bob",
    from: "bob",
    by: "id-bob",
    user_count: 2,
    id: "request",
  };
  // So does who is there already.
  const user_list = ["ann", "bob"];
  assertEquals(takeMessages(ann), [login]);
  assertEquals(takeMessages(one), [{ ...login, ...own, user_list }]);
  assertEquals(takeMessages(two), [{ ...login, ...own, user_list }]);
});

Deno.test("Room.recordTyping() is for nobody of the typist's own connections", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(ann, one, two);
  room.recordTyping(one);
  room.recordTyping(ann);
  await publish(room);
  assertEquals([one.take(), two.take(), ann.take()], [[["typing"]], [["typing"]], [["typing"]]]);
  const third = new FakeMember(one.user);
  room.recordTyping(one);
  room.enter(third, {});
  room.recordTyping(two);
  await publish(room);
  assertEquals([one.take(), two.take(), third.take(), ann.take()], [
    [[]],
    [[]],
    [["bob login"]],
    [["typing", "typing"]],
  ]);
});

Deno.test("Room.rename() keeps a user's place, whatever its connections do", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(one, two, ann);
  const bill = { ...one.user.toUser(), name: "bill" };
  one.user.name = "bill";
  room.rename(bill, "bob", "r");
  room.leave(one);
  await publish(room);
  assertEquals(room.users(), [bill, ann.user.toUser()]);
  assertEquals(takeMessages(ann), [{
    type: "rename",
    room: "den",
    from: "bob",
    content: "bill",
    by: "id-bob",
    user_count: 2,
    id: "r",
  }]);
});

Deno.test("Room.dismiss() takes a member out without a word", async () => {
  const { one, two, ann } = people();
  const room = await roomOf(ann, one, two);
  room.dismiss(two);
  room.record(said("1"));
  await publish(room);
  assertEquals([ann.take(), one.take(), two.take()], [[["1"]], [["1"]], []]);
});

Deno.test("Room.deliver() tells a large room nothing of the further connections of its users", async () => {
  const { one, two, ann } = people();
  const others = Array.from({ length: 100 }, (_, index) => new FakeMember(`other ${index}`));
  const room = await roomOf(ann, ...others);
  for (const step of [() => room.enter(one, {}), () => room.enter(two, {})]) {
    step();
    await publish(room);
  }
  for (const member of [one, two]) {
    room.leave(member);
    await publish(room);
  }
  const both = [["bob login"], ["bob logout"]];
  assertEquals([one.take(), two.take(), ann.take()], [both, both, []]);
  room.record(said("1"));
  await publish(room);
  assertEquals(ann.take(), [["bob login", "bob logout", "1"]]);
  assertEquals([one.take(), two.take()], [[], []]);
});

Deno.test("Room.isPresent() and userCount go by users", () => {
  const { one, two } = people();
  const room = createRoom();
  room.enter(one, {});
  room.enter(two, {});
  room.leave(one);
  assertEquals([room.isPresent("id-bob"), room.isPresent("bob"), room.userCount], [true, false, 1]);
  room.leave(two);
  assertEquals([room.isPresent("id-bob"), room.userCount, room.isIdle], [false, 0, true]);
});
