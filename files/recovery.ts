/**
 * Compares the catalog with the messages, which are authoritative about references to files. Reads a page of
 * messages at a time, so that memory is bounded however many there are.
 *
 * @module
 */
import type { Page, Store, StoredMessage } from "../store/store.ts";
import type { Announcement, Catalog, FileRecord } from "./catalog.ts";

/** The part of the message store that is used. */
export type Messages = Pick<
  Store,
  "epoch" | "run" | "previousRun" | "lastNoted" | "read" | "rooms"
>;

/** Number of messages, or rooms, read at a time. */
const PAGE = 200;

/** Called with each message that refers to a file. */
export type OnFile = (
  message: StoredMessage & { file: NonNullable<StoredMessage["file"]> },
) => Promise<void>;

/** Reads all messages since a time that refer to a file, and maybe some older ones; in any order. */
export async function readFiles(messages: Messages, since: number, onFile: OnFile): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const { rooms, complete } = await messages.rooms({
      limit: PAGE,
      also: "all",
      ...(after !== undefined && { after }),
    });
    for (const { room, time } of rooms) {
      if (time >= since) await readRoom(messages, room, { since, onFile });
    }
    after = rooms.at(-1)?.room;
    if (complete || after === undefined) return;
  }
}

async function readRoom(
  messages: Messages,
  room: string,
  { since, onFile }: { since: number; onFile: OnFile },
): Promise<void> {
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const page = await messages.read(room, { before, limit: PAGE });
    for (const message of page.messages) {
      const { file } = message;
      if (file !== undefined) await onFile({ ...message, file });
    }
    const oldest = page.messages[0];
    if (page.complete || oldest === undefined || oldest.time < since) return;
    before = oldest.seq;
  }
}

/** The record of a file as a message describes it; its author is who uploaded the file. */
export function toFileRecord(message: Parameters<OnFile>[0]): FileRecord {
  const { id, name, size, media_type, sha256 } = message.file;
  const { by: uploader = "", time: created } = message;
  return { id, name, size, media_type, sha256, uploader, network: "", created };
}

/** Whether an announcement is of a message that its room does not have yet: of later data than the messages. */
export async function isAhead(catalog: Catalog, messages: Messages): Promise<boolean> {
  for (const room of roomsOf(catalog)) {
    const { last } = await messages.read(room, { limit: 1 });
    if (catalog.lastAnnounced(room) > last) return true;
  }
  return false;
}

/**
 * Removes announcements whose messages no longer refer to a file. Those that are gone without a trace lose
 * their files.
 *
 * @param isSame whether the messages are those of which the announcements are; otherwise what retention has
 *   removed proves nothing
 * @param dropped gets the ids of the files whose messages were deleted or removed by retention
 */
export async function dropStale(
  catalog: Catalog,
  messages: Messages,
  { isSame, dropped }: { isSame: boolean; dropped: Set<string> },
): Promise<void> {
  for (const room of roomsOf(catalog)) {
    let above = 0;
    for (;;) {
      const recorded = catalog.announcements(room, { above, limit: PAGE });
      const [first] = recorded;
      if (first === undefined) break;
      const page = await messages.read(room, { after: first.seq - 1, limit: PAGE });
      const last = page.messages.at(-1)?.seq ?? 0;
      const seen = page.complete ? recorded : recorded.filter(({ seq }) => seq <= last);
      for (const one of seen) {
        const state = stateOf(one, page, catalog);
        if (state === "deleted" || (state === "retired" && isSame)) drop(catalog, one, dropped);
        else if (state !== "there") catalog.lose(room, one.seq);
      }
      above = seen.at(-1)?.seq ?? Infinity;
    }
  }
}

/**
 * Removes announcements whose messages were removed by retention: those before the oldest message of each
 * room.
 *
 * @param dropped gets the ids of these files
 */
export async function dropRetired(
  catalog: Catalog,
  messages: Messages,
  dropped: Set<string>,
): Promise<void> {
  for (const room of roomsOf(catalog)) {
    const page = await messages.read(room, { after: 0, limit: 1 });
    const below = page.messages[0]?.seq ?? page.last + 1;
    for (;;) {
      const retired = catalog.announcements(room, { above: 0, below, limit: PAGE });
      if (retired.length === 0) break;
      for (const one of retired) drop(catalog, one, dropped);
    }
  }
}

/** What became of the message of an announcement, as a page that covers it shows. */
function stateOf(
  { seq, file }: Announcement,
  page: Page,
  catalog: Catalog,
): "there" | "deleted" | "retired" | "gone" {
  const message = page.messages.find((one) => one.seq === seq);
  if (message === undefined) return seq > page.last ? "gone" : "retired";
  if (message.file?.id === file) return "there";
  // Only who has uploaded a file can announce it: a message by somebody else was another one.
  const uploader = catalog.find(file)?.uploader ?? "";
  const isTheirs = uploader === "" || message.by === uploader;
  return message.deleted === true && isTheirs ? "deleted" : "gone";
}

function* roomsOf(catalog: Catalog): Generator<string, void, void> {
  for (let room = catalog.roomAfter(""); room !== undefined; room = catalog.roomAfter(room)) {
    yield room;
  }
}

function drop(catalog: Catalog, { room, seq, file }: Announcement, dropped: Set<string>): void {
  catalog.withdraw(room, seq);
  dropped.add(file);
}
