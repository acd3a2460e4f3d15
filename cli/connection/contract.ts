/**
 * What a connection takes and tells: types only.
 *
 * @module
 */
import type { ClientRequest, ErrorMessage, ServerMessage } from "../../protocol.ts";
import type { Secret } from "../../config/secret.ts";
import type { ServerUrl } from "../server_url.ts";
import type { Clock } from "./clock.ts";
import type { OpenSocket } from "./socket.ts";

/** What the connection is doing. */
export type Status =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  /** The server refused the login: call `login` with another name, or `close`. */
  | { readonly kind: "refused"; readonly error: ErrorMessage }
  /** Broken; tries again by itself. */
  | { readonly kind: "waiting"; readonly ms: number; readonly reason: string }
  /** Over: closed by us, or with a code that says not to come back. */
  | { readonly kind: "ended"; readonly code: number; readonly reason: string };

/** Who is told what happens. Must not throw. */
export interface ConnectionListener {
  /** Every message of the server's, in its order; a kept message never twice. */
  message(message: ServerMessage): void;
  status(status: Status): void;
}

export interface ConnectionOptions {
  readonly url: ServerUrl;
  readonly name: string;
  /** Entered first; others by `join`. */
  readonly room: string;
  readonly token?: Secret;
  readonly clock?: Clock;
  readonly open?: OpenSocket;
  /** Makes the ids of messages: unguessable, or somebody else could claim them. */
  readonly newId?: () => string;
}

/** What is said and kept until the server confirms it. */
export type Said =
  | { type: "user"; room: string; content: string; reply_to?: number }
  | { type: "file"; room: string; content: string }
  | { type: "direct"; to: string; content: string };

/** What is asked and not asked again: its answer matters only now. */
export type Asked = Exclude<
  ClientRequest,
  { type: "login" | "join" | "leave" | "user" | "file" | "direct" | "logout" }
>;
