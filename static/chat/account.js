/**
 * Who uses the page, and how one may enter. The browser's cookie proves it, and no script sees that: the
 * page asks the server.
 *
 * @module
 */
import { RefusedError } from "../../sdk/errors.js";

/** @typedef {import("../../protocol/messages.ts").User} User */
/** @typedef {import("../../sdk/accounts.js").Accounts} Accounts */
/** @typedef {import("../../sdk/accounts.js").Standing} Standing */
/** @typedef {import("../logic/i18n.js").MessageKey} MessageKey */

/** Wait before a server that gave no answer is asked again, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * @typedef {object} AccountOptions
 * @property {Accounts} accounts
 * @property {import("../../sdk/environment.js").Environment["later"]} later
 * @property {() => void} onChange
 * @property {(user: User | null) => void} onUser called with whoever uses the page now, also if only the
 * name or the role has changed; null: nobody
 */

export class Account {
  /** Who is signed in. @type {User | null} */
  user = null;
  /** What the server has said about entering it; null before it has. @type {Standing | null} */
  standing = null;
  /** Why the server has not answered: the code of a `RefusedError`; empty if it has. */
  problem = "";
  /** What the one who is about to enter should know. @type {MessageKey | ""} */
  notice = "";
  /** Code of an invitation that is about to be used: a secret, and nowhere but here. */
  invite = "";
  /** Whether the one who has just left was a member, who is likely to come back as one. */
  wasMember = false;
  /** A member has neither password nor passkey yet, and would not get in again. */
  lacksCredential = false;
  accounts;
  #options;
  /** Why this page itself is ending the session. @type {MessageKey | ""} */
  #leaving = "";

  /** @param {AccountOptions} options */
  constructor(options) {
    this.accounts = options.accounts;
    this.#options = options;
  }

  /** Asks who this is, until there is an answer. */
  async start() {
    if (await this.refresh()) return;
    this.#options.later(() => this.start(), RETRY_MS);
  }

  /**
   * Asks who this is now.
   *
   * @returns {Promise<boolean>} whether the server has answered
   */
  async refresh() {
    const isFirst = this.standing === null;
    try {
      this.standing = await this.accounts.session();
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof RefusedError ? error.code : "internal";
      this.#options.onChange();
      return false;
    }
    const { user } = this.standing;
    if (user) this.#use(user);
    else if (this.user) this.ended();
    else if (isFirst) this.#options.onUser(null);
    return true;
  }

  /**
   * Waits until the server has let somebody in, or has made more of whoever is in already.
   *
   * @param {Promise<import("../../sdk/accounts.js").SignedIn>} entering
   * @throws {RefusedError} whatever that rejects with
   */
  async enter(entering) {
    const { user } = await entering;
    this.#use(user);
  }

  /** @param {string} code */
  takeInvite(code) {
    this.invite = code;
    this.#options.onChange();
  }

  /** Forgets the invitation. */
  dropInvite() {
    this.takeInvite("");
  }

  /** The session is over. */
  ended() {
    if (!this.user) return;
    this.notice = this.#leaving || "session_ended";
    this.#leaving = "";
    this.wasMember = this.user.role !== "guest";
    this.user = null;
    this.lacksCredential = false;
    this.#options.onUser(null);
  }

  /** @throws {RefusedError} if the server cannot end the session: it goes on */
  logout() {
    return this.#leave("logged_out", () => this.accounts.logout());
  }

  /**
   * @param {{ password?: string, messages?: boolean }} options as `Accounts.removeAccount` takes them
   * @throws {RefusedError}
   */
  remove(options) {
    return this.#leave("account_removed", () => this.accounts.removeAccount(options));
  }

  /**
   * The connection may hear that the session is over before the answer is here.
   *
   * @param {MessageKey} notice
   * @param {() => Promise<void>} leave
   */
  async #leave(notice, leave) {
    this.#leaving = notice;
    try {
      await leave();
    } catch (error) {
      this.#leaving = "";
      throw error;
    }
    this.ended();
  }

  /** @param {User} user */
  #use(user) {
    this.user = user;
    this.notice = "";
    this.#options.onUser(user);
  }
}

/**
 * What a link brings in its fragment that must not stay in the address: a secret, or how a sign-in at a
 * provider has ended.
 *
 * @param {string} hash with the `#`
 * @returns {{ invite?: string, notice?: MessageKey } | null} null if it is neither
 */
export function broughtBy(hash) {
  const [, name = "", value = ""] = /^#(invite|sign-in)=(.*)$/s.exec(hash) ?? [];
  if (name === "invite") return { invite: value };
  if (name === "sign-in") return { notice: OUTCOMES.get(value) ?? "oidc_failed" };
  return null;
}

/** @type {ReadonlyMap<string, MessageKey>} */
const OUTCOMES = new Map([
  ["cancelled", "oidc_cancelled"],
  ["refused", "oidc_refused"],
  ["failed", "oidc_failed"],
  ["unavailable", "oidc_unavailable"],
]);
