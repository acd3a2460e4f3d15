/**
 * `POST /api/rooms/ROOM/messages`: says something in a room under the name of an API token, for bots,
 * builds and curl.
 *
 * @module
 */
import { type HubCommands, say } from "../../hub/commands.ts";
import type { UserRequest } from "../../protocol.ts";
import type { Access } from "../access.ts";
import { type Pace, readText, refuseEncoded } from "../body.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import type { Handler, Place } from "../router.ts";
import { readRequest } from "./query.ts";

/**
 * Longest body, as a multiple of the longest text: in JSON each byte may come as an escape of six, and
 * what stands around it has room in the rest.
 */
const BODY_FACTOR = 8;

/** A message is short. */
const PACE: Pace = { idle: 10_000, grace: 10_000, rate: 0 };

/** What saying something needs. */
export interface SayOptions {
  readonly hub: HubCommands;
  readonly access: Access;
  /** Longest text of a message, in bytes of UTF-8. */
  readonly maxMessage: number;
  /** How fast the body has to come. */
  readonly pace?: Pace;
}

/** Makes the handler of the path `/api/rooms/:room/messages`. */
export function sayHandler(options: SayOptions): Handler {
  const { hub, access, maxMessage, pace = PACE } = options;
  return async (request, place) => {
    const from = access.speaker(request, place.principal, place.param("room"));
    refuseEncoded(request);
    const read = readerOf(request);
    const body = await readText(request, maxMessage * BODY_FACTOR, pace);
    const { content, id, reply_to } = toRequest(read(body), place, maxMessage);
    const room = place.param("room");
    const said = await say(hub, {
      room,
      from,
      content,
      ...(id !== undefined && { id }),
      ...(reply_to !== undefined && { reply_to }),
    });
    if (said.type === "error") throw Problem.of(said.code, said.content, said.retry_ms);
    const location = `/api/rooms/${room}/messages?after=${said.seq - 1}&limit=1`;
    return jsonResponse(201, said, { location });
  };
}

/** How the body is read: as JSON or as plain text, by its type. */
function readerOf({ headers }: Request): (body: string) => object {
  const type = headers.get("content-type") ?? "";
  if (/^application\/json\s*(?:;|$)/i.test(type)) return readJson;
  if (/^text\/plain\s*(?:;|$)/i.test(type)) return readPlain;
  const allowed = "Content-Type must be application/json or text/plain";
  throw new Problem(415, `Cannot say this: ${allowed}`, {
    headers: { accept: "application/json, text/plain" },
  });
}

function readJson(body: string): object {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw Problem.of("bad_json", "Cannot say this: the body must be one JSON object");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw Problem.of("bad_message", 'Cannot say this: the body must be an object with "content"');
}

/** Without the end of the last line, which belongs to the shell that wrote it and not to the text. */
function readPlain(body: string): object {
  return { content: body.replace(/\r?\n$/, "") };
}

/** The room is part of the path: a wrong one is a wrong path, whatever the body holds. */
function toRequest(members: object, place: Place, maxMessage: number): UserRequest {
  const { room } = readRequest("history", { room: place.param("room") });
  return readRequest("user", { ...members, room }, { status: 422, maxMessage });
}
