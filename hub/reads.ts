/**
 * What the hub asks of the store beside the loop: pages of history, searches, the list of rooms, and
 * what a newcomer missed. Answers come back to the hub as commands, so that its order holds.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Client } from "../client.ts";
import { DEFAULT_PAGE, type History, MAX_REPLAY, type RoomEntry } from "../protocol.ts";
import type { HistoryRequest, RoomsRequest, SearchRequest, ServerMessage } from "../protocol.ts";
import { refuse } from "../protocol.ts";
import type { Held, Room } from "./room.ts";
import type { Page, Range, RoomSummary, Store } from "../store/store.ts";
import { takeFirst, takeLast } from "./answer_size.ts";
import { toUserMessage } from "./batch.ts";

const logger = getLogger(["hubbub", "reads"]);

/** Most answers from the store that one connection may wait for at a time. */
export const MAX_READS = 8;

/** Most rooms in one answer to `rooms`: those with the most members, then by name. */
const MAX_ROOMS = 1000;

/** What an answer of the store becomes: a command to the hub. */
export type ReadCommand =
  | { kind: "answer"; client: Client; message: ServerMessage }
  | { kind: "rooms"; client: Client; request: RoomsRequest; summaries: RoomSummary[] }
  | { kind: "caught_up"; client: Client; room: Room; held: Held; history: History };

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

  history(client: Client, request: HistoryRequest, room: string): void {
    const { before, after, limit, id } = request;
    const range = {
      limit,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    };
    this.#run(client, id, async () => {
      const page = await this.#read(room, range);
      return { kind: "answer", client, message: toHistory(room, page, page.complete, id) };
    });
  }

  search(client: Client, request: SearchRequest, rooms: readonly string[]): void {
    const { content, limit, id } = request;
    this.#run(client, id, async () => {
      const found = await this.#store.search({ words: content, rooms, limit });
      const messages = takeFirst(found, this.#maxBytes).map(toUserMessage);
      return {
        kind: "answer",
        client,
        message: { type: "search", content, messages, ...(id !== undefined && { id }) },
      };
    });
  }

  rooms(client: Client, request: RoomsRequest): void {
    this.#run(client, request.id, async () => {
      return { kind: "rooms", client, request, summaries: await this.#store.rooms() };
    });
  }

  /**
   * Reads what a returning client missed: everything after `since`, or the newest page if `since` is
   * of another epoch, is ahead of the room, or more is missing than {@linkcode MAX_REPLAY} or one answer
   * can hold. If the store fails, it is an empty page, which is not complete either.
   *
   * @param held what the room holds for the client meanwhile
   */
  catchUp(client: Client, room: Room, held: Held, { since, epoch }: Missed): void {
    this.#missed(room.name, since, epoch ?? this.#store.epoch)
      .catch((error: unknown): History => {
        logger.error("Reading what a client missed failed: {error}", { error });
        return toHistory(room.name, { messages: [], last: 0, complete: false }, false);
      })
      .then((history) => this.#post({ kind: "caught_up", client, room, held, history }));
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

  #run(client: Client, id: string | undefined, read: () => Promise<ReadCommand>): void {
    read().catch((error: unknown): ReadCommand => {
      logger.error("Reading from the store failed: {error}", { error });
      const reason = "Cannot read: the store is unavailable";
      return {
        kind: "answer",
        client,
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
  open: ReadonlyMap<string, Room>,
  summaries: readonly RoomSummary[],
): RoomEntry[] {
  const entries = new Map<string, RoomEntry>();
  for (const { room, last } of summaries) entries.set(room, { room, user_count: 0, last });
  for (const [room, { members }] of open) {
    entries.set(room, { room, user_count: members.size, last: entries.get(room)?.last ?? 0 });
  }
  const inOrder = [...entries.values()].sort((a, b) =>
    b.user_count - a.user_count || (a.room < b.room ? -1 : 1)
  );
  return inOrder.slice(0, MAX_ROOMS);
}
