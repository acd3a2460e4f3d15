/**
 * The store that holds everything in memory and loses it with the process: for trying things out
 * (`--data :memory:`) and for tests. Commits never fail.
 *
 * @module
 */
import { isDirectRoom, type UserId } from "../../protocol.ts";
import { copyMessage } from "../apply.ts";
import { compareFound, matcherOf, positionOf } from "../terms.ts";
import { countUnread } from "../unread.ts";
import { Memberships } from "./memberships.ts";
import { RoomLog } from "./room.ts";
import type {
  Authored,
  Change,
  Found,
  Missed,
  NewMessage,
  Outcome,
  Page,
  Position,
  Query,
  Range,
  Retention,
  RoomsPage,
  RoomsQuery,
  RoomsState,
  Store,
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

/** A room in which nothing was ever said. */
const NO_ROOM = new RoomLog();

class MemoryStore implements Store {
  readonly epoch: string;
  readonly run = crypto.randomUUID();
  readonly previousRun = undefined;
  readonly lastNoted = undefined;
  /** Never resolves. */
  readonly failed = new Promise<Error>(() => {});
  #rooms = new Map<string, RoomLog>();
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
    return this.#attempt(() => this.#room(name).read(range));
  }

  resume(name: string, position: Position, limit: number): Promise<Missed | undefined> {
    return this.#attempt(() => {
      const { epoch = this.epoch, run = this.run } = position;
      if (epoch !== this.epoch || run !== this.run) return undefined;
      return this.#room(name).resume(position, limit);
    });
  }

  search(query: Query): Promise<Found> {
    return this.#attempt(() => {
      const { rooms, also = [], except, limit, position } = query;
      const found = [...new Set(rooms ?? this.#listed(also, except))]
        .flatMap((name) => this.#room(name).messages)
        .filter(matcherOf(query))
        .filter((message) => position === undefined || compareFound(position, message) < 0)
        .sort(compareFound);
      const messages = found.slice(0, limit).map(copyMessage);
      const last = messages.at(-1);
      if (found.length <= limit || last === undefined) return { messages, indexed: true };
      return { messages, next: positionOf(last), indexed: true };
    });
  }

  roomsState(): Promise<RoomsState> {
    return this.#attempt(() => ({
      ...this.#memberships.state(),
      spoken: [...this.#rooms.keys()],
    }));
  }

  unread({ user, name, rooms }: UnreadQuery): Promise<Unread[]> {
    return this.#attempt(() =>
      rooms.map((asked) => {
        const room = this.#room(asked.room);
        return countUnread(room.newestFirst(), room.last, asked, { user, name });
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

  rooms(query: RoomsQuery): Promise<RoomsPage> {
    const { after = "", limit, containing = "", also = [], except } = query;
    return this.#attempt(() => {
      const rooms = [...this.#listed(also, except)].flatMap((room) => {
        const newest = this.#room(room).messages.at(-1);
        const asked = room > after && room.includes(containing);
        return asked && newest !== undefined ? [{ room, last: newest.seq, time: newest.time }] : [];
      });
      rooms.sort((a, b) => a.room < b.room ? -1 : 1);
      return { rooms: rooms.slice(0, limit), complete: rooms.length <= limit };
    });
  }

  retain(policy: Retention, now: number): Promise<number> {
    return this.#attempt(() =>
      [...this.#rooms.values()].reduce((total, room) => total + room.retain(policy, now), 0)
    );
  }

  noteTime(_now: number): Promise<void> {
    return this.#attempt(() => {});
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

  #room(name: string): RoomLog {
    return this.#rooms.get(name) ?? NO_ROOM;
  }

  /** Public rooms, and others that were asked for, but for some. */
  #listed(
    also: readonly string[] | "private" | "all",
    except: readonly string[] = [],
  ): Set<string> {
    const names = [...this.#rooms.keys()];
    const isOf = (room: string) =>
      also === "all" ||
      !isDirectRoom(room) && (also === "private" || !this.#memberships.isPrivate(room));
    const listed = [...names.filter(isOf), ...typeof also === "string" ? [] : also];
    return new Set(listed).difference(new Set(except));
  }

  #apply(change: Change): Outcome {
    switch (change.kind) {
      case "message":
        return this.#add(change);
      case "edit":
      case "delete":
      case "react":
        return this.#room(change.room).amend(change);
      default:
        return this.#memberships.apply(change, this.#room(change.room).last);
    }
  }

  #add(change: NewMessage): Outcome {
    const room = this.#rooms.get(change.room) ?? new RoomLog();
    const outcome = room.add(change, this.#lastPosition + 1);
    if (typeof outcome !== "number") return outcome;
    this.#lastPosition++;
    this.#rooms.set(change.room, room);
    return outcome;
  }
}
