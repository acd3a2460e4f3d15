/**
 * What the hub asks of the store beside the loop: pages of history, searches, the list of rooms, and
 * what somebody who comes back has missed. Answers come back to the hub as commands, so that its order holds.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import type { Visits } from "../people/visits.ts";
import { DEFAULT_PAGE, type ErrorMessage, type History, MAX_REPLAY } from "../protocol.ts";
import type { HistoryRequest, RoomsRequest, SearchRequest, ServerMessage } from "../protocol.ts";
import {
  refuse,
  Refused,
  shownRoom,
  type User,
  type UserId,
  type UserMessage,
} from "../protocol.ts";
import type {
  Found,
  Page,
  Position,
  Range,
  RoomsPage,
  Store,
  StoredMessage,
  Unread,
} from "../store/store.ts";
import { toUserMessage } from "../store/messages.ts";
import { takeFirst, takeLast } from "./answer_size.ts";
import type { Participant } from "./participant.ts";
import { type Listable, readRooms } from "./room_list.ts";
import { toQuery, toSearch } from "./searches.ts";
import type { HubStatistics, ReadKind } from "./statistics.ts";

const logger = getLogger(["hubbub", "reads"]);

/** Maximum answers from the store that one connection may wait for at a time. */
export const MAX_READS = 8;

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
    | { kind: "rooms"; request: RoomsRequest; page: RoomsPage }
    | { kind: "caught_up"; room: string; catchUp: number; answer: History | ErrorMessage }
  );

/** Somebody who catches up in a room. */
export interface Returning {
  readonly viewer: Viewer;
  readonly room: string;
  /** Which of the room's catch-ups. */
  readonly catchUp: number;
}

/** Reads from the store on behalf of clients. */
export class Reads {
  readonly #store: Store;
  readonly #visits: Visits;
  readonly #maxBytes: number;
  readonly #post: (command: ReadCommand) => void;
  readonly #statistics: Pick<HubStatistics, "timeRead">;

  /**
   * @param maxBytes most that the messages in one answer may take, in bytes of JSON
   * @param post takes the answers; always called later, never during a call of a method here
   */
  constructor(
    { store, visits, statistics }: {
      store: Store;
      visits: Visits;
      statistics: Pick<HubStatistics, "timeRead">;
    },
    maxBytes: number,
    post: (command: ReadCommand) => void,
  ) {
    this.#store = store;
    this.#visits = visits;
    this.#maxBytes = maxBytes;
    this.#post = post;
    this.#statistics = statistics;
  }

