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

/** What is known of who is on a connection. */
interface Known {
  /** Whether it came without a session of a member and without a token: anybody may become a guest. */
  readonly isGuest: boolean;
  isLoggedIn: boolean;
}

/** Knows the open sockets, and how much is known of who is on them. */
export class MemoryRelief {
  readonly #sockets = new Map<Socket, Known>();

  /** Follows a connection until it leaves its place. */
  follow(place: Place, isGuest: boolean): Followed {
    const known: Known = { isGuest, isLoggedIn: false };
    let socket: Socket | undefined;
    return {
      opened: (opened) => {
        socket = opened;
        this.#sockets.set(opened, known);
      },
      place: {
        loggedIn() {
          known.isLoggedIn = true;
          place.loggedIn();
        },
        loggedOut() {
          known.isLoggedIn = false;
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
    return this.#close(({ isLoggedIn }) => !isLoggedIn);
  }

  /** Closes those of guests too. Returns how many. */
  closeGuests(): number {
    return this.#close(({ isGuest }) => isGuest);
  }

  /** Closes all. Returns how many. */
  closeAll(): number {
    return this.#close(() => true);
  }

  #close(isChosen: (known: Known) => boolean): number {
    const chosen = [...this.#sockets].filter(([, known]) => isChosen(known));
    for (const [socket] of chosen) {
      this.#sockets.delete(socket);
      socket.close(CloseCode.TooSlow, REASON);
    }
    return chosen.length;
  }
}
