/**
 * Segments: consecutive messages of a room, stored in one row.
 *
 * @module
 */
import type { EveryOptional, UserId } from "../../protocol.ts";
import type { StoredMessage, StoredReactions } from "../store.ts";
import { damage } from "./failures.ts";

/** Maximum number of messages in a segment, which is what reading a single message decodes at most. */
export const MAX_SEGMENT_LENGTH = 64;

/** A segment with this many UTF-16 code units of text, or more, takes no further message. */
export const MAX_SEGMENT_TEXT = 16 * 1024;

/** Number of room keys per room: its greatest `seq` is one less. */
export const ROOM_SPAN = 2 ** 32;

/** Maximum number of rooms: room keys stay below 2^53. */
export const MAX_ROOMS = 2 ** 21 - 1;

/** A row of the table `runs`. */
export interface Segment {
  /** Global id of the first message: its position among the messages of all rooms. */
  firstId: number;
  roomId: number;
  /** `seq` of the first message. */
  firstSeq: number;
  /** Number of messages. */
  count: number;
  /** `time` of the newest message, in milliseconds since 1970. */
  time: number;
  /** The messages, encoded by {@linkcode encodeSegment}. */
  text: string;
}

/** The optional fields of a message, except reactions. */
type Optional = Omit<StoredMessage, "room" | "seq" | "time" | "from" | "content" | "reactions">;

/** Who reacted, as it is written: a name alone belongs to nobody, as all did in format 1. */
type ReactorEntry = string | [by: UserId, from: string];

/** Reactions as they are written. */
type ReactionEntries = Record<string, ReactorEntry[]>;

/** A message as it is written: the format on disk. */
type Entry<O> = [time: number, from: string, content: string, optional?: O];

/** The optional fields of a message as they are written. */
type ToWrite = EveryOptional<Optional> & { reactions: ReactionEntries | undefined };

/** The optional fields of a message as they are read. */
type ToRead = Optional & ({ reactions?: never } | { reactions: ReactionEntries });

/** A message's room key: its position in the order of rooms, then of `seq`s. */
export function roomKey(roomId: number, seq: number): number {
  return roomId * ROOM_SPAN + seq;
}

/** `seq` of the message after a segment. */
export function endOf(segment: Segment): number {
  return segment.firstSeq + segment.count;
}

/**
 * Encodes messages as JSON, which preserves every text: SQLite would truncate a text at NUL and replace
 * lone surrogates.
 */
export function encodeSegment(messages: readonly StoredMessage[]): string {
  return JSON.stringify(messages.map(toEntry));
}

function toEntry(message: StoredMessage): Entry<ToWrite> {
  const { time, from, content, by, id, reply_to, edited, deleted, file } = message;
  const reactions = message.reactions && toReactionEntries(message.reactions);
  // JSON omits members that are undefined.
  const optional: ToWrite = { by, id, reply_to, edited, deleted, reactions, file };
  const any = by ?? id ?? reply_to ?? edited ?? deleted ?? reactions ?? file;
  return any === undefined ? [time, from, content] : [time, from, content, optional];
}

/**
 * Decodes a segment's messages.
 *
 * @throws {DamageError} if they are not what {@linkcode encodeSegment} has written
 */
export function decodeSegment(room: string, segment: Segment): StoredMessage[] {
  const { firstSeq } = segment;
  return parseEntries(room, segment).map(([time, from, content, optional], index) => {
    const seq = firstSeq + index;
    if (optional?.reactions === undefined) return { room, seq, time, from, content, ...optional };
    const reactions = fromReactionEntries(optional.reactions);
    return { room, seq, time, from, content, ...optional, reactions };
  });
}

function parseEntries(room: string, segment: Segment): Entry<ToRead>[] {
  const { firstSeq, count, text } = segment;
  try {
    const entries: unknown = JSON.parse(text);
    if (Array.isArray(entries) && entries.length === count && entries.every(isEntry)) {
      return entries;
    }
  } catch {
    // Not JSON: damaged too.
  }
  throw damage(messagesOf(room, firstSeq, firstSeq + count - 1), "they cannot be decoded");
}

/** Whether a value has the form of an entry, as far as a reader depends on it. */
function isEntry(value: unknown): value is Entry<ToRead> {
  if (!Array.isArray(value)) return false;
  const [time, from, content, optional] = value;
  return typeof time === "number" && typeof from === "string" && typeof content === "string" &&
    (optional === undefined || (typeof optional === "object" && optional !== null));
}

/** Names messages in an error. */
export function messagesOf(room: string, first: number, last: number): string {
  const which = first === last ? `message ${first}` : `messages ${first} to ${last}`;
  return room === "" ? which : `${which} of room ${JSON.stringify(room)}`;
}

function toReactionEntries(reactions: StoredReactions): ReactionEntries {
  const entries: ReactionEntries = Object.create(null);
  for (const [emoji, reactors] of Object.entries(reactions)) {
    entries[emoji] = reactors.map(({ by, from }) => by === undefined ? from : [by, from]);
  }
  return entries;
}

function fromReactionEntries(entries: ReactionEntries): StoredReactions {
  const reactions: StoredReactions = Object.create(null);
  for (const [emoji, reactors] of Object.entries(entries)) {
    reactions[emoji] = reactors.map((entry) =>
      typeof entry === "string" ? { from: entry } : { by: entry[0], from: entry[1] }
    );
  }
  return reactions;
}

/** Splits consecutive messages into as few segments as the limits allow. */
export function splitIntoSegments(messages: readonly StoredMessage[]): readonly StoredMessage[][] {
  const segments: StoredMessage[][] = [];
  let segment: StoredMessage[] = [];
  let text = 0;
  for (const message of messages) {
    if (segment.length === 0 || segment.length >= MAX_SEGMENT_LENGTH || text >= MAX_SEGMENT_TEXT) {
      segments.push(segment = []);
      text = 0;
    }
    segment.push(message);
    text += message.content.length;
  }
  return segments;
}
