/**
 * The list of rooms, a page at a time: those that hold messages, as the store lists them, and those that
 * somebody is in.
 *
 * @module
 */
import type { RoomEntry, Rooms, RoomsRequest } from "../protocol.ts";
import type { RoomsPage, RoomSummary, Store } from "../store/store.ts";
import type { Memberships } from "./memberships.ts";
import type { Room } from "./room.ts";

/** Which rooms are listed: these only; or those besides all public ones. */
export type Listable = { readonly only: readonly string[] } | { readonly also: readonly string[] };

/** Reads a page of rooms. */
export async function readRooms(
  store: Pick<Store, "rooms" | "read">,
  request: Pick<RoomsRequest, "after" | "limit" | "content">,
  listable: Listable,
): Promise<RoomsPage> {
  const { after, limit, content } = request;
  if ("also" in listable) {
    const range = { limit, also: listable.also };
    return await store.rooms({
      ...range,
      ...(after !== undefined && { after }),
      ...(content !== undefined && { containing: content }),
    });
  }
  const names = listable.only.filter((name) => isWanted(name, request)).sort();
  const rooms = await Promise.all(names.slice(0, limit).map((name) => summarize(name, store)));
  return {
    rooms: rooms.filter(({ last }) => last > 0),
    complete: names.length <= limit,
  };
}

async function summarize(room: string, store: Pick<Store, "read">): Promise<RoomSummary> {
  const { last, messages } = await store.read(room, { limit: 1 });
  return { room, last, time: messages.at(-1)?.time ?? 0 };
}

/**
 * The answer to `rooms`.
 *
 * @param open rooms that somebody is in
 * @param isVisible whether a room is there for whoever asks
 */
export function listRooms(
  { rooms, complete }: RoomsPage,
  request: Pick<RoomsRequest, "after" | "limit" | "content" | "id">,
  open: Iterable<Room>,
  memberships: Memberships,
  isVisible: (room: string) => boolean,
): Rooms {
  const counts = new Map<string, number>();
  const lasts = new Map<string, number>();
  for (const { room, last } of rooms) lasts.set(room, last);
  const end = complete ? undefined : rooms.at(-1)?.room;
  for (const { name, userCount } of open) {
    if (userCount === 0 || !isWanted(name, request)) continue;
    if (end !== undefined && name > end && !lasts.has(name)) continue;
    counts.set(name, userCount);
  }
  const names = [...new Set([...lasts.keys(), ...counts.keys()])].filter(isVisible).sort();
  const entries = names.slice(0, request.limit).map((room): RoomEntry => ({
    room,
    ...memberships.settings(room),
    user_count: counts.get(room) ?? 0,
    last: lasts.get(room) ?? 0,
  }));
  return {
    type: "rooms",
    rooms: entries,
    complete: complete && names.length <= request.limit,
    ...(request.id !== undefined && { id: request.id }),
  };
}

function isWanted(
  name: string,
  { after = "", content = "" }: Pick<RoomsRequest, "after" | "content">,
): boolean {
  return name > after && name.includes(content);
}
