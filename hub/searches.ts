/**
 * Searches: from what somebody types to what the store looks for, and from what it finds to the answer.
 *
 * @module
 */
import type { Visits } from "../people/visits.ts";
import {
  directRoom,
  foldName,
  isDirectRoom,
  type Search,
  type SearchPosition,
  type SearchRequest,
  shownRoom,
  type UserId,
  type UserMessage,
} from "../protocol.ts";
import { type ParsedSearch, parseSearch } from "../store/query.ts";
import type { Found, Query } from "../store/store.ts";

/** Where to search: in these rooms; or in all public ones and these, but for some. */
export type Coverage =
  | { readonly rooms: readonly string[] }
  | {
    readonly also: readonly string[];
    readonly except: readonly string[];
    isVisible(room: string): Promise<boolean>;
  };

/** Who searches. */
export interface Searcher {
  /** Empty: nobody in particular. */
  readonly user: UserId;
  /** Whose turn it is when many search: a user or an address. */
  readonly turn: string;
}

/**
 * What the store has to look for.
 *
 * @throws {Refused} `bad_message` if an operator is wrong
 */
export async function toQuery(
  { content, limit, before }: Pick<SearchRequest, "content" | "limit" | "before">,
  coverage: Coverage,
  { user, turn }: Searcher,
  visits: Visits,
): Promise<Query> {
  const parsed = parseSearch(content);
  const { text, after, before: end, has } = parsed;
  return {
    text,
    limit,
    user: turn,
    ...await authorsOf(parsed, visits),
    ...await roomsOf(parsed, coverage, user, visits),
    ...(after !== undefined && { after }),
    ...(end !== undefined && { before: end }),
    ...(has.length > 0 && { has }),
    ...(before !== undefined && { position: toStored(before, user) }),
  };
}

/**
 * The answer to a search.
 *
 * @param query what the store looked for
 * @param messages those that it found, under the present names of their authors
 */
export function toSearch(
  { content, id }: Pick<SearchRequest, "content" | "id">,
  query: Pick<Query, "by" | "from">,
  { next, indexed }: Pick<Found, "next" | "indexed">,
  messages: UserMessage[],
  user: UserId,
): Search {
  return {
    type: "search",
    content,
    messages: messages.filter(isShownAsAsked(query)),
    complete: next === undefined,
    ...(next !== undefined && { next: { ...next, room: shownRoom(next.room, user) } }),
    ...(!indexed && { indexed: false }),
    ...(id !== undefined && { id }),
  };
}

/**
 * What is left of the messages that were sent under a name: those that still show it. Their authors have it, or
 * are no more, so that the name is all that is known of them.
 */
function isShownAsAsked(
  { by = [], from }: Pick<Query, "by" | "from">,
): (m: UserMessage) => boolean {
  if (from === undefined) return () => true;
  const names = new Set(from.map(foldName));
  return (message) =>
    (message.by !== undefined && by.includes(message.by)) || names.has(foldName(message.from));
}

async function authorsOf(
  { from }: ParsedSearch,
  visits: Visits,
): Promise<Pick<Query, "by" | "from">> {
  if (from.length === 0) return {};
  const users = await Promise.all(from.map((name) => visits.find(name)));
  return { by: users.flatMap((user) => user?.id ?? []), from };
}

/** Rooms that are not there for the reader are left out like rooms that do not exist. */
async function roomsOf(
  { in: names }: ParsedSearch,
  coverage: Coverage,
  user: UserId,
  visits: Visits,
): Promise<Pick<Query, "rooms" | "also" | "except">> {
  if (names.length === 0) {
    if ("rooms" in coverage) return { rooms: coverage.rooms };
    return { also: coverage.also, except: coverage.except };
  }
  const asked = await Promise.all(names.map((name) => findRoom(name, user, visits)));
  const rooms: string[] = [];
  for (const room of asked) {
    if (room === undefined) continue;
    const isCovered = "rooms" in coverage
      ? coverage.rooms.includes(room)
      : await coverage.isVisible(room);
    if (isCovered) rooms.push(room);
  }
  return { rooms };
}

/** The name inside the server of a room, or of a direct conversation as `@NAME` or `@ID`. */
async function findRoom(name: string, user: UserId, visits: Visits): Promise<string | undefined> {
  if (!isDirectRoom(name)) return name;
  const other = user === "" ? undefined : await visits.find(name);
  return other && directRoom(user, other.id);
}

/** A position that was shown to a user. */
function toStored({ time, room, seq }: SearchPosition, user: UserId): SearchPosition {
  return { time, seq, room: isDirectRoom(room) ? directRoom(user, room.slice(1)) : room };
}
