import fc from "fast-check";
import { directRoom, isDirectRoom, ROOM_PATTERN, shownRoom, usersOf } from "../../protocol.ts";
import { assert, assertEquals, assertFalse } from "../support/assert.ts";
import { room, userId } from "./arbitraries.ts";

Deno.test("directRoom() is the same room for both users", () => {
  fc.assert(fc.property(userId, userId, (one, other) => {
    assertEquals(directRoom(one, other), directRoom(other, one));
    assertEquals(usersOf(directRoom(one, other)), [one, other].sort());
  }));
});

Deno.test("directRoom() gives every pair of users a room of its own", () => {
  fc.assert(fc.property(userId, userId, userId, (one, other, third) => {
    fc.pre(other !== third);
    assert(directRoom(one, other) !== directRoom(one, third));
  }));
});

Deno.test("directRoom() makes a room for somebody alone", () => {
  const own = directRoom("aaaaaaaaaaaa", "aaaaaaaaaaaa");
  assertEquals(usersOf(own), ["aaaaaaaaaaaa", "aaaaaaaaaaaa"]);
  assertEquals(shownRoom(own, "aaaaaaaaaaaa"), "@aaaaaaaaaaaa");
});

Deno.test("shownRoom() shows each of the two the id of the other", () => {
  fc.assert(fc.property(userId, userId, (one, other) => {
    assertEquals(shownRoom(directRoom(one, other), one), `@${other}`);
    assertEquals(shownRoom(directRoom(one, other), other), `@${one}`);
  }));
});

Deno.test("isDirectRoom() distinguishes direct conversations from rooms with a name", () => {
  fc.assert(fc.property(room, userId, userId, (name, one, other) => {
    assertFalse(isDirectRoom(name));
    assertEquals(shownRoom(name, one), name);
    assert(isDirectRoom(directRoom(one, other)));
    assertFalse(ROOM_PATTERN.test(directRoom(one, other)));
  }));
});
