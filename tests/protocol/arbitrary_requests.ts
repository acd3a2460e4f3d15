/**
 * Arbitrary requests for property tests, of every type in the protocol: the compiler checks that none
 * is missing.
 *
 * @module
 */
import fc from "fast-check";
import { type ClientRequest, MAX_PAGE } from "../../protocol.ts";
import { emoji, name, natural, room, said, secret, seq } from "./arbitraries.ts";

/** Requests of each type, with any of the optional members left out. */
type Requests = { [T in ClientRequest["type"]]: fc.Arbitrary<Extract<ClientRequest, { type: T }>> };

const id = secret;
const limit = fc.integer({ min: 1, max: MAX_PAGE });

const requests: Requests = {
  login: fc.record(
    {
      type: fc.constant("login"),
      content: name,
      room,
      id,
      since: natural,
      epoch: secret,
      session: secret,
    },
    { requiredKeys: ["type", "content", "room"] },
  ),
  user: fc.record({ type: fc.constant("user"), content: said, room, id, reply_to: seq }, {
    requiredKeys: ["type", "content"],
  }),
  join: fc.record({ type: fc.constant("join"), room, id, since: natural, epoch: secret }, {
    requiredKeys: ["type", "room"],
  }),
  leave: fc.record({ type: fc.constant("leave"), room, id }, { requiredKeys: ["type", "room"] }),
  rename: fc.record({ type: fc.constant("rename"), content: name, id }, {
    requiredKeys: ["type", "content"],
  }),
  direct: fc.record({ type: fc.constant("direct"), to: secret, content: said, id }, {
    requiredKeys: ["type", "to", "content"],
  }),
  users: fc.record({ type: fc.constant("users"), room, id }, { requiredKeys: ["type"] }),
  rooms: fc.record({ type: fc.constant("rooms"), id }, { requiredKeys: ["type"] }),
  history: fc.record(
    { type: fc.constant("history"), room, before: seq, after: natural, limit, id },
    {
      requiredKeys: ["type", "limit"],
    },
  ),
  search: fc.record({ type: fc.constant("search"), content: secret, room, limit, id }, {
    requiredKeys: ["type", "content", "limit"],
  }),
  edit: fc.record({ type: fc.constant("edit"), room, seq, content: said, id }, {
    requiredKeys: ["type", "seq", "content"],
  }),
  delete: fc.record({ type: fc.constant("delete"), room, seq, id }, {
    requiredKeys: ["type", "seq"],
  }),
  react: fc.record({ type: fc.constant("react"), room, seq, content: emoji, id }, {
    requiredKeys: ["type", "seq", "content"],
  }),
  typing: fc.record({ type: fc.constant("typing"), room, id }, { requiredKeys: ["type"] }),
  file: fc.record({ type: fc.constant("file"), room, content: secret, id }, {
    requiredKeys: ["type", "content"],
  }),
  ping: fc.record({ type: fc.constant("ping"), id }, { requiredKeys: ["type"] }),
  logout: fc.record({ type: fc.constant("logout"), id }, { requiredKeys: ["type"] }),
};

/** Every type of request, by name. */
export const REQUEST_TYPES = Object.keys(requests);

/** Any request, as it leaves the decoder. */
export const clientRequest: fc.Arbitrary<ClientRequest> = fc.oneof(...Object.values(requests));
