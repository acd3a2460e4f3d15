/**
 * The reading half of the API: rooms, history and search, as the messages with which the WebSocket
 * answers.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { ask, type HubCommands } from "../../hub/commands.ts";
import { listRooms, toHistory } from "../../hub/reads.ts";
import { toUserMessage } from "../../hub/keep.ts";
import type { History, Rooms, Search } from "../../protocol.ts";
import type { Store } from "../../store/store.ts";
import type { Access } from "../access.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import type { Handler, Place } from "../router.ts";
import { numberIn, readRequest, textIn } from "./query.ts";

const logger = getLogger(["hubbub", "http"]);

/** Answers of the store that may be waited for at a time. */
const MAX_READS = 32;

/** What reading needs. */
export interface ReadOptions {
  readonly hub: HubCommands;
  readonly store: Store;
  readonly access: Access;
}

/** What a handler reads. */
type Reading = (place: Place, options: ReadOptions) => Promise<Rooms | History | Search>;

/** Makes the handlers of `GET /api/rooms`, `GET /api/rooms/:room/messages` and `GET /api/search`. */
export function readHandlers(
  options: ReadOptions,
): Readonly<Record<"rooms" | "messages" | "search", Handler>> {
  let reads = 0;
  const handler = (read: Reading): Handler => async (request, place) => {
    options.access.read(request, place.principal);
    if (reads >= MAX_READS) {
      throw Problem.of("unavailable", `Cannot read: at most ${MAX_READS} may read at a time`);
    }
    reads++;
    try {
      return jsonResponse(200, await read(place, options));
    } catch (error) {
      if (Problem.from(error) !== undefined) throw error;
      logger.error("Reading from the store failed: {error}", { error });
      throw Problem.of("unavailable", "Cannot read: the store is unavailable");
    } finally {
      reads--;
    }
  };
  return { rooms: handler(readRooms), messages: handler(readMessages), search: handler(search) };
}

async function readRooms(_place: Place, { hub, store }: ReadOptions): Promise<Rooms> {
  const summaries = await store.rooms();
  const rooms = await ask(hub, (registry) => listRooms(registry.rooms, summaries));
  return { type: "rooms", rooms };
}

async function readMessages(place: Place, { store }: ReadOptions): Promise<History> {
  const { room = "", before, after, limit } = readRequest("history", {
    room: place.param("room"),
    before: numberIn(place, "before"),
    after: numberIn(place, "after"),
    limit: numberIn(place, "limit"),
  });
  const page = await store.read(room, {
    limit,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  });
  return toHistory(room, page, page.complete);
}

async function search(place: Place, { store }: ReadOptions): Promise<Search> {
  const words = textIn(place, "q");
  if (words === undefined) {
    throw new Problem(400, "Cannot search: q is missing; it must be the words to look for", {
      code: "bad_message",
    });
  }
  const { content, room, limit } = readRequest("search", {
    content: words,
    room: textIn(place, "room"),
    limit: numberIn(place, "limit"),
  });
  const rooms = room === undefined ? {} : { rooms: [room] };
  const found = await store.search({ words: content, limit, ...rooms });
  return { type: "search", content, messages: found.map(toUserMessage) };
}
