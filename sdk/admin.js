/**
 * Administration, over HTTP, for admins: who is there, and what is done about it.
 *
 * @example
 * const admin = new Admin("https://chat.example.org", { session });
 * await admin.mute({ user: "bob", for: "10m", reason: "Calm down" });
 *
 * @module
 */
import { httpUrl } from "./address.js";
import { ask } from "./http.js";

/** @typedef {import("../protocol/messages.ts").User} User */
/** @typedef {import("./errors.js").RefusedError} RefusedError */

/**
 * @typedef {object} AdminConnection
 * @property {number} number
 * @property {string} ip
 * @property {string} agent
 * @property {number} since in milliseconds since 1970
 * @property {User} [user] absent before its login
 * @property {string[]} rooms
 * @property {string} subprotocol
 * @property {number} queued_bytes
 * @property {number} idle_ms
 */

/**
 * @typedef {object} AdminUser
 * @property {string} id
 * @property {string} name
 * @property {User["role"]} role
 * @property {boolean} online
 * @property {number} connections
 * @property {number} created in milliseconds since 1970
 * @property {number} seen
 * @property {boolean} disabled
 */

/**
 * @typedef {object} AdminRoom
 * @property {string} room
 * @property {number} online
 * @property {number} last number of messages that were said
 * @property {number} time of the last one, in milliseconds since 1970; 0: there is none
 * @property {boolean} [private]
 * @property {string} [topic]
 * @property {boolean} [closed]
 */

/**
 * A ban, a mute or a closed room.
 *
 * @typedef {object} Sanction
 * @property {string} id
 * @property {"ban" | "mute" | "close"} kind
 * @property {string} label what the admin called the target
 * @property {number} [until] in milliseconds since 1970; absent: until it is lifted
 * @property {string} reason may be empty
 * @property {string} by id of the admin
 * @property {number} created
 */

/**
 * @typedef {object} AuditEntry
 * @property {number} number
 * @property {number} time in milliseconds since 1970
 * @property {string} by
 * @property {string} name
 * @property {string} ip
 * @property {string} act
 * @property {string} target
 * @property {string} detail
 */

/**
 * For how long, and why.
 *
 * @typedef {object} Terms
 * @property {string} [for] such as `10m`; absent: until it is lifted
 * @property {string} [reason] one line, told to whoever is concerned
 */

/**
 * The administration of a server. Every function rejects with a {@linkcode RefusedError}, as those of
 * `Accounts` do. `user` is a name, or `@` and an id.
 */
export class Admin {
  #address;
  #session;
  #fetch;

  /**
   * @param {string | URL} address of the server, as for `connect`
   * @param {{ session?: string, fetch?: typeof fetch }} [options] `session`: its secret; absent: the page's
   * cookie. `fetch`: for tests
   */
  constructor(address, { session = "", fetch = globalThis.fetch } = {}) {
    this.#address = httpUrl(address, "api/admin/");
    this.#session = session;
    this.#fetch = fetch;
  }

  /**
   * @param {{ after?: number, limit?: number }} [page] `after`: the number of the last one
   * @returns {Promise<{ connections: AdminConnection[], complete: boolean }>}
   */
  connections(page = {}) {
    return this.#ask("GET", `connections${query(page)}`);
  }

  /**
   * @param {{ after?: string, limit?: number, content?: string }} [page] `after`: the name of the last one
   * @returns {Promise<{ users: AdminUser[], complete: boolean }>}
   */
  users(page = {}) {
    return this.#ask("GET", `users${query(page)}`);
  }

  /**
   * @param {{ after?: string, limit?: number, content?: string }} [page] `after`: the last one
   * @returns {Promise<{ rooms: AdminRoom[], complete: boolean }>}
   */
  rooms(page = {}) {
    return this.#ask("GET", `rooms${query(page)}`);
  }

  /** @returns {Promise<Sanction[]>} the newest first */
  async bans() {
    return (await this.#ask("GET", "bans")).bans;
  }

  /**
   * @param {{ before?: number, limit?: number }} [page] `before`: the number of the last one
   * @returns {Promise<{ entries: AuditEntry[], complete: boolean }>} the latest first
   */
  audit(page = {}) {
    return this.#ask("GET", `audit${query(page)}`);
  }

  /**
   * Closes all connections of a user, or one.
   *
   * @param {{ user: string, reason?: string } | { connection: number, reason?: string }} whom
   * @returns {Promise<number>} how many
   */
  async kick(whom) {
    return (await this.#ask("POST", "kick", whom)).connections;
  }

  /**
   * @param {{ user: string } & Terms} whom
   * @returns {Promise<Sanction>}
   */
  mute(whom) {
    return this.#ask("POST", "mute", whom);
  }

  /**
   * @param {({ user: string } | { name: string } | { address: string }) & Terms} whom
   * @returns {Promise<Sanction>}
   */
  ban(whom) {
    return this.#ask("POST", "bans", whom);
  }

  /**
   * Puts everybody out of a room.
   *
   * @param {{ room: string } & Terms} what
   * @returns {Promise<Sanction>}
   */
  close(what) {
    return this.#ask("POST", "close", what);
  }

  /** Lifts a ban, a mute, or what closes a room. @param {string} id */
  lift(id) {
    return this.#ask("DELETE", `bans/${encodeURIComponent(id)}`);
  }

  /**
   * Deletes a message, or all that a user has said.
   *
   * @param {{ room: string, seq: number } | { user: string }} what
   * @returns {Promise<number>} how many
   */
  async remove(what) {
    return (await this.#ask("POST", "delete", what)).deleted;
  }

  /** Tells everybody who is connected something. @param {string} content */
  announce(content) {
    return this.#ask("POST", "announce", { content });
  }

  /** Sends all clients to another server. @param {{ for?: string }} [within] */
  drain(within = {}) {
    return this.#ask("POST", "drain", within);
  }

  /** Calls that off. */
  endDrain() {
    return this.#ask("DELETE", "drain");
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [json]
   */
  #ask(method, path, json) {
    const session = this.#session;
    return ask(this.#fetch, this.#address + path, { method, session, json });
  }
}

/** Empty ones are left out. @param {Record<string, string | number | undefined>} parameters */
function query(parameters) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}
