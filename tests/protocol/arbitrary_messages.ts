/**
 * Arbitrary messages of the server for property tests, of every type in the protocol and with every
 * optional field of a message: the compiler checks that none is missing.
 *
 * Rooms, times and `seq`s come from small sets, so that one line often continues another.
 *
 * @module
 */
import fc from "fast-check";
import type {
  ErrorCode,
  FileInfo,
  MembershipEntry,
  MessageField,
  Reactions,
  Role,
  RoomRole,
  ServerMessage,
  User,
  UserEntry,
  UserMessage,
} from "../../protocol.ts";
import {
  anyRoom,
  emoji,
  line,
  name,
  natural,
  room,
  said,
  secret,
  text,
  userId,
} from "./arbitraries.ts";

const id = secret;
const fewRooms = fc.constantFrom("lobby", "constructor", "a-b_c", "@k3J9xQ2mPz_w");
const fewTimes = fc.constantFrom(1_700_000_000_000, 1_700_000_000_001);
const fewSeqs = fc.integer({ min: 1, max: 5 });

/**
 * Keys that JSON writes without a backslash: once a key `\\` was parsed anywhere in the process, V8's
 * JSON.parse may confuse another escaped key with it (nodejs/node#63785). No key of the protocol
 * contains a backslash.
 */
const reactionKey = fc.oneof(
  emoji,
  fc.constantFrom("__proto__", "constructor", "prototype"),
  said.filter((key) => !JSON.stringify(key).includes("\\")),
);

const reactions: fc.Arbitrary<Reactions> = fc.uniqueArray(
  fc.tuple(
    reactionKey,
    fc.record({
      count: natural,
      names: fc.array(name, { maxLength: 3 }),
      mine: fc.constant(true as const),
    }, { requiredKeys: ["count", "names"] }),
  ),
  { maxLength: 4, selector: ([key]) => key },
).map((entries) => {
  const made: Reactions = Object.create(null);
  for (const [key, reaction] of entries) made[key] = reaction;
  return made;
});

const file: fc.Arbitrary<FileInfo> = fc.record({
  id: secret,
  name: text,
  size: natural,
  media_type: fc.constantFrom("image/png", "text/plain; charset=utf-8"),
  url: fc.webPath(),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
});

/** Every optional field of a message. */
const optional: { [K in MessageField]: fc.Arbitrary<NonNullable<UserMessage[K]>> } = {
  by: userId,
  id,
  reply_to: fewSeqs,
  edited: fewTimes,
  deleted: fc.constant(true as const),
  reactions,
  file,
  repeat: fc.constant(true as const),
};

const required = { room: fewRooms, from: name, content: text, seq: fewSeqs, time: fewTimes };

/** A message in a room; half of them without optional fields, as most are in practice. */
export const userMessage: fc.Arbitrary<UserMessage & { type: "user" }> = fc.oneof(
  fc.record({ type: fc.constant("user" as const), ...required }),
  fc.record({ type: fc.constant("user" as const), ...required, ...optional }, {
    requiredKeys: ["type", "room", "from", "content", "seq", "time"],
  }),
);

const fileMessage = fc.record({ type: fc.constant("file" as const), ...required, ...optional }, {
  requiredKeys: ["type", "room", "from", "content", "seq", "time", "file"],
});

const people = { user_count: natural, user_list: fc.array(name, { maxLength: 4 }), id };

const person = {
  id: userId,
  name,
  role: fc.constantFrom<Role>("guest", "member", "admin", "bot"),
};
const user: fc.Arbitrary<User> = fc.record(person);

const roomRole = fc.constantFrom<RoomRole>("owner", "moderator", "member");
const userEntry: fc.Arbitrary<UserEntry> = fc.record(
  { ...person, online: fc.boolean(), room_role: roomRole },
  { requiredKeys: ["id", "name", "role", "online"] },
);
const isPrivate = fc.constant(true as const);

const membership: fc.Arbitrary<MembershipEntry> = fc.record({
  room: anyRoom,
  last: natural,
  read: natural,
  unread: natural,
  mentions: natural,
  role: roomRole,
  private: isPrivate,
  topic: line,
  user: userEntry,
}, { requiredKeys: ["room", "last", "read", "unread", "mentions"] });

const roomEntry = fc.record(
  { room, private: isPrivate, topic: line, user_count: natural, last: natural },
  { requiredKeys: ["room", "user_count", "last"] },
);

/** Who did it, and to which room. */
const done = { room: fewRooms, from: name, by: userId };

const limits = fc.record({
  content_bytes: natural,
  name_length: natural,
  rate: natural,
  burst: natural,
  rooms: natural,
  file_bytes: natural,
  page: natural,
  replay: natural,
  user_list: natural,
});

const code = fc.constantFrom<ErrorCode>("bad_json", "too_long", "internal");

function presence<T extends "login" | "logout">(type: T) {
  return fc.record({
    type: fc.constant(type),
    ...done,
    content: name,
    ...people,
    user,
    session: secret,
    rooms: fc.array(membership, { maxLength: 3 }),
  }, { requiredKeys: ["type", "room", "content", "from", "by", "user_count"] });
}

function membershipChange<T extends "invite" | "remove">(type: T) {
  return fc.record({ type: fc.constant(type), ...done, user, id }, {
    requiredKeys: ["type", "room", "from", "by", "user"],
  });
}

