/**
 * Accounts, over HTTP: entering, signing in, devices, passwords, invitations, passkeys. For pages, whose
 * cookie goes with each request and is set by the server, and for programs, which bring a session.
 *
 * @example
 * const accounts = new Accounts("https://chat.example.org");
 * const { session } = await accounts.signIn({ name: "ann", password });
 * const chat = connect("https://chat.example.org", { session });
 *
 * @module
 */
import { httpUrl } from "./address.js";
import { ask } from "./http.js";
import { createPasskey, systemAuthenticator, usePasskey } from "./passkeys.js";

/** @typedef {import("../protocol/messages.ts").User} User */
/** @typedef {import("./errors.js").RefusedError} RefusedError */

/**
 * Somebody who has got in.
 *
 * @typedef {object} SignedIn
 * @property {User} user
 * @property {string} [session] its secret; not for pages, which have it as a cookie
 * @property {number} [expires] when it ends if it is not used, in milliseconds since 1970
 */

/**
 * Who asks, and how one may enter.
 *
 * @typedef {object} Standing
 * @property {User | null} user null: nobody
 * @property {{ id: string, created: number, expires: number }} [session]
 * @property {"open" | "members"} [access]
 * @property {"open" | "invite" | "off"} [register]
 * @property {boolean} [oidc] whether there is an OpenID Connect provider, at `/api/oidc`
 * @property {boolean} [passkeys] whether the server takes passkeys
 * @property {boolean} [password] whether guests need the server's own password
 */

/**
 * A session of the user.
 *
 * @typedef {object} Device
 * @property {string} id public
 * @property {number} created in milliseconds since 1970
 * @property {number} seen when it was used last, to within a minute or so
 * @property {number} expires
 * @property {string} agent
 * @property {string} ip
 * @property {true} [current] it is the one that asks
 */

/**
 * @typedef {object} Invite
 * @property {string} id public
 * @property {"member" | "admin"} role
 * @property {string[]} rooms
 * @property {number} uses how often it may still be used
 * @property {number} expires in milliseconds since 1970
 */

/**
 * @typedef {object} Passkey
 * @property {string} id
 * @property {string} label
 * @property {string[]} transports
 * @property {number} created in milliseconds since 1970
 * @property {number} used
 */

/**
 * The accounts of a server. Every function rejects with a {@linkcode RefusedError}: the server's `code` and
 * text, and `retryMs`, how long to wait; `offline` if the server cannot be reached.
 */
export class Accounts {
  /** The session to ask with; empty: the page's cookie. A program's is kept here when it signs in. */
  secret;
  #address;
  #fetch;
  #authenticator;

  /**
   * @param {string | URL} address of the server, as for `connect`
   * @param {{ session?: string, fetch?: typeof fetch, authenticator?: import("./passkeys.js").Authenticator }} [options]
   * `session`: its secret; `fetch`, `authenticator`: for tests
   * @throws {TypeError} if the address cannot be read
   */
  constructor(address, { session = "", fetch = globalThis.fetch, authenticator } = {}) {
    this.secret = session;
    this.#address = httpUrl(address, "api/");
    this.#fetch = fetch;
    this.#authenticator = authenticator ?? systemAuthenticator();
  }

  /** Who am I? @returns {Promise<Standing>} */
  session() {
    return this.#ask("GET", "session");
  }

  /**
   * Enters as a new guest, who is remembered.
   *
   * @param {{ name: string, password?: string }} who `password`: the server's own, if it has one
   * @returns {Promise<SignedIn>}
   */
  enter(who) {
    return this.#signIn("session", who);
  }

  /**
   * Signs a member in.
   *
   * @param {{ name: string, password: string }} who
   * @returns {Promise<SignedIn>}
   */
  signIn(who) {
    return this.#signIn("session", who);
  }

  /**
   * Uses an invitation.
   *
   * @param {{ invite: string, name?: string, password?: string }} who `invite`: its code
   * @returns {Promise<SignedIn>}
   */
  useInvite(who) {
    return this.#signIn("session", who);
  }

