/**
 * The reading half of the API: rooms, history and search, each answered with the message that the
 * WebSocket would send.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Handler, HonoRequest } from "hono";
import { ask, type HubCommands } from "../../hub/commands.ts";
import { toHistory, toMessages } from "../../hub/reads.ts";
import { listRooms, readRooms as readPage } from "../../hub/room_list.ts";
import { closureFor, findUser, listableFor } from "../../hub/rooms.ts";
import { toQuery, toSearch } from "../../hub/searches.ts";
import { Gate } from "../../limits/gate.ts";
import { networkOf } from "../../network/network.ts";
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

/** A room in which nothing was ever said. */
const NOTHING = { last: 0, change: 0 };

/** Maximum number of concurrent reads from the store. */
const MAX_READS = 32;

/** Maximum number of them for one address. */
const MAX_READS_EACH = 16;

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
  readonly ip: string;
}

/** Reads the message that answers a request. */
type Reading = (req: HonoRequest, reader: Reader) => Promise<Rooms | History | Search>;

/** Makes the handlers of `GET /api/rooms`, `GET /api/rooms/:room/messages` and `GET /api/search`. */
export function readHandlers(
  options: ReadOptions,
): Readonly<Record<"rooms" | "messages" | "search", Handler<AppEnv>>> {
  const gate = new Gate({ max: MAX_READS, maxEach: MAX_READS_EACH });
  const { access } = options;
  const handler = (read: Reading): Handler<AppEnv> => async ({ req, env }) => {
    const { principal, ip } = env;
    if (read === search) access.search(req.raw, principal, ip);
    else access.read(req.raw, principal);
    using _slot = enter(gate, ip);
    try {
      return jsonResponse(200, await read(req, { ...options, principal, ip }));
    } catch (error) {
      if (Problem.from(error) !== undefined) throw error;
      logger.error("Reading from the store failed: {error}", { error });
      throw Problem.of("unavailable", "Cannot read: the store is unavailable");
    }
  };
  return { rooms: handler(readRooms), messages: handler(readMessages), search: handler(search) };
}

/** A place among those who read. */
function enter(gate: Gate, ip: string): Disposable {
  const slot = gate.enter(networkOf(ip));
  if (slot === "full") {
    throw Problem.of("unavailable", `Cannot read: at most ${MAX_READS} may read at a time`);
  }
  if (slot === "key_full") {
    const allowed = `at most ${MAX_READS_EACH} may read at a time from one address`;
    throw Problem.of("rate_limited", `Cannot read: ${allowed}`);
  }
  return slot;
}

async function readRooms(req: HonoRequest, reader: Reader): Promise<Rooms> {
  const { hub, store, policy, principal } = reader;
  const request = readRequest("rooms", {
    after: req.query("after"),
    limit: numberIn(req, "limit"),
    content: req.query("content"),
  });
  const { rooms: only } = principal;
  const listable = await ask(hub, ({ memberships }) => listableFor(principal, memberships));
  const page = await readPage(store, request, listable);
  return await ask(
    hub,
    ({ registry, memberships }) =>
      listRooms(page, request, registry, memberships, {
        only,
        isVisible: (room) => policy.maySee(principal, memberships.access(room, principal.user?.id)),
      }),
  );
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
  if (room === undefined) return toHistory(asked, [], NOTHING, true);
  const page = await store.read(room, {
    limit,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  });
  // Whoever was removed meanwhile sees nothing of what came after.
  if (!await isVisible(room, reader)) return toHistory(asked, [], NOTHING, true);
  const viewer = principal.user?.id ?? "";
  const messages = await toMessages(page.messages, viewer, visits);
  return toHistory(shownRoom(room, viewer), messages, page, page.complete);
}

async function search(req: HonoRequest, reader: Reader): Promise<Search> {
  const { store, hub, policy, visits, principal, ip } = reader;
  const words = req.query("q");
  if (words === undefined) {
    throw new Problem(400, "Cannot search: q is missing; it must be the words to look for", {
      code: "bad_message",
    });
  }
  const request = readRequest("search", {
    content: words,
    room: req.query("room"),
    limit: numberIn(req, "limit"),
    before: positionIn(req),
  });
  const { room: asked } = request;
  const room = asked === undefined ? undefined : await findRoom(asked, reader);
  const listable = await ask(hub, ({ memberships }) => listableFor(principal, memberships));
  const user = principal.user?.id ?? "";
  const coverage = asked !== undefined
    ? { rooms: room === undefined ? [] : [room] }
    : "only" in listable
    ? { rooms: listable.only }
    : { ...listable, isVisible: (name: string) => isVisible(name, reader) };
  const searcher = { user, turn: user === "" ? ip : user };
  const query = await toQuery(request, coverage, searcher, visits);
  const found = await store.search(query);
  const visible = await ask(
    hub,
    ({ memberships }) =>
      found.messages.filter(({ room }) =>
        policy.maySee(principal, memberships.access(room, principal.user?.id))
      ),
  );
  return toSearch(request, query, found, await toMessages(visible, user, visits), user);
}

/** `before=TIME,ROOM,SEQ`: where the next page of a search begins. */
function positionIn(req: HonoRequest): object | string | undefined {
  const text = req.query("before");
  const [, time, room, seq] = /^(\d+),([^,]+),(\d+)$/.exec(text ?? "") ?? [];
  return time === undefined ? text : { time: Number(time), room, seq: Number(seq) };
}

/**
 * The name inside the server of a room, if it is there for the reader.
 *
 * @param asked a room, or `@NAME` or `@ID` for a direct conversation
 * @throws {Refused} `forbidden` if an admin has closed it
 */
async function findRoom(asked: string, reader: Reader): Promise<string | undefined> {
  const { visits, principal } = reader;
  const { user } = principal;
  if (isDirectRoom(asked) && user === undefined) return undefined;
  const room = isDirectRoom(asked) && user !== undefined
    ? directRoom(user.id, (await findUser(asked, "read", visits)).id)
    : asked;
  const { hub } = reader;
  const closure = await ask(hub, (context) => closureFor(principal, room, "read", context));
  if (closure !== undefined) throw closure;
  return await isVisible(room, reader) ? room : undefined;
}

/** Whether a room is there for the reader now. */
function isVisible(room: string, { hub, policy, principal }: Reader): Promise<boolean> {
  return ask(
    hub,
    ({ memberships }) => policy.maySee(principal, memberships.access(room, principal.user?.id)),
  );
}
