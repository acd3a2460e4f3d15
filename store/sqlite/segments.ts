/**
 * Runs: how messages that follow each other in a room are written into one row.
 *
 * @module
 */
import { copyReactions } from "../apply.ts";
import type { StoredMessage } from "../store.ts";

/** Most messages in one run. What is read for the sake of one message is at most this. */
export const MAX_RUN_LENGTH = 64;

/** A run takes no further message once its texts have this many UTF-16 code units together. */
export const MAX_RUN_TEXT = 16 * 1024;

/** Most messages that a room may ever have, so that places of different rooms never meet. */
export const ROOM_SPAN = 2 ** 32;

/** Most rooms that there may ever be, so that places stay below 2^53. */
export const MAX_ROOMS = 2 ** 21 - 1;

/** A row of `runs`. */
export interface Run {
  /** Number of the first message, counting the messages of all rooms. */
  number: number;
  /** Number of the room. */
  room: number;
  /** `seq` of the first message. */
  first: number;
  /** How many messages. */
  count: number;
  /** When the newest of them was said, in milliseconds since 1970. */
  time: number;
  /** The messages, as {@linkcode encodeRun} writes them. */
  text: string;
}

/** A message's members that are not always there. */
type Rest = Omit<StoredMessage, "room" | "seq" | "time" | "from" | "content">;

/** A message as it is written. */
type Entry<R> = [time: number, from: string, content: string, rest?: R];

/** Where a message stands among those of all rooms. */
export function placeOf(room: number, seq: number): number {
  return room * ROOM_SPAN + seq;
}

/** `seq` of the message after a run. */
export function endOf(run: Run): number {
  return run.first + run.count;
}

/**
 * Writes messages down. In JSON, which keeps every text as it is: SQLite would cut a text at NUL
 * and replace lone surrogates.
 */
export function encodeRun(messages: readonly StoredMessage[]): string {
  return JSON.stringify(messages.map(toEntry));
}

function toEntry(message: StoredMessage): Entry<{ [K in keyof Rest]: Rest[K] | undefined }> {
  const { time, from, content, id, reply_to, edited, deleted, reactions, file } = message;
  const rest = id ?? reply_to ?? edited ?? deleted ?? reactions ?? file;
  if (rest === undefined) return [time, from, content];
  // JSON leaves out members that are undefined.
  return [time, from, content, { id, reply_to, edited, deleted, reactions, file }];
}

/** Reads a run's messages. */
export function decodeRun(room: string, { first, text }: Run): StoredMessage[] {
  const entries: Entry<Rest>[] = JSON.parse(text);
  return entries.map(([time, from, content, rest], index) => {
    const message: StoredMessage = { room, seq: first + index, time, from, content, ...rest };
    if (rest?.reactions !== undefined) message.reactions = copyReactions(rest.reactions);
    return message;
  });
}

/** Splits messages that follow each other into as few runs as the bounds allow. */
export function splitIntoRuns(messages: readonly StoredMessage[]): readonly StoredMessage[][] {
  const runs: StoredMessage[][] = [];
  let run: StoredMessage[] = [];
  let text = 0;
  for (const message of messages) {
    if (run.length === 0 || run.length >= MAX_RUN_LENGTH || text >= MAX_RUN_TEXT) {
      runs.push(run = []);
      text = 0;
    }
    run.push(message);
    text += message.content.length;
  }
  return runs;
}
