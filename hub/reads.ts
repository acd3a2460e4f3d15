/**
 * What the hub asks of the store beside the loop: pages of history, searches, the list of rooms, and
 * what a newcomer missed. Answers come back to the hub as commands, so that its order holds.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import type { Visits } from "../people/visits.ts";
import { DEFAULT_PAGE, type History, MAX_REPLAY, type RoomEntry } from "../protocol.ts";
import type { HistoryRequest, RoomsRequest, SearchRequest, ServerMessage } from "../protocol.ts";
import {
  refuse,
  Refused,
  shownRoom,
  type User,
  type UserId,
  type UserMessage,
} from "../protocol.ts";
import type { Page, Range, RoomSummary, Store, StoredMessage, Unread } from "../store/store.ts";
import { toUserMessage } from "../store/messages.ts";
import { takeFirst, takeLast } from "./answer_size.ts";
import type { Memberships } from "./memberships.ts";
import type { Participant } from "./participant.ts";
import type { Room } from "./room.ts";

const logger = getLogger(["hubbub", "reads"]);

/** Maximum answers from the store that one connection may wait for at a time. */
export const MAX_READS = 8;

/** Maximum rooms in one answer to `rooms`: those with the most members, then by name. */
const MAX_ROOMS = 1000;

/** When to ask again after too many reads, or when the store failed, in milliseconds. */
const RETRY_MS = 1000;

/** Who asks to read. */
export interface Viewer {
  readonly connection: Connection;
  readonly user: UserId;
}

/** What an answer of the store becomes: a command to the hub. */
export type ReadCommand =
  & { readonly viewer: Viewer }
  & (
    /** `rooms`: those of which it tells something. */
    | { kind: "answer"; message: ServerMessage; rooms: readonly string[] }
    | { kind: "rooms"; request: RoomsRequest; summaries: RoomSummary[] }
    | { kind: "caught_up"; room: string; catchUp: number; history: History }
  );

/** Somebody who catches up in a room. */
export interface Returning {
  readonly viewer: Viewer;
  readonly room: string;
  /** Which of the room's catch-ups. */
  readonly catchUp: number;
}

/** From where on a returning client has seen nothing of a room. */
export interface Missed {
  since: number;
  /** The epoch in which `since` was counted; absent: this store's. */
  epoch?: string | undefined;
}

/** Reads from the store on behalf of clients. */
export class Reads {
  readonly #store: Store;
  readonly #visits: Visits;
  readonly #maxBytes: number;
  readonly #post: (command: ReadCommand) => void;

  /**
   * @param maxBytes most that the messages in one answer may take, in bytes of JSON
   * @param post takes the answers; always called later, never during a call of a method here
   */
  constructor(
    { store, visits }: { store: Store; visits: Visits },
    maxBytes: number,
    post: (command: ReadCommand) => void,
  ) {
    this.#store = store;
    this.#visits = visits;
    this.#maxBytes = maxBytes;
    this.#post = post;
  }

