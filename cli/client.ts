/**
 * The client of the commands that talk to a server: `chat` and `send`.
 *
 * @module
 */
import type { Secret } from "../config/secret.ts";
import { HubbubClient } from "../sdk/hubbub.js";
import type { ServerUrl } from "./server_url.ts";

/** Who talks, and where. */
export interface ClientOptions {
  readonly url: ServerUrl;
  readonly name: string;
  /** Entered first. */
  readonly room: string;
  readonly token?: Secret;
}

/** Makes a client that does nothing before its `start`. */
export function createClient({ url, name, room, token }: ClientOptions): HubbubClient {
  return new HubbubClient(url.socket, {
    name,
    rooms: [room],
    ...(token !== undefined && { token: token.reveal() }),
  });
}