  /** Ends the session that asks. */
  async logout() {
    await this.#ask("DELETE", "session");
    this.secret = "";
  }

  /** The user's sessions, that used last first. @returns {Promise<Device[]>} */
  async sessions() {
    return (await this.#ask("GET", "sessions")).sessions;
  }

  /**
   * Ends a session of the user: its connections close with 4504.
   *
   * @param {string} id public, as `sessions` lists it
   */
  async endSession(id) {
    await this.#ask("DELETE", `sessions/${encodeURIComponent(id)}`);
  }

  /**
   * Makes a member of the guest who asks; without a session, a new member called `name`.
   *
   * @param {{ password: string, name?: string }} who
   * @returns {Promise<SignedIn>}
   */
  claim(who) {
    return this.#signIn("account", who);
  }

  /**
   * Changes the password; the user's other sessions end.
   *
   * @param {{ old?: string, new: string }} passwords without `old` if there was none
   */
  async changePassword(passwords) {
    await this.#ask("PUT", "account/password", passwords);
  }

  /**
   * Removes the user who asks, for good.
   *
   * @param {{ password?: string, messages?: boolean }} [options] `messages`: what they said goes too
   */
  async removeAccount(options = {}) {
    await this.#ask("DELETE", "account", options);
    this.secret = "";
  }

  /** Invitations that can still be used. @returns {Promise<Invite[]>} */
  async invites() {
    return (await this.#ask("GET", "invites")).invites;
  }

  /**
   * Makes an invitation.
   *
   * @param {{ role?: "member" | "admin", rooms?: string[], uses?: number, expires?: number }} [invite]
   * `expires`: in milliseconds since 1970
   * @returns {Promise<Invite & { code: string, link: string }>} `code`: secret, told only now; `link`: the
   * page's address with it
   */
  async invite(invite = {}) {
    const made = await this.#ask("POST", "invites", invite);
    const page = new URL("..", this.#address);
    return { ...made, link: `${page.href}#invite=${made.code}` };
  }

  /** Has an invitation open nothing any more. @param {string} id public */
  async revokeInvite(id) {
    await this.#ask("DELETE", `invites/${encodeURIComponent(id)}`);
  }

  /** The user's passkeys. @returns {Promise<Passkey[]>} */
  async passkeys() {
    return (await this.#ask("GET", "passkeys")).passkeys;
  }

  /**
   * Adds a passkey of this device. A guest becomes a member by it.
   *
   * @param {{ label?: string }} [options] what the user calls it by
   * @returns {Promise<Passkey>}
   * @throws {RefusedError} (as a rejection) also `cancelled` if the user does not want to, `unsupported` if
   * there are no passkeys here
   */
  async registerPasskey({ label = "" } = {}) {
    const options = await this.#ask("POST", "passkeys/register/options");
    const credential = await createPasskey(options, this.#authenticator);
    return this.#ask("POST", "passkeys/register", { credential, label });
  }

  /**
   * Signs in with a passkey.
   *
   * @returns {Promise<SignedIn>}
   * @throws {RefusedError} (as a rejection) as `registerPasskey`
   */
  async signInWithPasskey() {
    const options = await this.#ask("POST", "passkeys/sign-in/options");
    const credential = await usePasskey(options, this.#authenticator);
    return this.#signIn("passkeys/sign-in", { credential });
  }

  /** Removes a passkey. @param {string} id as `passkeys` lists it */
  async removePasskey(id) {
    await this.#ask("DELETE", `passkeys/${encodeURIComponent(id)}`);
  }

  /**
   * @param {string} path
   * @param {object} who
   * @returns {Promise<SignedIn>}
   */
  async #signIn(path, who) {
    const signedIn = await this.#ask("POST", path, who);
    if (typeof signedIn.session === "string") this.secret = signedIn.session;
    return signedIn;
  }

  /**
   * @param {string} method
   * @param {string} path below `api/`
   * @param {object} [json]
   * @returns {Promise<any>}
   */
  #ask(method, path, json) {
    const body = json === undefined ? {} : { json };
    return ask(this.#fetch, this.#address + path, { method, session: this.secret, ...body });
  }
}
