/**
 * The first message on every connection.
 *
 * @module
 */
import type { Connection, ConnectionLimits } from "../client.ts";
import {
  type Handshake,
  MAX_NAME_LENGTH,
  MAX_PAGE,
  MAX_REPLAY,
  MAX_USER_LIST,
} from "../protocol.ts";

/** What a handshake tells besides who the connection is. */
export interface HandshakeOptions {
  readonly limits: ConnectionLimits & { readonly maxFile: number; readonly maxRooms: number };
  readonly epoch: string;
  readonly run: string;
  /** Who is in the lobby. */
  readonly lobby: Pick<Handshake, "user_count" | "user_list">;
}

/** Makes the handshake of a connection. */
export function handshake(
  { session, number, ip, principal: { user } }: Connection,
  { limits, epoch, run, lobby }: HandshakeOptions,
): Handshake {
  return {
    type: "handshake",
    ...(user === undefined ? { session } : { user }),
    number,
    ip,
    epoch,
    run,
    ...lobby,
    limits: {
      content_bytes: limits.maxMessage,
      name_length: MAX_NAME_LENGTH,
      rate: limits.rate,
      burst: limits.burst,
      rooms: limits.maxRooms,
      file_bytes: limits.maxFile,
      page: MAX_PAGE,
      replay: MAX_REPLAY,
      user_list: MAX_USER_LIST,
    },
  };
}
