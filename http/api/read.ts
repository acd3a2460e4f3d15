/**
 * The reading half of the API: rooms, history and search, each answered with the message that the
 * WebSocket would send.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Handler, HonoRequest } from "hono";
import { ask, type HubCommands } from "../../hub/commands.ts";
import { listRooms, toHistory } from "../../hub/reads.ts";
import { toUserMessage } from "../../hub/keep.ts";
import type { History, Rooms, Search } from "../../protocol.ts";
import type { Store } from "../../store/store.ts";
import type { Access } from "../access.ts";
import type { AppEnv } from "../base_app.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import { numberIn, readRequest } from "./query.ts";

const logger = getLogger(["hubbub", "http"]);

/** Maximum number of concurrent reads from the store. */
const MAX_READS = 32;

/** What reading needs. */
export interface ReadOptions {
  readonly hub: HubCommands;
  readonly store: Store;
  readonly access: Access;
}

/** Reads the message that answers a request. */
type Reading = (req: HonoRequest, options: ReadOptions) => Promise<Rooms | History | Search>;

/** Makes the handlers of `GET /api/rooms`, `GET /api/rooms/:room/messages` and `GET /api/search`. */
export function readHandlers(
  options: ReadOptions,
): Readonly<Record<"rooms" | "messages" | "search", Handler<AppEnv>>> {
  let reads = 0;
  const handler = (read: Reading): Handler<AppEnv> => async ({ req, env }) => {
    options.access.read(req.raw, env.principal, req.param("room"));
    if (reads >= MAX_READS) {
      throw Problem.of("unavailable", `Cannot read: at most ${MAX_READS} may read at a time`);
    }
    reads++;
    try {
      return jsonResponse(200, await read(req, options));
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

async function readRooms(_req: HonoRequest, { hub, store }: ReadOptions): Promise<Rooms> {
  const summaries = await store.rooms();
  const rooms = await ask(hub, (registry) => listRooms(registry.rooms, summaries));
  return { type: "rooms", rooms };
}

async function readMessages(req: HonoRequest, { store }: ReadOptions): Promise<History> {
  const { room = "", before, after, limit } = readRequest("history", {
    room: req.param("room"),
    before: numberIn(req, "before"),
    after: numberIn(req, "after"),
    limit: numberIn(req, "limit"),
  });
  const page = await store.read(room, {
    limit,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  });
  return toHistory(room, page, page.complete);
}

async function search(req: HonoRequest, { store }: ReadOptions): Promise<Search> {
  const words = req.query("q");
  if (words === undefined) {
    throw new Problem(400, "Cannot search: q is missing; it must be the words to look for", {
      code: "bad_message",
    });
  }
  const { content, room, limit } = readRequest("search", {
    content: words,
    room: req.query("room"),
    limit: numberIn(req, "limit"),
  });
  const rooms = room === undefined ? {} : { rooms: [room] };
  const found = await store.search({ words: content, limit, ...rooms });
  return { type: "search", content, messages: found.map(toUserMessage) };
}
