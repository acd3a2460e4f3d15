/**
 * What the hub asks of the store beside the loop: pages of history, searches, the list of rooms, and
 * what a newcomer missed. Answers come back to the hub as commands, so that its order holds.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import { DEFAULT_PAGE, type History, MAX_REPLAY, type RoomEntry } from "../protocol.ts";
import type { HistoryRequest, RoomsRequest, SearchRequest, ServerMessage } from "../protocol.ts";
import { refuse } from "../protocol.ts";
import type { Participant } from "./registry.ts";
import { Refused } from "./refused.ts";
import type { Room } from "./room.ts";
import type { Page, Range, RoomSummary, Store } from "../store/store.ts";
import { takeFirst, takeLast } from "./answer_size.ts";
import { toUserMessage } from "./keep.ts";

const logger = getLogger(["hubbub", "reads"]);

/** Maximum answers from the store that one connection may wait for at a time. */
export const MAX_READS = 8;

/** Maximum rooms in one answer to `rooms`: those with the most members, then by name. */
const MAX_ROOMS = 1000;

/** What an answer of the store becomes: a command to the hub. */
export type ReadCommand =
  | { kind: "answer"; connection: Connection; message: ServerMessage }
  | { kind: "rooms"; connection: Connection; request: RoomsRequest; summaries: RoomSummary[] }
  | { kind: "caught_up"; returning: Returning; history: History };

/** Somebody who catches up in a room. */
export interface Returning {
  readonly connection: Connection;
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
  readonly #maxBytes: number;
  readonly #post: (command: ReadCommand) => void;

  /**
   * @param maxBytes most that the messages in one answer may take, in bytes of JSON
   * @param post takes the answers; always called later, never during a call of a method here
   */
  constructor(store: Store, maxBytes: number, post: (command: ReadCommand) => void) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#post = post;
  }

  history(connection: Connection, request: HistoryRequest, room: string): void {
    const { before, after, limit, id } = request;
    const range = {
      limit,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    };
    this.#run(connection, id, async () => {
      const page = await this.#read(room, range);
      return { kind: "answer", connection, message: toHistory(room, page, page.complete, id) };
    });
  }

  search(connection: Connection, request: SearchRequest, rooms: readonly string[]): void {
    const { content, limit, id } = request;
    this.#run(connection, id, async () => {
      const found = await this.#store.search({ words: content, rooms, limit });
      const messages = takeFirst(found, this.#maxBytes).map(toUserMessage);
      return {
        kind: "answer",
        connection,
        message: { type: "search", content, messages, ...(id !== undefined && { id }) },
      };
    });
  }

  rooms(connection: Connection, request: RoomsRequest): void {
    this.#run(connection, request.id, async () => {
      return { kind: "rooms", connection, request, summaries: await this.#store.rooms() };
    });
  }

  /**
   * Reads what a returning client missed: everything after `since`, or the newest page if `since` is
   * of another epoch, is ahead of the room, or more is missing than {@linkcode MAX_REPLAY} or one answer
   * can hold. If the store fails, it is an empty page, which is not complete either.
   */
  catchUp(returning: Returning, { since, epoch }: Missed): void {
    const { room } = returning;
    this.#missed(room, since, epoch ?? this.#store.epoch)
      .catch((error: unknown): History => {
        logger.error("Reading what a client missed failed: {error}", { error });
        return toHistory(room, { messages: [], last: 0, complete: false }, false);
      })
      .then((history) => this.#post({ kind: "caught_up", returning, history }));
  }

  async #missed(room: string, since: number, epoch: string): Promise<History> {
    if (epoch === this.#store.epoch) {
      const page = await this.#read(room, { after: since, limit: MAX_REPLAY });
      if (page.complete && since <= page.last) return toHistory(room, page, true);
    }
    return toHistory(room, await this.#read(room, { limit: DEFAULT_PAGE }), false);
  }

  /** Reads a page, or that end of it from which the range is counted. */
  async #read(room: string, range: Range): Promise<Page> {
    const page = await this.#store.read(room, range);
    const take = range.after === undefined ? takeLast : takeFirst;
    const messages = take(page.messages, this.#maxBytes);
    return messages === page.messages ? page : { ...page, messages, complete: false };
  }

  #run(connection: Connection, id: string | undefined, read: () => Promise<ReadCommand>): void {
    read().catch((error: unknown): ReadCommand => {
      logger.error("Reading from the store failed: {error}", { error });
      const reason = "Cannot read: the store is unavailable";
      return {
        kind: "answer",
        connection,
        message: { ...refuse("unavailable", reason, id), retry_ms: 1000 },
      };
    }).then((command) => this.#post(command));
  }
}

/** The answer that holds a page of a room's history. */
export function toHistory(room: string, page: Page, complete: boolean, id?: string): History {
  const messages = page.messages.map(toUserMessage);
  return {
    type: "history",
    room,
    messages,
    first: messages[0]?.seq ?? 0,
    last: messages.at(-1)?.seq ?? page.last,
    complete,
    ...(id !== undefined && { id }),
  };
}

/** The rooms that are open, those with members and those that only hold messages. */
export function listRooms(
  open: Iterable<Room>,
  summaries: readonly RoomSummary[],
): RoomEntry[] {
  const entries = new Map<string, RoomEntry>();
  for (const { room, last } of summaries) entries.set(room, { room, user_count: 0, last });
  for (const { name: room, userCount: user_count } of open) {
    if (user_count === 0) continue;
    entries.set(room, { room, user_count, last: entries.get(room)?.last ?? 0 });
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
  throw new Refused("rate_limited", reason);
}
