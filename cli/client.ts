/**
 * The client of the commands that talk to a server: `chat` and `send`.
 *
 * @module
 */
import type { Secret } from "../config/secret.ts";
import { CloseCode, foldName } from "../protocol.ts";
import { type ConnectionState, HubbubClient } from "../sdk/hubbub.js";
import { defaultName } from "./default_name.ts";
import type { ServerUrl } from "./server_url.ts";
import { readSession, sessionPath } from "./session_file.ts";

/** Who talks, and where. */
export interface ClientOptions {
  readonly url: ServerUrl;
  readonly name: string;
  /** Entered first. */
  readonly room: string;
  readonly token?: Secret;
  /** Of `hubbub login`; absent: enters as a guest. */
  readonly session?: Secret;
}

/**
 * Finds out as whom to talk: with the token, with the session that `hubbub login` has left, or as a guest. A
 * name of one's own choice that is not the session's makes a guest: nobody is renamed by sending a message.
 *
 * @throws {StartError} if there is a file of sessions that cannot be used
 */
export function findIdentity(
  { base }: ServerUrl,
  { name, token }: { name: string | undefined; token: Secret | undefined },
  path = sessionPath(),
): Pick<ClientOptions, "name" | "token" | "session"> {
  const guest = { name: name ?? defaultName() };
  if (token !== undefined) return { ...guest, token };
  const saved = readSession(base, path);
  if (saved === undefined) return guest;
  const { session, user } = saved;
  if (name !== undefined && foldName(name) !== foldName(user.name)) return guest;
  return { name: user.name, session };
}

/**
 * Makes a client that does nothing before its `start`.
 *
 * @param memberships whether somebody with a session or a token also enters all rooms that they are a
 * member of
 */
export function createClient(
  { url, name, room, token, session }: ClientOptions,
  { memberships = false } = {},
): HubbubClient {
  const isKnown = session !== undefined || token !== undefined;
  const client = new HubbubClient(url.socket, {
    rooms: memberships && isKnown ? "memberships" : [room],
    // With a session there is no name: once it has ended, the user is told, and does not become a guest.
    ...(session === undefined ? { name } : { session: session.reveal() }),
    ...(token !== undefined && { token: token.reveal() }),
  });
  if (!client.rooms.includes(room)) client.join(room).catch(() => {});
  client.prefer(room);
  return client;
}

/** Why the server has ended the connection for good, and what the user can do about it. */
export function stopReason(
  { code, reason }: Pick<ConnectionState, "code" | "reason">,
  { url: { base }, session, token }: Pick<ClientOptions, "url" | "session" | "token">,
): string {
  const why = reason === "" ? `close code ${code}` : reason;
  if (code !== CloseCode.SessionEnded) return `The server ended the connection: ${why}`;
  if (token !== undefined) return `The server does not accept the token: ${why}`;
  if (session === undefined) return `Your session has ended: ${why}`;
  return `Your session has ended: log in again with hubbub login ${base}`;
}
