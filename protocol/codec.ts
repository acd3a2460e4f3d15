/**
 * How messages become the text of frames and back, for the two subprotocols that speak JSON. `decodeFrame`
 * in `protocol/wire.js` is the inverse of `encodeFrame`. A codec is pure: it knows neither sockets nor
 * who is connected. The codec of `hubbub.text.v1`, which needs to know more, is the text session in
 * `client/text/`.
 *
 * @module
 */
import { decodeRequest } from "./decode.ts";
import type { EveryOptional } from "./message_fields.ts";
import type { ErrorMessage, ServerMessage, System, UserMessage } from "./messages.ts";
import type { ClientRequest } from "./requests.ts";
import { MAX_EVENT_LIST_BYTES, withShortList } from "./user_list.ts";
import { LINES } from "./wire.js";

/** An immediate answer to something received, made without asking the host. */
export type Reply = ErrorMessage | System & { id?: never };

/** What a received line means: a request, or already its answer; `undefined` if it says nothing. */
export type Decoded = ClientRequest | Reply | undefined;

/** Encodes events that many see: the texts of the frames, in order; none if it shows none of them. */
export type EventEncoder = (messages: readonly ServerMessage[]) => string[];

/** One subprotocol: how it reads and how it writes. */
export interface Codec {
  /** Its name; empty: none. */
  readonly subprotocol: string;
  /** Whether a frame from the client may hold several lines. */
  readonly multiline: boolean;
  /** The same function for all connections whose events look alike, so that they share its frames. */
  readonly events: EventEncoder;
  /** Maximum size of the list of names in an event about somebody else, in bytes; 0: it has none. */
  readonly maxEventList: number;
  /** Encodes events that only the client's user sees, if that depends on who it is. */
  readonly personalEvents?: EventEncoder;
  /**
   * Reads one line of a frame, or the whole frame if the codec is not `multiline`. Never throws.
   *
   * @param maxContentBytes maximum length of a message's text, in bytes of UTF-8
   */
  read(line: string, maxContentBytes: number): Decoded;
  /** The texts of the frames that carry these answers to the client's own requests, in order. */
  answers(messages: readonly ServerMessage[]): string[];
  /** Whether `events` leaves this type out, so that the requester needs an answer of its own. */
  withholds(type: ServerMessage["type"]): boolean;
  /** Whether a message in a direct conversation is written as `direct`, for clients that know no rooms of two. */
  readonly direct: boolean;
  /** Told the connection's name (empty before login) and rooms, if what it writes depends on them. */
  membershipChanged?(
    membership: { readonly name: string; readonly rooms: readonly string[] },
  ): void;
}

/** All messages in one frame. */
function encodeTogether(messages: readonly ServerMessage[]): string[] {
  return messages.length === 0 ? [] : [encodeFrame(messages)];
}

/** What many see: each of them was told who is there when it entered, and can follow from there. */
function encodeShared(messages: readonly ServerMessage[]): string[] {
  return encodeTogether(messages.map((message) => withShortList(message, 0)));
}

/** `hubbub.v1`: lines of JSON, any number in a frame. */
const linesCodec: Codec = {
  subprotocol: LINES,
  multiline: true,
  read: decodeRequest,
  events: encodeShared,
  personalEvents: encodeTogether,
  maxEventList: 0,
  answers: encodeTogether,
  direct: false,
  withholds: () => false,
};

/**
 * Which events a client without a subprotocol sees. It may be older than the type, or a page of twenty
 * lines that shows whatever comes: `false` keeps an event from clients that did not cause it. A new type
 * does not compile until it is decided here.
 */
const SHOWN_TO_CLASSIC: Readonly<Record<ServerMessage["type"], boolean>> = {
  handshake: true,
  login: true,
  logout: true,
  user: true,
  file: true,
  rename: true,
  direct: true,
  users: true,
  rooms: true,
  history: true,
  search: true,
  edit: false,
  delete: false,
  react: false,
  typing: false,
  create: false,
  invite: false,
  remove: false,
  topic: false,
  role: false,
  read: false,
  system: true,
  error: true,
  pong: true,
};

function encodeOneByOne(messages: readonly ServerMessage[]): string[] {
  return messages.map((message) => encodeMessage(asText(message)));
}

/** A file for a client that knows only text: a `user` message with the file's name and URL. */
function asText(message: ServerMessage): ServerMessage {
  if (message.type !== "file") return message;
  return { ...message, type: "user", content: `${message.content} ${message.file?.url ?? ""}` };
}

function encodeClassic(messages: readonly ServerMessage[]): string[] {
  return encodeOneByOne(messages.filter(({ type }) => SHOWN_TO_CLASSIC[type]));
}

/** No subprotocol: one JSON object a frame. */
const classicCodec: Codec = {
  subprotocol: "",
  multiline: false,
  read: decodeRequest,
  events: (messages) =>
    encodeClassic(messages.map((message) => withShortList(message, MAX_EVENT_LIST_BYTES))),
  personalEvents: encodeClassic,
  maxEventList: MAX_EVENT_LIST_BYTES,
  answers: encodeOneByOne,
  direct: true,
  withholds: (type) => !SHOWN_TO_CLASSIC[type],
};

/** The codec of a JSON subprotocol, or of a client that asked for none. */
export function codecOf(subprotocol: string | undefined): Codec {
  return subprotocol === LINES ? linesCodec : classicCodec;
}

/** Encodes a message as one complete JSON line, without a line terminator. */
export function encodeMessage(message: ServerMessage): string {
  return JSON.stringify(message);
}

/**
 * Encodes messages as one `hubbub.v1` frame, in their order. The first line is complete; a `user` line
 * that follows another one omits `type`, and omits `room`, `time` and `seq` where the previous line
 * implies them.
 */
export function encodeFrame(messages: readonly ServerMessage[]): string {
  let frame = "";
  let before: UserMessage | undefined;
  for (const message of messages) {
    if (frame !== "") frame += "\n";
    const user = message.type === "user" ? message : undefined;
    frame += user === undefined || before === undefined
      ? JSON.stringify(message)
      : leanLine(user, before);
    before = user;
  }
  return frame;
}

/** Written by hand, which is faster than stringifying a partial copy. A room needs no escaping. */
function leanLine(message: UserMessage, before: UserMessage): string {
  const { by, id, reply_to, edited, deleted, reactions, file, repeat } = message;
  const fields: EveryOptional<UserMessage> = {
    by,
    id,
    reply_to,
    edited,
    deleted,
    reactions,
    file,
    repeat,
  };
  let line = `{"from":${JSON.stringify(message.from)},"content":${JSON.stringify(message.content)}`;
  if (message.room !== before.room) line += `,"room":"${message.room}"`;
  if (message.seq !== before.seq + 1) line += `,"seq":${message.seq}`;
  if (message.time !== before.time) line += `,"time":${message.time}`;
  // The id of a user needs no escaping, see `UserId`; that of a message is the client's own.
  if (fields.by !== undefined) line += `,"by":"${fields.by}"`;
  if (fields.id !== undefined) line += `,"id":${JSON.stringify(fields.id)}`;
  if (fields.reply_to !== undefined) line += `,"reply_to":${fields.reply_to}`;
  if (fields.edited !== undefined) line += `,"edited":${fields.edited}`;
  if (fields.deleted !== undefined) line += `,"deleted":true`;
  if (fields.reactions !== undefined) line += `,"reactions":${JSON.stringify(fields.reactions)}`;
  if (fields.file !== undefined) line += `,"file":${JSON.stringify(fields.file)}`;
  if (fields.repeat !== undefined) line += `,"repeat":true`;
  return line + "}";
}
