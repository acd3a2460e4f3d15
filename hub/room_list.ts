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

/** Which rooms are listed: these only; or those besides all public ones, but for some. */
export type Listable =
  | { readonly only: readonly string[] }
  | { readonly also: readonly string[]; readonly except: readonly string[] };

/** Reads a page of rooms. */
export async function readRooms(
  store: Pick<Store, "rooms" | "read">,
  request: Pick<RoomsRequest, "after" | "limit" | "content">,
  listable: Listable,
): Promise<RoomsPage> {
  const { after, limit, content } = request;
  if ("also" in listable) {
    const range = { limit, also: listable.also, except: listable.except };
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
 * The answer to `rooms`. Takes time in proportion to the page; with `content`, to the rooms that it looks
 * through for it.
 *
 * @param open rooms that somebody is in
 */
export function listRooms(
  { rooms: stored, complete }: RoomsPage,
  request: Pick<RoomsRequest, "after" | "limit" | "content" | "id">,
  open: OpenRooms,
  memberships: Memberships,
  { only, isVisible }: Visibility,
): Rooms {
  const { after = "", limit } = request;
  const lasts = new Map<string, number>();
  for (const { room, last } of stored) if (isVisible(room)) lasts.set(room, last);
  const upTo = complete ? undefined : stored.at(-1)?.room;
  const isListed = (room: OpenRoom) =>
    isWanted(room.name, request) && room.userCount > 0 && isVisible(room.name);
  const others = only === undefined
    ? open.rooms.select({ after, upTo, limit: limit + 1 }, isListed)
    : only.flatMap((name) => open.findRoom(name) ?? [])
      .filter((room) => isListed(room) && (upTo === undefined || room.name <= upTo));
  const names = [...new Set([...lasts.keys(), ...others.map(({ name }) => name)])].sort();
  return {
    type: "rooms",
    rooms: names.slice(0, limit).map((room): RoomEntry => ({
      room,
      ...memberships.settings(room),
      user_count: open.findRoom(room)?.userCount ?? 0,
      last: lasts.get(room) ?? 0,
    })),
    complete: complete && names.length <= limit,
    ...(request.id !== undefined && { id: request.id }),
  };
}

/** A room that somebody is in. */
export type OpenRoom = Pick<Room, "name" | "userCount">;

/** Rooms that somebody is in, by name and in order. */
export interface OpenRooms {
  readonly rooms: Pick<SortedRooms<OpenRoom>, "select">;
  findRoom(name: string): OpenRoom | undefined;
}

/** What whoever asks may know of. */
export interface Visibility {
  /** The only rooms; `undefined`: no such limit. */
  readonly only: readonly string[] | undefined;
  /** Whether a room is there for them. */
  readonly isVisible: (room: string) => boolean;
}

function isWanted(
  name: string,
  { after = "", content = "" }: Pick<RoomsRequest, "after" | "content">,
): boolean {
  return name > after && name.includes(content);
}