type Messages = { [T in ServerMessage["type"]]: fc.Arbitrary<ServerMessage & { type: T }> };

const messages: Messages = {
  handshake: fc.record(
    {
      type: fc.constant("handshake"),
      session: secret,
      user,
      number: natural,
      ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant("")),
      epoch: secret,
      run: secret,
      user_list: fc.array(name, { maxLength: 4 }),
      user_count: natural,
      limits,
    },
    { requiredKeys: ["type", "number", "ip", "epoch", "run", "user_count", "limits"] },
  ),
  login: presence("login"),
  logout: presence("logout"),
  user: userMessage,
  file: fileMessage,
  rename: fc.record({ type: fc.constant("rename"), ...done, content: name, ...people }, {
    requiredKeys: ["type", "room", "from", "by", "content", "user_count"],
  }),
  direct: fc.record(
    {
      type: fc.constant("direct"),
      from: name,
      by: userId,
      to: name,
      content: text,
      time: fewTimes,
      id,
    },
    { requiredKeys: ["type", "from", "by", "to", "content", "time"] },
  ),
  users: fc.record({
    type: fc.constant("users"),
    room: anyRoom,
    ...people,
    users: fc.array(userEntry, { maxLength: 4 }),
  }, { requiredKeys: ["type", "room", "user_count", "user_list", "users"] }),
  rooms: fc.record({
    type: fc.constant("rooms"),
    rooms: fc.array(roomEntry, { maxLength: 3 }),
    complete: fc.boolean(),
    id,
  }, { requiredKeys: ["type", "rooms", "complete"] }),
  history: fc.record({
    type: fc.constant("history"),
    room: anyRoom,
    messages: fc.array(fc.oneof(userMessage, fileMessage), { maxLength: 3 }),
    first: natural,
    last: natural,
    change: natural,
    complete: fc.boolean(),
    changed: fc.array(fc.oneof(userMessage, fileMessage), { maxLength: 3 }),
    id,
  }, { requiredKeys: ["type", "room", "messages", "first", "last", "change", "complete"] }),
  search: fc.record({
    type: fc.constant("search"),
    content: text,
    messages: fc.array(userMessage, { maxLength: 3 }),
    complete: fc.boolean(),
    next: fc.record({ time: natural, room: anyRoom, seq: fewSeqs }),
    indexed: fc.constant(false as const),
    id,
  }, { requiredKeys: ["type", "content", "messages", "complete"] }),
  edit: fc.record({
    type: fc.constant("edit"),
    ...done,
    seq: fewSeqs,
    content: text,
    time: fewTimes,
    change: natural,
    id,
  }, { requiredKeys: ["type", "room", "seq", "from", "by", "content", "time", "change"] }),
  delete: fc.record({ type: fc.constant("delete"), ...done, seq: fewSeqs, change: natural, id }, {
    requiredKeys: ["type", "room", "seq", "from", "by", "change"],
  }),
  react: fc.record({
    type: fc.constant("react"),
    ...done,
    seq: fewSeqs,
    content: emoji,
    on: fc.boolean(),
    count: natural,
    change: natural,
    id,
  }, {
    requiredKeys: ["type", "room", "seq", "from", "by", "content", "on", "count", "change"],
  }),
  typing: fc.record({ type: fc.constant("typing"), ...done }),
  create: fc.record({ type: fc.constant("create"), ...done, private: isPrivate, topic: line, id }, {
    requiredKeys: ["type", "room", "from", "by"],
  }),
  invite: membershipChange("invite"),
  remove: membershipChange("remove"),
  topic: fc.record({ type: fc.constant("topic"), ...done, content: line, id }, {
    requiredKeys: ["type", "room", "from", "by", "content"],
  }),
  role: fc.record({ type: fc.constant("role"), ...done, user, content: roomRole, id }, {
    requiredKeys: ["type", "room", "from", "by", "user", "content"],
  }),
  read: fc.record({ type: fc.constant("read"), room: anyRoom, seq: natural, id }, {
    requiredKeys: ["type", "room", "seq"],
  }),
  system: fc.record({ type: fc.constant("system"), content: text }),
  error: fc.record({ type: fc.constant("error"), code, content: text, id, retry_ms: natural }, {
    requiredKeys: ["type", "code", "content"],
  }),
  pong: fc.record({ type: fc.constant("pong"), time: fewTimes, id }, {
    requiredKeys: ["type", "time"],
  }),
};

/** Any message of the server. */
export const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(...Object.values(messages));

/** What a batch may send: messages of several rooms, consecutive or not, mixed with other types. */
export const batch: fc.Arbitrary<ServerMessage[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.boolean(), userMessage) },
    { weight: 1, arbitrary: fc.tuple(fc.constant(false), serverMessage) },
  ),
  { minLength: 1, maxLength: 12 },
).map((drawn) => {
  const sequence: ServerMessage[] = [];
  for (const [continues, message] of drawn) {
    const before = sequence.at(-1);
    const joined = continues && message.type === "user" && before?.type === "user"
      ? { ...message, room: before.room, seq: before.seq + 1, time: before.time }
      : message;
    sequence.push(joined);
  }
  return sequence;
});
