/**
 * Questions to the server and their answers, matched by `id`. A question that the rate limit refuses is
 * sent again when the server allows it.
 *
 * @module
 */
import { RefusedError } from "./errors.js";

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/messages.ts").ErrorMessage} ErrorMessage */
/** @typedef {import("./types.js").Question | import("../protocol/requests.ts").JoinRequest} Asked */

/** Maximum number of attempts for a question that the rate limit refuses. */
const MAX_TRIES = 20;

/** Wait after a refusal without `retry_ms`, in milliseconds. */
const RETRY_MS = 500;

/** Added to the wait for each attempt, to spread the questions that were refused together: milliseconds. */
const SPREAD_MS = 100;

/**
 * Requests that change something: if the connection breaks before the answer, nobody can tell whether they
 * were carried out.
 *
 * @type {ReadonlySet<string>}
 */
const CHANGING = new Set([
  "edit",
  "delete",
  "react",
  "rename",
  "create",
  "invite",
  "remove",
  "topic",
  "role",
  "leave",
]);

/**
 * @typedef {object} OpenRequest
 * @property {Asked} message
 * @property {number} tries
 * @property {boolean} isSent whether the server may have it, and has not put it off
 * @property {(answer: ServerMessage) => void} resolve
 * @property {(error: RefusedError) => void} reject
 */

export class Requests {
  #send;
  #environment;
  /** @type {Map<string, OpenRequest>} */
  #open = new Map();

  /**
   * @param {(message: object) => boolean} send
   * @param {Pick<import("./environment.js").Environment, "later" | "newId">} environment
   */
  constructor(send, environment) {
    this.#send = send;
    this.#environment = environment;
  }

  /**
   * @param {Asked} message a request without `id`
   * @returns {Promise<ServerMessage>} the first message with the request's id
   * @throws {RefusedError} (as a rejection) `offline` if there is no connection, or it breaks before
   * the answer; `lost` if it breaks when the server may have carried out a change; else the server's code
   */
  ask(message) {
    const id = this.#environment.newId();
    return new Promise((resolve, reject) => {
      this.#open.set(id, { message: { ...message, id }, tries: 0, isSent: false, resolve, reject });
      this.#try(id);
    });
  }

  /**
   * @param {ServerMessage} message anything from the server
   * @returns {boolean} whether it was the answer to a question
   */
  answer(message) {
    const id = "id" in message ? message.id : undefined;
    const request = id === undefined ? undefined : this.#open.get(id);
    if (id === undefined || !request) return false;
    if (message.type !== "error") {
      this.#open.delete(id);
      request.resolve(message);
    } else if (message.code === "rate_limited" && request.tries < MAX_TRIES) {
      request.isSent = false;
      const wait = (message.retry_ms ?? RETRY_MS) + request.tries * SPREAD_MS;
      this.#environment.later(() => this.#try(id), wait);
    } else {
      this.#open.delete(id);
      request.reject(new RefusedError(message.code, message.content, message.retry_ms));
    }
    return true;
  }

  /** The connection broke: nothing open will be answered. */
  lost() {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { message, isSent, reject } of open) {
      reject(isSent && CHANGING.has(message.type) ? lost(message.type) : offline());
    }
  }

  /** @param {string} id */
  #try(id) {
    const request = this.#open.get(id);
    if (!request) return;
    request.tries++;
    request.isSent = this.#send(request.message);
    if (request.isSent) return;
    this.#open.delete(id);
    request.reject(offline());
  }
}

function offline() {
  return new RefusedError("offline", "Cannot ask: there is no connection now");
}

/** @param {string} type */
function lost(type) {
  const reason = `Cannot tell whether the ${type} was carried out: the connection broke`;
  return new RefusedError("lost", reason);
}
