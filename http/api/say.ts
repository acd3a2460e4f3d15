/**
 * `POST /api/rooms/ROOM/messages`: posts a message to a room, or in a direct conversation as `@NAME` or
 * `@ID`, for bots, builds and curl.
 *
 * @module
 */
import type { Handler } from "hono";
import { type HubCommands, say } from "../../hub/commands.ts";
import { findUser } from "../../hub/rooms.ts";
import type { Visits } from "../../people/visits.ts";
import {
  isDirectRoom,
  isOvergrown,
  shownRoom,
  type User,
  type UserRequest,
} from "../../protocol.ts";
import type { Access, KnownPrincipal } from "../access.ts";
import type { AppEnv } from "../base_app.ts";
import { type BodyTimeouts, readText, refuseEncoded } from "../body.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import { readRequest } from "./query.ts";

/**
 * Maximum size of a body, as a multiple of the longest text: JSON may escape each byte with six, and the
 * rest is for the other members.
 */
const BODY_FACTOR = 8;

/** A message is short. */
const TIMEOUTS: BodyTimeouts = { idle: 10_000, grace: 10_000, rate: 0 };

/** What posting a message needs. */
export interface SayOptions {
  readonly hub: HubCommands;
  readonly access: Access;
  readonly visits: Visits;
  /** Maximum length of a message's text, in bytes of UTF-8. */
  readonly maxMessage: number;
  readonly timeouts?: BodyTimeouts;
}

/** Makes the handler of `POST /api/rooms/:room/messages`. */
export function sayHandler(options: SayOptions): Handler<AppEnv, "/api/rooms/:room/messages"> {
  const { hub, access, visits, maxMessage, timeouts = TIMEOUTS } = options;
  return async ({ req, env }) => {
    const request = req.raw;
    const room = req.param("room");
    const principal = access.speaker(request, env.principal);
    refuseEncoded(request);
    const read = readerOf(request);
    const body = await readText(request, maxMessage * BODY_FACTOR, timeouts);
    const { content, id, reply_to } = toRequest(read(body), room, maxMessage);
    const said = await say(hub, {
      principal,
      ip: env.ip,
      room: await findTarget(room, principal, visits),
      content,
      ...(id !== undefined && { id }),
      ...(reply_to !== undefined && { reply_to }),
    });
    if (said.type === "error") throw Problem.of(said.code, said.content, said.retry_ms);
    const shown = shownRoom(said.room, principal.user.id);
    const query = `after=${said.seq - 1}&limit=1`;
    return jsonResponse(said.repeat ? 200 : 201, { ...said, room: shown }, {
      location: `/api/rooms/${encodeURIComponent(shown)}/messages?${query}`,
    });
  };
}

/** The room that a path names; of a direct conversation: the other one. */
async function findTarget(
  room: string,
  { user }: KnownPrincipal,
  visits: Visits,
): Promise<string | { readonly other: User }> {
  if (!isDirectRoom(room)) return room;
  const other = await findUser(room, "send message", visits);
  return { other: other.id === user.id ? user : other };
}

/** Chooses how the body is read, by its `Content-Type`: as JSON or as plain text. */
function readerOf({ headers }: Request): (body: string) => object {
  const type = headers.get("content-type") ?? "";
  if (/^application\/json\s*(?:;|$)/i.test(type)) return readJson;
  if (/^text\/plain\s*(?:;|$)/i.test(type)) return readPlain;
  const allowed = "Content-Type must be application/json or text/plain";
  throw new Problem(415, `Cannot send message: ${allowed}`, {
    headers: { accept: "application/json, text/plain" },
  });
}

function readJson(body: string): object {
  if (isOvergrown(body)) {
    throw Problem.of(
      "bad_message",
      'Cannot send message: the body must be one object with "content"',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw Problem.of("bad_json", "Cannot send message: the body must be one JSON object");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw Problem.of("bad_message", 'Cannot send message: the body must be an object with "content"');
}

/** Drops one trailing line break: the shell added it, it is not part of the text. */
function readPlain(body: string): object {
  return { content: body.replace(/\r?\n$/, "") };
}

/** The room is part of the path: a wrong one is answered with 400, before the body is checked. */
function toRequest(members: object, room: string, maxMessage: number): UserRequest {
  readRequest("history", { room });
  return readRequest("user", { ...members, room }, { status: 422, maxMessage });
}
