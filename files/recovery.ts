/**
 * Bringing the catalog into agreement with the messages, which are the truth about what refers to
 * which file.
 *
 * @module
 */
import type { Store, StoredMessage } from "../store/store.ts";
import type { Announcement, Catalog } from "./catalog.ts";

/** What is asked of the messages. */
export type Messages = Pick<Store, "epoch" | "read" | "rooms">;

/** Messages that are read at a time. */
const PAGE = 200;

/** How far a clock may have been set back without harm, in milliseconds. */
const CLOCK_MARGIN = 60_000;

/**
 * Notes messages that refer to files and that were committed without being noted, because the program
 * ended in between. Reads the messages since the time up to which all are noted: seldom more than a
 * minute's.
 */
export async function noteMissed(catalog: Catalog, messages: Messages): Promise<void> {
  if (catalog.isEmpty()) return;
  const noted = Number(catalog.readMeta("noted") ?? 0) - CLOCK_MARGIN;
  for (const { room, time } of await messages.rooms()) {
    if (time >= noted) await noteRoom(catalog, messages, room, noted);
  }
}

async function noteRoom(
  catalog: Catalog,
  messages: Messages,
  room: string,
  since: number,
): Promise<void> {
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const page = await messages.read(room, { before, limit: PAGE });
    for (const { seq, file } of page.messages) {
      if (file === undefined || catalog.find(file.id) === undefined) continue;
      catalog.announce({ room, seq, file: file.id });
    }
    const oldest = page.messages[0];
    if (page.complete || oldest === undefined || oldest.time < since) return;
    before = oldest.seq;
  }
}

/**
 * Forgets notes of messages that are no longer there or refer to no file any more.
 *
 * @returns the files that these messages referred to
 */
export async function dropStale(catalog: Catalog, messages: Messages): Promise<Set<string>> {
  const dropped = new Set<string>();
  for (let room = catalog.roomAfter(""); room !== undefined; room = catalog.roomAfter(room)) {
    let above = 0;
    for (;;) {
      const noted = catalog.announcements(room, { above, limit: PAGE });
      const [first] = noted;
      if (first === undefined) break;
      const page = await messages.read(room, { after: first.seq - 1, limit: PAGE });
      const last = page.messages.at(-1)?.seq ?? 0;
      const seen = page.complete ? noted : noted.filter(({ seq }) => seq <= last);
      for (const one of seen) if (!isThere(one, page.messages)) drop(catalog, one, dropped);
      above = seen.at(-1)?.seq ?? Infinity;
    }
  }
  return dropped;
}

/**
 * Forgets notes of messages that were removed because they were too old or too many: those before the
 * oldest message of each room.
 *
 * @returns the files that these messages referred to
 */
export async function dropRetired(catalog: Catalog, messages: Messages): Promise<Set<string>> {
  const dropped = new Set<string>();
  for (let room = catalog.roomAfter(""); room !== undefined; room = catalog.roomAfter(room)) {
    const page = await messages.read(room, { after: 0, limit: 1 });
    const below = page.messages[0]?.seq ?? page.last + 1;
    for (;;) {
      const retired = catalog.announcements(room, { above: 0, below, limit: PAGE });
      if (retired.length === 0) break;
      for (const one of retired) drop(catalog, one, dropped);
    }
  }
  return dropped;
}

function isThere({ seq, file }: Announcement, messages: readonly StoredMessage[]): boolean {
  return messages.some((message) => message.seq === seq && message.file?.id === file);
}

function drop(catalog: Catalog, { room, seq, file }: Announcement, dropped: Set<string>): void {
  catalog.withdraw(room, seq);
  dropped.add(file);
}
