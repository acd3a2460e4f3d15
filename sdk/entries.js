/**
 * Enters the rooms that the client wants to be in, as fast as the server's rate allows, and again after
 * each break.
 *
 * @module
 */
import { isTemporary, RefusedError } from "./errors.js";

/** Wait after a temporary refusal, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * @typedef {object} EntriesParts
 * @property {import("./reconnecting_socket.js").ReconnectingSocket} socket
 * @property {import("./requests.js").Requests} requests
 * @property {import("./rooms.js").Rooms} rooms
 * @property {import("./page_watches.js").PageWatches} pages
 * @property {import("./pacer.js").Pacer} pacer
 * @property {import("./environment.js").Environment} environment
 * @property {(room: string, error: RefusedError) => void} refused called with each room that the server
 * refuses for good
 */

export class Entries {
  #parts;
  /** Rooms whose `join` is under way. @type {Set<string>} */
  #entering = new Set();
  /**
   * Room → the id of the request that made the claim, and what happens until the history that answers it
   * has come.
   *
   * @type {Map<string, { id: string, watch: import("./page_watches.js").Watch }>}
   */
  #claims = new Map();
  /** Pending joins, by room. @type {Map<string, PromiseWithResolvers<void>>} */
  #pending = new Map();
  /** What waits until a room has been caught up with. @type {Map<string, PromiseWithResolvers<void>>} */
  #settling = new Map();
  #cancelTimer = () => {};

  /** @param {EntriesParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * Enters a room, now or as soon as there is a server.
   *
   * @param {string} room
   * @param {Partial<import("./rooms.js").Position>} [position]
   * @returns {Promise<void>}
   */
  join(room, position) {
    const { rooms, socket } = this.#parts;
    rooms.add(room, position);
    if (rooms.isEntered(room)) return Promise.resolve();
    const { promise } = this.#pending.get(room) ?? this.#wait(room);
    if (socket.state.phase === "online") this.enterAll();
    return promise;
  }

  /**
   * Enters a direct conversation of which only the other one's name is known.
   *
   * @param {string} reference `@NAME`
   * @returns {Promise<string>} `@ID`
   * @throws {RefusedError} (as a rejection) if the server refuses it, or there is no connection
   */
  async open(reference) {
    const { requests, rooms } = this.#parts;
    const answer = await requests.ask({ type: "join", room: reference, ...rooms.claim(reference) });
    return "room" in answer && answer.room !== undefined ? answer.room : reference;
  }

  /** The server let us into a room. @param {string} room */
  entered(room) {
    this.#entering.delete(room);
    this.#pending.get(room)?.resolve();
    this.#pending.delete(room);
  }

  /**
   * The server let us into a room; what was missed there comes next, or an error with the same id.
   *
   * @param {string} room
   * @param {string | undefined} id of the request
   */
  claimed(room, id) {
    const { pages, rooms } = this.#parts;
    if (id === undefined || !rooms.isAwaited(room)) return;
    this.#endClaim(room);
    this.#claims.set(room, { id, watch: pages.watch() });
  }

  /**
   * What was missed in a room has come.
   *
   * @param {import("../protocol/messages.ts").History} history as it was read
   * @returns {import("../protocol/messages.ts").History} as it is now
   */
  caughtUp(history) {
    const claim = this.#claims.get(history.room);
    if (!claim || history.id !== undefined) return history;
    this.#endClaim(history.room);
    return claim.watch.apply(history);
  }

  /**
   * @param {import("../protocol/messages.ts").ErrorMessage} error
   * @returns {boolean} whether it tells that what was missed in a room cannot be read: it is asked once more
   */
  failed({ id, retry_ms }) {
    const failed = [...this.#claims].find(([, claim]) => claim.id === id);
    if (!failed) return false;
    const [room] = failed;
    this.#endClaim(room);
    this.#parts.rooms.claimAgain(room);
    this.#later(retry_ms);
    return true;
  }

  /**
   * Waits until what was missed in a room, which is awaited, has come: until then, what a user sees of it may be void.
   *
   * @param {string} room
   * @returns {Promise<void>}
   * @throws {RefusedError} (as a rejection) `offline` if the room starts over, or is left, or the connection
   * breaks
   */
  settled(room) {
    /** @type {PromiseWithResolvers<void>} */
    const settling = this.#settling.get(room) ?? Promise.withResolvers();
    this.#settling.set(room, settling);
    return settling.promise;
  }

  /**
   * @param {string} room
   * @param {boolean} isHeld whether what the user sees of it is still what it was
   */
  settle(room, isHeld) {
    const settling = this.#settling.get(room);
    this.#settling.delete(room);
    if (isHeld) return settling?.resolve();
    settling?.reject(
      new RefusedError("offline", "Cannot ask: the room has changed; look at it again"),
    );
  }

  /** @param {string} room */
  #endClaim(room) {
    this.#claims.get(room)?.watch.end();
    this.#claims.delete(room);
  }

  /** @param {string} room */
  leave(room) {
    const { rooms, socket } = this.#parts;
    const isInside = rooms.isEntered(room) || this.#entering.has(room);
    // A direct conversation cannot be left: it goes on when somebody says something in it.
    if (isInside && !room.startsWith("@")) socket.send({ type: "leave", room });
    this.forget(room, new RefusedError("closed", "Cannot join: the room was left"));
  }

  /**
   * We are in a room no more, and do not enter it again.
   *
   * @param {string} room
   * @param {RefusedError} error what a pending join rejects with
   */
  forget(room, error) {
    this.#entering.delete(room);
    this.#endClaim(room);
    this.settle(room, false);
    this.#parts.rooms.delete(room);
    this.#pending.get(room)?.reject(error);
    this.#pending.delete(room);
  }

  /** Enters the rooms that we are not in. */
  enterAll() {
    const { environment, pacer, rooms } = this.#parts;
    this.#cancelTimer();
    for (const room of rooms.names) {
      if (!rooms.isOutside(room) || this.#entering.has(room)) continue;
      const { wait } = pacer;
      if (wait > 0) {
        this.#cancelTimer = environment.later(() => this.enterAll(), wait);
        return;
      }
      this.#enter(room);
    }
  }

  /** The connection broke. */
  lost() {
    this.#cancelTimer();
    this.#entering.clear();
    for (const room of [...this.#claims.keys()]) this.#endClaim(room);
    for (const room of [...this.#settling.keys()]) this.settle(room, false);
  }

  /** Rejects every pending join. @param {RefusedError} error */
  abandon(error) {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }

  /** @param {string} room */
  async #enter(room) {
    const { requests, rooms, socket, refused } = this.#parts;
    this.#entering.add(room);
    try {
      await requests.ask({ type: "join", room, ...rooms.claim(room) });
      // It may have been left while the rate put the request off.
      if (!rooms.has(room)) socket.send({ type: "leave", room });
    } catch (error) {
      // After a break, the room is entered with the others.
      if (!(error instanceof RefusedError) || error.code === "offline") return;
      this.#entering.delete(room);
      if (isTemporary(error.code)) {
        this.#later(error.retryMs);
      } else if (rooms.has(room)) {
        this.forget(room, error);
        refused(room, error);
      }
    }
  }

  /** @param {number | undefined} wait in milliseconds */
  #later(wait = RETRY_MS) {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.environment.later(() => this.enterAll(), wait);
  }

  /** @param {string} room */
  #wait(room) {
    /** @type {PromiseWithResolvers<void>} */
    const pending = Promise.withResolvers();
    // A caller that does not await the promise must not crash on its rejection.
    pending.promise.catch(() => {});
    this.#pending.set(room, pending);
    return pending;
  }
}