  history(viewer: Viewer, request: HistoryRequest, room: string): void {
    const { before, after, limit, id } = request;
    const range = {
      limit,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    };
    this.#run("history", viewer, id, async () => {
      const page = await this.#read(room, range);
      const message = await this.#toHistory(room, viewer.user, page, page.complete, id);
      return { kind: "answer", viewer, message, rooms: [room] };
    });
  }

  search(viewer: Viewer, request: SearchRequest, rooms: readonly string[]): void {
    const { user } = viewer;
    this.#run("search", viewer, request.id, async () => {
      const query = await toQuery(request, { rooms }, { user, turn: user }, this.#visits);
      const found = cutFound(await this.#store.search(query), this.#maxBytes);
      const messages = await toMessages(found.messages, user, this.#visits);
      return {
        kind: "answer",
        viewer,
        message: toSearch(request, query, found, messages, user),
        rooms,
      };
    });
  }

  rooms(viewer: Viewer, request: RoomsRequest, listable: Listable): void {
    this.#run("list", viewer, request.id, async () => {
      const page = await readRooms(this.#store, request, listable);
      return { kind: "rooms", viewer, request, page };
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
   * Reads what makes a returning client's copy of a room equal to the store's; or the newest page, with which
   * it starts over, if the store cannot vouch for that, or more is missing than {@linkcode MAX_REPLAY} or one
   * answer can hold. If the store fails, the answer is an error, and the client has to ask again.
   *
   * @param id of the request that asks for it
   */
  catchUp(returning: Returning, position: Position, id: string | undefined): void {
    const { viewer, room, catchUp } = returning;
    this.#statistics.timeRead("resume", () => this.#missed(returning, position))
      .catch((error: unknown): ErrorMessage => {
        logger.error("Reading what a client missed failed: {error}", { error });
        const reason = "Cannot read what you missed: the store is unavailable; join the room again";
        return { ...refuse("unavailable", reason, id), retry_ms: RETRY_MS };
      })
      .then((answer) => this.#post({ kind: "caught_up", viewer, room, catchUp, answer }));
  }

  async #missed({ room, viewer: { user } }: Returning, position: Position): Promise<History> {
    const missed = await this.#store.resume(room, position, MAX_REPLAY);
    if (missed !== undefined) {
      const { messages, changed } = missed;
      const all = messages.concat(changed);
      if (takeFirst(all, this.#maxBytes) === all) {
        const history = await this.#toHistory(room, user, missed, true);
        return { ...history, changed: await toMessages(changed, user, this.#visits) };
      }
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
    page: Omit<Page, "complete">,
    complete: boolean,
    id?: string,
  ): Promise<History> {
    const messages = await toMessages(page.messages, user, this.#visits);
    return toHistory(shownRoom(room, user), messages, page, complete, id);
  }

  #run(
    kind: ReadKind,
    viewer: Viewer,
    id: string | undefined,
    read: () => Promise<ReadCommand>,
  ): void {
    this.#statistics.timeRead(kind, read).catch((error: unknown): ReadCommand => {
      const { code, message: reason, retryMs } = error instanceof Refused
        ? error
        : unavailable(error);
      const message = refuse(code, reason, id);
      return {
        kind: "answer",
        viewer,
        message: retryMs === undefined ? message : { ...message, retry_ms: retryMs },
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
    toUserMessage(message, { names: nameOf, room: shownRoom(message.room, viewer), viewer })
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
  { last, change }: Pick<Page, "last" | "change">,
  complete: boolean,
  id?: string,
): History {
  return {
    type: "history",
    room,
    messages,
    first: messages[0]?.seq ?? 0,
    last: messages.at(-1)?.seq ?? last,
    change,
    complete,
    ...(id !== undefined && { id }),
  };
}

/** Counts an answer from the store that somebody will wait for. */
export function limitReads(participant: Participant): void {
  checkReads(participant, MAX_READS);
  participant.reads++;
}

/** Limits searches by user and address. */
export interface SearchLimits {
  /** @throws {Refused} `rate_limited` if there are too many */
  take(user: string, ip: string): void;
}

/**
 * Counts a search, which is a read.
 *
 * @throws {Refused} `rate_limited`
 */
export function limitSearch(participant: Participant, searches: SearchLimits | undefined): void {
  searches?.take(participant.user.id, participant.connection.ip);
  limitReads(participant);
}

/** @throws {Refused} if somebody waits for so many answers already */
export function checkReads(participant: Participant, maximum: number): void {
  if (participant.reads < maximum) return;
  const reason = `Cannot read: at most ${maximum} requests may wait for the store at a time`;
  throw new Refused("rate_limited", reason, RETRY_MS);
}

/** Cuts what was found to a size; the next page goes on after it. */
function cutFound(found: Found, maxBytes: number): Found {
  const messages = takeFirst(found.messages, maxBytes);
  const last = messages.at(-1);
  if (messages === found.messages || last === undefined) return found;
  const { time, room, seq } = last;
  return { ...found, messages, next: { time, room, seq } };
}

function unavailable(error: unknown): Refused {
  logger.error("Reading from the store failed: {error}", { error });
  return new Refused("unavailable", "Cannot read: the store is unavailable", RETRY_MS);
}
