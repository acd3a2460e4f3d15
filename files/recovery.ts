/**
 * Reconciles the catalog with the messages, which are authoritative about references to files.
 *
 * @module
 */
import type { Store, StoredMessage } from "../store/store.ts";
import type { Announcement, Catalog } from "./catalog.ts";

/** The part of the message store that is used. */
export type Messages = Pick<Store, "epoch" | "read" | "rooms">;

/** Number of messages read at a time. */
const PAGE = 200;

/** By how much the clock may have been set back, in milliseconds. */
const CLOCK_MARGIN = 60_000;

/**
 * Records announcements that were committed but not recorded because the program ended in between. Reads
 * the messages since the time until which all are recorded: usually those of the last minute.
 */
export async function recordMissed(catalog: Catalog, messages: Messages): Promise<void> {
  if (catalog.isEmpty()) return;
  const since = Number(catalog.readMeta("noted") ?? 0) - CLOCK_MARGIN;
  for (const { room, time } of await messages.rooms({ direct: true })) {
    if (time >= since) await recordRoom(catalog, messages, room, since);
  }
}

async function recordRoom(
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
 * Removes announcements whose messages no longer exist or no longer refer to a file.
 *
 * @returns the ids of these files
 */
export async function dropStale(catalog: Catalog, messages: Messages): Promise<Set<string>> {
  const dropped = new Set<string>();
  for (let room = catalog.roomAfter(""); room !== undefined; room = catalog.roomAfter(room)) {
    let above = 0;
    for (;;) {
      const recorded = catalog.announcements(room, { above, limit: PAGE });
      const [first] = recorded;
      if (first === undefined) break;
      const page = await messages.read(room, { after: first.seq - 1, limit: PAGE });
      const last = page.messages.at(-1)?.seq ?? 0;
      const seen = page.complete ? recorded : recorded.filter(({ seq }) => seq <= last);
      for (const one of seen) if (!exists(one, page.messages)) drop(catalog, one, dropped);
      above = seen.at(-1)?.seq ?? Infinity;
    }
  }
  return dropped;
}

/**
 * Removes announcements whose messages were removed by retention: those before the oldest message of each
 * room.
 *
 * @returns the ids of these files
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

function exists({ seq, file }: Announcement, messages: readonly StoredMessage[]): boolean {
  return messages.some((message) => message.seq === seq && message.file?.id === file);
}

function drop(catalog: Catalog, { room, seq, file }: Announcement, dropped: Set<string>): void {
  catalog.withdraw(room, seq);
  dropped.add(file);
}
