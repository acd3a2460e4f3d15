import { MemoryRelief } from "../../server/memory_relief.ts";
import type { Place } from "../../server/admission.ts";
import { assertEquals } from "../support/assert.ts";
import { FakeSocket } from "../support/fake_socket.ts";

/** A connection that is followed, and what was said of its place. */
function connect(relief: MemoryRelief, isGuest = true) {
  const said: (keyof Place)[] = [];
  const followed = relief.follow({
    loggedIn: () => said.push("loggedIn"),
    loggedOut: () => said.push("loggedOut"),
    leave: () => said.push("leave"),
  }, isGuest);
  const socket = new FakeSocket();
  followed.opened(socket);
  return { socket, said, place: followed.place };
}

const CLOSED = { code: 1013, reason: "The server is short of memory: try again later" };

Deno.test("MemoryRelief.closeUnauthenticated() closes once each on whom nobody has logged in", () => {
  const relief = new MemoryRelief();
  const [silent, guest, back, gone] = Array.from({ length: 4 }, () => connect(relief));
  guest?.place.loggedIn();
  back?.place.loggedIn();
  back?.place.loggedOut();
  gone?.place.leave();
  assertEquals(relief.closeUnauthenticated(), 2);
  assertEquals([silent, guest, back, gone].map((one) => one?.socket.closed), [
    CLOSED,
    undefined,
    CLOSED,
    undefined,
  ]);
  assertEquals(relief.closeUnauthenticated(), 0);
  assertEquals(back?.said, ["loggedIn", "loggedOut"]);
  assertEquals(gone?.said, ["leave"]);
});

Deno.test("MemoryRelief.closeGuests() closes guests who have logged in, and closeAll() the rest", () => {
  const relief = new MemoryRelief();
  const [guest, member] = [connect(relief), connect(relief, false)];
  guest.place.loggedIn();
  member.place.loggedIn();
  assertEquals(relief.closeGuests(), 1);
  assertEquals([guest.socket.closed, member.socket.closed], [CLOSED, undefined]);
  assertEquals([relief.closeAll(), member.socket.closed], [1, CLOSED]);
  guest.place.loggedOut();
  guest.place.leave();
  assertEquals(relief.closeGuests(), 0);
});
