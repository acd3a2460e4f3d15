/**
 * The client of the commands that talk to a server: `chat` and `send`.
 *
 * @module
 */
import type { Secret } from "../config/secret.ts";
import { HubbubClient } from "../sdk/hubbub.js";
import { defaultName } from "./default_name.ts";
import type { ServerUrl } from "./server_url.ts";
import { readSession } from "./session_file.ts";

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
 * Finds out as whom to talk: with the token, with the session that `hubbub login` has left, or as a guest.
 *
 * @throws {StartError} if there is a file of sessions that cannot be used
 */
export function findIdentity(
  { base }: ServerUrl,
  { name, token }: { name: string | undefined; token: Secret | undefined },
): Pick<ClientOptions, "name" | "token" | "session"> {
  if (token !== undefined) return { name: name ?? defaultName(), token };
  const saved = readSession(base);
  if (saved === undefined) return { name: name ?? defaultName() };
  return { name: name ?? saved.user.name, session: saved.session };
}

/** Makes a client that does nothing before its `start`. */
export function createClient({ url, name, room, token, session }: ClientOptions): HubbubClient {
  return new HubbubClient(url.socket, {
    name,
    rooms: [room],
    ...(token !== undefined && { token: token.reveal() }),
    ...(session !== undefined && { session: session.reveal() }),
  });
}
