/**
 * Which connections are closed when the process holds too much memory: those of whom the server knows least.
 *
 * @module
 */
import { CloseCode } from "../protocol.ts";
import type { Socket } from "../transport/socket.ts";
import type { Place } from "./admission.ts";

/** What is said to those who are closed. They may come back. */
const REASON = "The server is short of memory: try again later";

/** A connection that is followed. */
export interface Followed {
  /** The same place, for whoever says when somebody logs in. */
  readonly place: Place;
  opened(socket: Socket): void;
}

/**
 * Knows the sockets of connections that came without a credential, and which of them have logged in since. Whoever
 * comes with a session or a token is somebody, and is never closed for the sake of memory.
 */
export class MemoryRelief {
  /** Whether somebody has logged in on it, by socket. */
  readonly #sockets = new Map<Socket, boolean>();

  /** Follows a connection that came without a credential until it leaves its place. */
  follow(place: Place): Followed {
    let socket: Socket | undefined;
    const note = (isLoggedIn: boolean) => {
      if (socket !== undefined && this.#sockets.has(socket)) this.#sockets.set(socket, isLoggedIn);
    };
    return {
      opened: (opened) => {
        socket = opened;
        this.#sockets.set(opened, false);
      },
      place: {
        loggedIn() {
          note(true);
          place.loggedIn();
        },
        loggedOut() {
          note(false);
          place.loggedOut();
        },
        leave: () => {
          if (socket !== undefined) this.#sockets.delete(socket);
          place.leave();
        },
      },
    };
  }

  /** Closes all on which nobody has logged in. Returns how many. */
  closeUnauthenticated(): number {
    return this.#close((isLoggedIn) => !isLoggedIn);
  }

  /** Closes all that came without a credential, logged in or not: guests. Returns how many. */
  closeGuests(): number {
    return this.#close(() => true);
  }

  #close(isChosen: (isLoggedIn: boolean) => boolean): number {
    const chosen = [...this.#sockets].filter(([, isLoggedIn]) => isChosen(isLoggedIn));
    for (const [socket] of chosen) {
      this.#sockets.delete(socket);
      socket.close(CloseCode.TooSlow, REASON);
    }
    return chosen.length;
  }
}
