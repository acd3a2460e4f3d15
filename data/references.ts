/**
 * Which uploads the messages of a database refer to.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { FileInfo } from "../protocol.ts";
import { decodeSegment, ROOM_SPAN } from "../store/sqlite/segments.ts";
import type { StoredMessage } from "../store/store.ts";
import { columnsOf } from "./integrity.ts";
import { readTable } from "./table_reader.ts";

/** A message that refers to a file. */
export interface Reference {
  readonly room: string;
  readonly seq: number;
  readonly file: FileInfo;
}

/** A segment with its decoded messages. */
export interface DecodedSegment {
  readonly number: number;
  readonly roomId: number;
  readonly messages: StoredMessage[];
}

/**
 * Yields all segments in the order of arrival. Those that cannot be decoded are handed to `failed`.
 *
 * @param containing only segments in which this text occurs; default: all
 */
export function* decodeAll(
  db: DatabaseSync,
  failed: (number: number) => void,
  containing = "",
): Generator<DecodedSegment> {
  const names = new Map<number, string>();
  for (const row of db.prepare("SELECT number, name FROM rooms").all()) {
    names.set(Number(row["number"]), String(row["name"]));
  }
  const where = { sql: "instr(messages, ?) > 0", value: containing };
  const reading = { table: "runs", keys: ["number"], ...containing !== "" && { where } };
  for (const row of readTable(db, reading)) {
    const { number, place, count, time, messages } = row;
    const key = Number(place);
    const roomId = Math.floor(key / ROOM_SPAN);
    const segment = {
      firstId: Number(number),
      roomId,
      firstSeq: key % ROOM_SPAN,
      count: Number(count),
      time: Number(time),
      text: String(messages),
    };
    try {
      yield {
        number: segment.firstId,
        roomId,
        messages: decodeSegment(names.get(roomId) ?? "", segment),
      };
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError || isDamageError(error))) {
        throw error;
      }
      failed(segment.firstId);
    }
  }
}

function isDamageError(error: unknown): boolean {
  return error instanceof Error && error.name === "DamageError";
}

/** Yields all references of messages to files. */
export function* references(db: DatabaseSync): Generator<Reference> {
  // JSON writes the key of every file like this; a text that has it by chance is decoded for nothing.
  for (const { messages } of decodeAll(db, () => {}, '"file":')) {
    for (const { room, seq, file } of messages) {
      if (file !== undefined) yield { room, seq, file };
    }
  }
}

/** The epoch of a database of messages; empty if it has none yet. */
export function readEpoch(db: DatabaseSync): string {
  if (!columnsOf(db, "meta").has("value")) return "";
  return String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"] ?? "");
}
