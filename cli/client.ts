/**
 * The client of the commands that talk to a server: `chat` and `send`.
 *
 * @module
 */
import type { Secret } from "../config/secret.ts";
import { foldName } from "../protocol.ts";
import { HubbubClient } from "../sdk/hubbub.js";
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

/** Makes a client that does nothing before its `start`. */
export function createClient({ url, name, room, token, session }: ClientOptions): HubbubClient {
  return new HubbubClient(url.socket, {
    rooms: [room],
    // With a session there is no name: once it has ended, the user is told, and does not become a guest.
    ...(session === undefined ? { name } : { session: session.reveal() }),
    ...(token !== undefined && { token: token.reveal() }),
  });
}
