/**
 * The store that holds everything in memory and loses it with the process: for trying things out
 * (`--data :memory:`) and for tests. Commits never fail.
 *
 * @module
 */
import { isDirectRoom, type UserId } from "../../protocol.ts";
import { amend, copyMessage } from "../apply.ts";
import { toStored } from "../messages.ts";
import { matches, parseQuery } from "../terms.ts";
import { countUnread } from "../unread.ts";
import { Memberships } from "./memberships.ts";
import type {
  Authored,
  Change,
  NewMessage,
  Outcome,
  Page,
  Query,
  Range,
  Retention,
  RoomsState,
  RoomSummary,
  Store,
  StoredMessage,
  Unread,
  UnreadQuery,
} from "../store.ts";

/** Settings of {@linkcode createMemoryStore}. */
export interface MemoryStoreOptions {
  /** Default: a random one. */
  epoch?: string;
}

/** Creates an empty store. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options.epoch ?? crypto.randomUUID());
}

/** Maximum number of messages in an answer of `authored`. */
const MAX_AUTHORED = 200;

/** The messages of one room. The one with `seq` s is `messages[s - removed - 1]`. */
interface MessageList {
  messages: StoredMessage[];
  /** Of each message its position among the messages of all rooms. */
  positions: number[];
  /** How many messages, always the oldest, retention has removed. */
  removed: number;
  /** Messages that have a client's id, by author and id. */
  byId: Map<string, StoredMessage>;
}

class MemoryStore implements Store {
  readonly epoch: string;
  #rooms = new Map<string, MessageList>();
  #memberships = new Memberships();
  #lastPosition = 0;
  #closed = false;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  commit(batch: readonly Change[]): Promise<Outcome[]> {
    return this.#attempt(() => batch.map((change) => this.#apply(change)));
  }

  read(name: string, range: Range): Promise<Page> {
    return this.#attempt(() => {
      const room = this.#rooms.get(name);
      if (room === undefined) return { messages: [], last: 0, complete: true };
      const { from, to, complete } = window(room, range);
      const messages = room.messages.slice(from, to).map(copyMessage);
      return { messages, last: lastOf(room), complete };
    });
  }

  search({ words, rooms, also = [], limit }: Query): Promise<StoredMessage[]> {
    return this.#attempt(() => {
      const terms = parseQuery(words);
      if (terms.length === 0) return [];
      return [...new Set(rooms ?? [...this.#publicRooms(), ...also])]
        .flatMap((name) => this.#rooms.get(name)?.messages.toReversed() ?? [])
        .filter((message) => matches(message.content, terms))
        .sort((a, b) => b.time - a.time)
        .slice(0, limit)
        .map(copyMessage);
    });
  }

  roomsState(): Promise<RoomsState> {
    return this.#attempt(() => this.#memberships.state());
  }

  unread({ user, name, rooms }: UnreadQuery): Promise<Unread[]> {
    return this.#attempt(() =>
      rooms.map((asked) => {
        const room = this.#rooms.get(asked.room);
        return countUnread(newestFirst(room), lastOf(room), asked, { user, name });
      })
    );
  }

  authored(user: UserId, after = 0): Promise<Authored> {
    return this.#attempt(() => {
      const found = [...this.#rooms.values()]
        .flatMap(({ messages, positions }) =>
          messages.map((message, index) => ({ message, position: positions[index] ?? 0 }))
        )
        .filter(({ message, position }) =>
          position >= after && message.by === user && !message.deleted
        )
        .sort((a, b) => a.position - b.position);
      const messages = found.slice(0, MAX_AUTHORED)
        .map(({ message: { room, seq } }) => ({ room, seq }));
      const next = found[MAX_AUTHORED]?.position;
      return next === undefined ? { messages } : { messages, next };
    });
  }

  rooms({ direct = false } = {}): Promise<RoomSummary[]> {
    return this.#attempt(() => {
      const summaries: RoomSummary[] = [];
      for (const [room, { messages }] of this.#rooms) {
        if (!direct && isDirectRoom(room)) continue;
        const newest = messages.at(-1);
        if (newest !== undefined) summaries.push({ room, last: newest.seq, time: newest.time });
      }
      return summaries.sort((a, b) => a.room < b.room ? -1 : 1);
    });
  }

  retain({ maxAge, maxMessages }: Retention, now: number): Promise<number> {
    const oldest = maxAge === undefined ? -Infinity : now - maxAge;
    return this.#attempt(() => {
      let total = 0;
      for (const room of this.#rooms.values()) {
        const surplus = room.messages.length - (maxMessages ?? Infinity);
        const keep = room.messages.findIndex(({ time }, index) =>
          index >= surplus && time >= oldest
        );
        total += removeOldest(room, keep === -1 ? room.messages.length : keep);
      }
      return total;
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#rooms.clear();
    return Promise.resolve();
  }

  /** Wraps a result, or an error, in a promise. */
  #attempt<T>(act: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closed) throw new Error("Cannot use the store: it is closed");
      resolve(act());
    });
  }

  #publicRooms(): string[] {
    return [...this.#rooms.keys()]
      .filter((room) => !isDirectRoom(room) && !this.#memberships.isPrivate(room));
  }

  #apply(change: Change): Outcome {
    if (change.kind === "message") return this.#add(change);
    const room = this.#rooms.get(change.room);
    switch (change.kind) {
      case "edit":
      case "delete":
      case "react":
        return amend(room?.messages[change.seq - room.removed - 1], change);
      default:
        return this.#memberships.apply(change, lastOf(room));
    }
  }

  #add(change: NewMessage): Outcome {
    const room: MessageList = this.#rooms.get(change.room) ??
      { messages: [], positions: [], removed: 0, byId: new Map() };
    this.#rooms.set(change.room, room);
    const key = change.id === undefined ? undefined : idKey(change.by, change.id);
    const earlier = key === undefined ? undefined : room.byId.get(key);
    if (earlier !== undefined) return { duplicate: copyMessage(earlier) };
    const message = toStored(change, lastOf(room) + 1);
    room.messages.push(message);
    room.positions.push(++this.#lastPosition);
    if (key !== undefined) room.byId.set(key, message);
    return message.seq;
  }
}

/** Greatest `seq` assigned in a room. */
function lastOf(room: MessageList | undefined): number {
  return room === undefined ? 0 : room.removed + room.messages.length;
}

function* newestFirst(room: MessageList | undefined): Iterable<StoredMessage> {
  const messages = room?.messages ?? [];
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message !== undefined) yield message;
  }
}

/** The part of a room's messages that a range selects, as the arguments of `slice`. */
function window(
  { messages, removed }: MessageList,
  { after, before, limit }: Range,
): { from: number; to: number; complete: boolean } {
  const clamp = (index: number) => Math.min(Math.max(index, 0), messages.length);
  const start = clamp((after ?? 0) - removed);
  const end = Math.max(start, clamp((before ?? Infinity) - removed - 1));
  if (after === undefined) {
    const from = Math.max(0, end - limit);
    return { from, to: end, complete: from === 0 };
  }
  const to = Math.min(start + limit, end);
  return { from: start, to, complete: to === end };
}

function removeOldest(room: MessageList, count: number): number {
  for (const { by, id } of room.messages.splice(0, count)) {
    if (id !== undefined) room.byId.delete(idKey(by, id));
  }
  room.positions.splice(0, count);
  room.removed += count;
  return count;
}

/** Unambiguous for any two strings. Messages without an author have one and the same. */
function idKey(author: UserId | undefined, id: string): string {
  return JSON.stringify([author ?? "", id]);
}
