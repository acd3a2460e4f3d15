/**
 * The reading half of the API: rooms, history and search, each answered with the message that the
 * WebSocket would send.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Handler, HonoRequest } from "hono";
import { ask, type HubCommands } from "../../hub/commands.ts";
import { listRooms, toHistory, toMessages } from "../../hub/reads.ts";
import { findUser, privateRoomsOf } from "../../hub/rooms.ts";
import type { Policy } from "../../people/policy.ts";
import type { Principal } from "../../people/principal.ts";
import type { Visits } from "../../people/visits.ts";
import {
  directRoom,
  type History,
  isDirectRoom,
  type Rooms,
  type Search,
  shownRoom,
} from "../../protocol.ts";
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
  readonly policy: Policy;
  readonly visits: Visits;
}

/** Who reads, and with what. */
interface Reader extends ReadOptions {
  readonly principal: Principal;
}

/** Reads the message that answers a request. */
type Reading = (req: HonoRequest, reader: Reader) => Promise<Rooms | History | Search>;

/** Makes the handlers of `GET /api/rooms`, `GET /api/rooms/:room/messages` and `GET /api/search`. */
export function readHandlers(
  options: ReadOptions,
): Readonly<Record<"rooms" | "messages" | "search", Handler<AppEnv>>> {
  let reads = 0;
  const handler = (read: Reading): Handler<AppEnv> => async ({ req, env }) => {
    const { principal } = env;
    options.access.read(req.raw, principal);
    if (reads >= MAX_READS) {
      throw Problem.of("unavailable", `Cannot read: at most ${MAX_READS} may read at a time`);
    }
    reads++;
    try {
      return jsonResponse(200, await read(req, { ...options, principal }));
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

async function readRooms(_req: HonoRequest, reader: Reader): Promise<Rooms> {
  const { hub, store, policy, principal } = reader;
  const summaries = await store.rooms();
  const rooms = await ask(hub, ({ registry, memberships }) =>
    listRooms(
      registry.rooms,
      summaries,
      memberships,
      (room) => policy.maySee(principal, memberships.access(room, principal.user?.id)),
    ));
  return { type: "rooms", rooms };
}

async function readMessages(req: HonoRequest, reader: Reader): Promise<History> {
  const { store, visits, principal } = reader;
  const { room: asked = "", before, after, limit } = readRequest("history", {
    room: req.param("room"),
    before: numberIn(req, "before"),
    after: numberIn(req, "after"),
    limit: numberIn(req, "limit"),
  });
  const room = await findRoom(asked, reader);
  // One that is not there for the reader looks like one in which nothing was ever said.
  if (room === undefined) return toHistory(asked, [], { last: 0 }, true);
  const page = await store.read(room, {
    limit,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  });
  // Whoever was removed meanwhile sees nothing of what came after.
  if (!await isVisible(room, reader)) return toHistory(asked, [], { last: 0 }, true);
  const viewer = principal.user?.id ?? "";
  const messages = await toMessages(page.messages, viewer, visits);
  return toHistory(shownRoom(room, viewer), messages, page, page.complete);
}

async function search(req: HonoRequest, reader: Reader): Promise<Search> {
  const { store, hub, policy, visits, principal } = reader;
  const words = req.query("q");
  if (words === undefined) {
    throw new Problem(400, "Cannot search: q is missing; it must be the words to look for", {
      code: "bad_message",
    });
  }
  const { content, room: asked, limit } = readRequest("search", {
    content: words,
    room: req.query("room"),
    limit: numberIn(req, "limit"),
  });
  const room = asked === undefined ? undefined : await findRoom(asked, reader);
  const also = await ask(hub, ({ memberships }) => privateRoomsOf(principal, memberships));
  const rooms = asked === undefined ? principal.rooms : room === undefined ? [] : [room];
  const found = await store.search({
    words: content,
    limit,
    ...(rooms === undefined ? { also } : { rooms }),
  });
  const visible = await ask(
    hub,
    ({ memberships }) =>
      found.filter(({ room }) =>
        policy.maySee(principal, memberships.access(room, principal.user?.id))
      ),
  );
  const messages = await toMessages(visible, principal.user?.id ?? "", visits);
  return { type: "search", content, messages };
}

/**
 * The name inside the server of a room, if it is there for the reader.
 *
 * @param asked a room, or `@NAME` or `@ID` for a direct conversation
 */
async function findRoom(asked: string, reader: Reader): Promise<string | undefined> {
  const { visits, principal } = reader;
  const { user } = principal;
  if (isDirectRoom(asked) && user === undefined) return undefined;
  const room = isDirectRoom(asked) && user !== undefined
    ? directRoom(user.id, (await findUser(asked, "read", visits)).id)
    : asked;
  return await isVisible(room, reader) ? room : undefined;
}

/** Whether a room is there for the reader now. */
function isVisible(room: string, { hub, policy, principal }: Reader): Promise<boolean> {
  return ask(
    hub,
    ({ memberships }) => policy.maySee(principal, memberships.access(room, principal.user?.id)),
  );
}
