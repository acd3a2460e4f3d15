/**
 * Arbitrary requests for property tests, of every type in the protocol: the compiler checks that none
 * is missing.
 *
 * @module
 */
import fc from "fast-check";
import { type ClientRequest, MAX_PAGE, type RoomRole } from "../../protocol.ts";
import {
  anyRoom,
  emoji,
  line,
  name,
  natural,
  room,
  said,
  secret,
  seq,
  userId,
} from "./arbitraries.ts";

/** Requests of each type, with any of the optional members left out. */
type Requests = { [T in ClientRequest["type"]]: fc.Arbitrary<Extract<ClientRequest, { type: T }>> };

const id = secret;
const who = fc.oneof(name, userId.map((other) => `@${other}`), fc.constant("#2"));
const flag = fc.boolean();
const limit = fc.integer({ min: 1, max: MAX_PAGE });

const seen = { since: natural, at: natural, changes: natural, epoch: secret, run: secret };
const position = fc.record({ time: natural, room: anyRoom, seq });

const requests: Requests = {
  login: fc.record(
    {
      type: fc.constant("login"),
      content: name,
      room,
      id,
      ...seen,
      session: secret,
      remember: flag,
    },
    { requiredKeys: ["type", "room"] },
  ),
  user: fc.record({ type: fc.constant("user"), content: said, room: anyRoom, id, reply_to: seq }, {
    requiredKeys: ["type", "content"],
  }),
  join: fc.record({ type: fc.constant("join"), room: anyRoom, id, ...seen }, {
    requiredKeys: ["type", "room"],
  }),
  leave: fc.record({ type: fc.constant("leave"), room, id }, { requiredKeys: ["type", "room"] }),
  rename: fc.record({ type: fc.constant("rename"), content: name, id }, {
    requiredKeys: ["type", "content"],
  }),
  direct: fc.record({ type: fc.constant("direct"), to: who, content: said, id }, {
    requiredKeys: ["type", "to", "content"],
  }),
  users: fc.record({ type: fc.constant("users"), room: anyRoom, all: flag, id }, {
    requiredKeys: ["type"],
  }),
  rooms: fc.record({ type: fc.constant("rooms"), after: secret, limit, content: secret, id }, {
    requiredKeys: ["type", "limit"],
  }),
  history: fc.record(
    { type: fc.constant("history"), room: anyRoom, before: seq, after: natural, limit, id },
    {
      requiredKeys: ["type", "limit"],
    },
  ),
  search: fc.record(
    { type: fc.constant("search"), content: secret, room: anyRoom, before: position, limit, id },
    { requiredKeys: ["type", "content", "limit"] },
  ),
  edit: fc.record({ type: fc.constant("edit"), room: anyRoom, seq, content: said, id }, {
    requiredKeys: ["type", "seq", "content"],
  }),
  delete: fc.record({ type: fc.constant("delete"), room: anyRoom, seq, id }, {
    requiredKeys: ["type", "seq"],
  }),
  react: fc.record({ type: fc.constant("react"), room: anyRoom, seq, content: emoji, id }, {
    requiredKeys: ["type", "seq", "content"],
  }),
  typing: fc.record({ type: fc.constant("typing"), room: anyRoom, id }, { requiredKeys: ["type"] }),
  file: fc.record({ type: fc.constant("file"), room: anyRoom, content: secret, id }, {
    requiredKeys: ["type", "content"],
  }),
  create: fc.record({ type: fc.constant("create"), room, private: flag, topic: line, id }, {
    requiredKeys: ["type", "room"],
  }),
  invite: fc.record({ type: fc.constant("invite"), room, user: who, id }, {
    requiredKeys: ["type", "user"],
  }),
  remove: fc.record({ type: fc.constant("remove"), room, user: who, id }, {
    requiredKeys: ["type", "user"],
  }),
  topic: fc.record({ type: fc.constant("topic"), room, content: line, id }, {
    requiredKeys: ["type", "content"],
  }),
  role: fc.record({
    type: fc.constant("role"),
    room,
    user: who,
    content: fc.constantFrom<RoomRole>("owner", "moderator", "member"),
    id,
  }, { requiredKeys: ["type", "user", "content"] }),
  read: fc.record({ type: fc.constant("read"), room: anyRoom, seq: natural, id }, {
    requiredKeys: ["type", "seq"],
  }),
  ping: fc.record({ type: fc.constant("ping"), id }, { requiredKeys: ["type"] }),
  logout: fc.record({ type: fc.constant("logout"), id }, { requiredKeys: ["type"] }),
};

/** Every type of request, by name. */
export const REQUEST_TYPES = Object.keys(requests);

/** Any request, as it leaves the decoder. */
export const clientRequest: fc.Arbitrary<ClientRequest> = fc.oneof(...Object.values(requests));
