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
import type { SortedRooms } from "./sorted_rooms.ts";

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
 * The answer to `rooms`. Takes time in proportion to the page, and with `content` to the rooms that it looks at.
 *
 * @param open rooms that somebody is in
 */
export function listRooms(
  { rooms, complete }: RoomsPage,
  request: Pick<RoomsRequest, "after" | "limit" | "content" | "id">,
  open: OpenRooms,
  memberships: Memberships,
  { only, isVisible }: Visibility,
): Rooms {
  const end = complete ? undefined : rooms.at(-1)?.room;
  const entries: RoomEntry[] = [];
  let isWhole = complete;
  for (
    const { room, last, user_count } of merge(rooms, openNames(open, request, only, end), open)
  ) {
    if (!isVisible(room)) continue;
    if (entries.length === request.limit) {
      isWhole = false;
      break;
    }
    entries.push({ room, ...memberships.settings(room), user_count, last });
  }
  return {
    type: "rooms",
    rooms: entries,
    complete: isWhole,
    ...(request.id !== undefined && { id: request.id }),
  };
}

/** Rooms that somebody is in, by name and in order. */
export interface OpenRooms {
  readonly rooms: Pick<SortedRooms, "after">;
  findRoom(name: string): Pick<Room, "userCount"> | undefined;
}

/** What whoever asks may know of. */
export interface Visibility {
  /** The only rooms; `undefined`: no such limit. */
  readonly only: readonly string[] | undefined;
  /** Whether a room is there for them. */
  readonly isVisible: (room: string) => boolean;
}

/** The names of open rooms that a page may have, in order. */
function* openNames(
  open: OpenRooms,
  request: Pick<RoomsRequest, "after" | "content">,
  only: readonly string[] | undefined,
  end: string | undefined,
): Generator<string, void, void> {
  const names = only === undefined
    ? namesOf(open.rooms.after(request.after ?? ""))
    : only.filter((name) => open.findRoom(name) !== undefined).sort();
  for (const name of names) {
    if (end !== undefined && name > end) return;
    if (isWanted(name, request)) yield name;
  }
}

function* namesOf(rooms: Iterable<Room>): Generator<string, void, void> {
  for (const { name, userCount } of rooms) if (userCount > 0) yield name;
}

/** Stored and open rooms, each once, in order. */
function* merge(
  stored: readonly RoomSummary[],
  names: Generator<string, void, void>,
  open: OpenRooms,
): Generator<Pick<RoomEntry, "room" | "last" | "user_count">, void, void> {
  let next = names.next();
  for (const { room, last } of stored) {
    for (; !next.done && next.value < room; next = names.next()) yield entry(next.value, 0);
    if (!next.done && next.value === room) next = names.next();
    yield entry(room, last);
  }
  for (; !next.done; next = names.next()) yield entry(next.value, 0);

  function entry(room: string, last: number) {
    return { room, last, user_count: open.findRoom(room)?.userCount ?? 0 };
  }
}

function isWanted(
  name: string,
  { after = "", content = "" }: Pick<RoomsRequest, "after" | "content">,
): boolean {
  return name > after && name.includes(content);
}
