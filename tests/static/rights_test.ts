import type { User, UserMessage } from "../../protocol.ts";
import { createConversation } from "../../static/logic/conversation.js";
import {
  isOwn,
  mayAdminister,
  mayArrange,
  mayDelete,
  mayEdit,
  mayGiveRoles,
  mayModerate,
  mayRemove,
} from "../../static/logic/rights.js";
import { assert, assertEquals } from "../support/assert.ts";

const ann: User = { id: "a", name: "ann", role: "member" };
const admin: User = { id: "r", name: "root", role: "admin" };
const guest: User = { id: "g", name: "gus", role: "guest" };
const owner = { id: "o", name: "olga", role: "member", online: true, room_role: "owner" } as const;
const member = { id: "m", name: "mo", role: "member", online: true, room_role: "member" } as const;

function message(more: Partial<UserMessage> = {}): UserMessage {
  return { type: "user", room: "tea", from: "ann", content: "hi", seq: 1, time: 1, ...more };
}

function room(more: Partial<ReturnType<typeof createConversation>> = {}) {
  return { ...createConversation("tea"), members: new Map(), ...more };
}

Deno.test("mayAdminister() is for admins, and not about admins", () => {
  assert(mayAdminister(admin, member));
  assert(!mayAdminister(admin, { ...member, role: "admin" }));
  assert(!mayAdminister(admin, { ...admin, role: "guest" }));
  assert(!mayAdminister(ann, member));
});

Deno.test("isOwn() goes by id, never by name", () => {
  assert(isOwn(ann, message({ by: "a", from: "somebody" })));
  assert(!isOwn(ann, message({ by: "b", from: "ann" })));
  assert(!isOwn(ann, message()));
});

Deno.test("mayEdit() offers one's own words, and to admins what belongs to nobody", () => {
  assert(mayEdit(ann, message({ by: "a" })));
  assert(!mayEdit(ann, message({ by: "a", deleted: true })));
  assert(!mayEdit(ann, message({ by: "a", type: "file" })));
  assert(!mayEdit(ann, message()) && mayEdit(admin, message()));
  assert(!mayEdit(admin, message({ by: "a" })));
});

Deno.test("mayDelete() also offers what others said to those who moderate", () => {
  const others = message({ by: "x" });
  assert(!mayDelete(ann, room(), others));
  assert(mayDelete(ann, room({ role: "moderator" }), others));
  assert(mayDelete(admin, room(), others));
  assert(!mayDelete(admin, room({ isPrivate: true }), others));
  assert(!mayDelete(admin, createConversation("@x"), others));
});

Deno.test("mayArrange() needs a role where there is an owner", () => {
  assert(mayArrange(ann, room()) && !mayArrange(guest, room()));
  assert(!mayArrange(ann, room({ members: new Map([["o", owner]]) })));
  assert(!mayArrange(ann, room({ isPrivate: true })));
  assert(!mayArrange(ann, room({ members: null })));
  assert(mayArrange(guest, room({ role: "moderator" })));
});

Deno.test("mayRemove() leaves owners to owners, and oneself to nobody", () => {
  const moderated = room({ role: "moderator" });
  assertEquals([member, owner].map((one) => mayRemove(ann, moderated, one)), [true, false]);
  assert(mayRemove(ann, room({ role: "owner" }), owner));
  assert(!mayRemove(ann, room({ role: "owner" }), { ...member, id: "a" }));
  assert(!mayGiveRoles(ann, moderated) && mayModerate(ann, moderated));
});