  history(viewer: Viewer, request: HistoryRequest, room: string): void {
    const { before, after, limit, id } = request;
    const range = {
      limit,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    };
    this.#run(viewer, id, async () => {
      const page = await this.#read(room, range);
      const message = await this.#toHistory(room, viewer.user, page, page.complete, id);
      return { kind: "answer", viewer, message, rooms: [room] };
    });
  }

  search(viewer: Viewer, request: SearchRequest, rooms: readonly string[]): void {
    const { content, limit, id } = request;
    this.#run(viewer, id, async () => {
      const found = await this.#store.search({ words: content, rooms, limit });
      const taken = takeFirst(found, this.#maxBytes);
      const messages = await toMessages(taken, viewer.user, this.#visits);
      return {
        kind: "answer",
        viewer,
        message: { type: "search", content, messages, ...(id !== undefined && { id }) },
        rooms,
      };
    });
  }

  rooms(viewer: Viewer, request: RoomsRequest): void {
    this.#run(viewer, request.id, async () => {
      return { kind: "rooms", viewer, request, summaries: await this.#store.rooms() };
    });
  }

  /**
   * Counts what a user has not read in its rooms.
   *
   * @throws {Refused} `unavailable`
   */
  async unread(
    { id: user, name }: User,
    rooms: readonly { room: string; read: number }[],
  ): Promise<Unread[]> {
    if (rooms.length === 0) return [];
    try {
      return await this.#store.unread({ user, name, rooms });
    } catch (error) {
      throw unavailable(error);
    }
  }

  /**
   * Whether anything was ever said in a room.
   *
   * @throws {Refused} `unavailable`
   */
  async hasMessages(room: string): Promise<boolean> {
    try {
      return (await this.#store.read(room, { limit: 1 })).last > 0;
    } catch (error) {
      throw unavailable(error);
    }
  }

  /**
   * Reads what a returning client missed: everything after `since`, or the newest page if `since` is
   * of another epoch, is ahead of the room, or more is missing than {@linkcode MAX_REPLAY} or one answer
   * can hold. If the store fails, it is an empty page, which is not complete either.
   */
  catchUp(returning: Returning, { since, epoch }: Missed): void {
    const { viewer, room, catchUp } = returning;
    this.#missed(returning, since, epoch ?? this.#store.epoch)
      .catch((error: unknown): History => {
        logger.error("Reading what a client missed failed: {error}", { error });
        const page = { messages: [], last: 0, complete: false };
        return toHistory(shownRoom(room, viewer.user), [], page, false);
      })
      .then((history) => this.#post({ kind: "caught_up", viewer, room, catchUp, history }));
  }

  async #missed(
    { room, viewer: { user } }: Returning,
    since: number,
    epoch: string,
  ): Promise<History> {
    if (epoch === this.#store.epoch) {
      const page = await this.#read(room, { after: since, limit: MAX_REPLAY });
      if (page.complete && since <= page.last) return this.#toHistory(room, user, page, true);
    }
    const newest = await this.#read(room, { limit: DEFAULT_PAGE });
    return this.#toHistory(room, user, newest, false);
  }

  /** Reads a page, or that end of it from which the range is counted. */
  async #read(room: string, range: Range): Promise<Page> {
    const page = await this.#store.read(room, range);
    const take = range.after === undefined ? takeLast : takeFirst;
    const messages = take(page.messages, this.#maxBytes);
    return messages === page.messages ? page : { ...page, messages, complete: false };
  }

  async #toHistory(
    room: string,
    user: UserId,
    page: Page,
    complete: boolean,
    id?: string,
  ): Promise<History> {
    const messages = await toMessages(page.messages, user, this.#visits);
    return toHistory(shownRoom(room, user), messages, page, complete, id);
  }

  #run(viewer: Viewer, id: string | undefined, read: () => Promise<ReadCommand>): void {
    read().catch((error: unknown): ReadCommand => {
      logger.error("Reading from the store failed: {error}", { error });
      const reason = "Cannot read: the store is unavailable";
      return {
        kind: "answer",
        viewer,
        message: { ...refuse("unavailable", reason, id), retry_ms: RETRY_MS },
        rooms: [],
      };
    }).then((command) => this.#post(command));
  }
}

/** Stored messages as a user is shown them: under their authors' present names. */
export async function toMessages(
  messages: readonly StoredMessage[],
  viewer: UserId,
  visits: Visits,
): Promise<UserMessage[]> {
  const users = await visits.describe(usersIn(messages));
  const nameOf = (id: UserId) => users.get(id)?.name;
  return messages.map((message) =>
    toUserMessage(message, { names: nameOf, room: shownRoom(message.room, viewer) })
  );
}

/** Authors of messages and of reactions. */
function usersIn(messages: readonly StoredMessage[]): Set<UserId> {
  const users = new Set<UserId>();
  for (const { by, reactions = {} } of messages) {
    if (by !== undefined) users.add(by);
    for (const reactors of Object.values(reactions)) {
      for (const { by } of reactors) if (by !== undefined) users.add(by);
    }
  }
  return users;
}

/** The answer that holds a page of a room's history. */
export function toHistory(
  room: string,
  messages: UserMessage[],
  { last }: Pick<Page, "last">,
  complete: boolean,
  id?: string,
): History {
  return {
    type: "history",
    room,
    messages,
    first: messages[0]?.seq ?? 0,
    last: messages.at(-1)?.seq ?? last,
    complete,
    ...(id !== undefined && { id }),
  };
}

/**
 * The rooms that are there for somebody, those with members and those that only hold messages.
 *
 * @param isVisible whether a room is there for them
 */
export function listRooms(
  open: Iterable<Room>,
  summaries: readonly RoomSummary[],
  memberships: Memberships,
  isVisible: (room: string) => boolean,
): RoomEntry[] {
  const entries = new Map<string, RoomEntry>();
  const add = (room: string, user_count: number, last: number) => {
    if (isVisible(room)) {
      entries.set(room, { room, ...memberships.settings(room), user_count, last });
    }
  };
  for (const { room, last } of summaries) add(room, 0, last);
  for (const { name, userCount } of open) {
    if (userCount > 0) add(name, userCount, entries.get(name)?.last ?? 0);
  }
  const inOrder = [...entries.values()].sort((a, b) =>
    b.user_count - a.user_count || (a.room < b.room ? -1 : 1)
  );
  return inOrder.slice(0, MAX_ROOMS);
}

/** Counts an answer from the store that somebody will wait for. */
export function limitReads(participant: Participant): void {
  checkReads(participant, MAX_READS);
  participant.reads++;
}

/** @throws {Refused} if somebody waits for so many answers already */
export function checkReads(participant: Participant, maximum: number): void {
  if (participant.reads < maximum) return;
  const reason = `Cannot read: at most ${maximum} requests may wait for the store at a time`;
  throw new Refused("rate_limited", reason, RETRY_MS);
}

function unavailable(error: unknown): Refused {
  logger.error("Reading from the store failed: {error}", { error });
  return new Refused("unavailable", "Cannot read: the store is unavailable", RETRY_MS);
}
