/**
 * Questions to the server and their answers, matched by `id`. A question refused because of the
 * rate limit is asked again when the server says so.
 *
 * @module
 */

/** @typedef {import("../logic/types.js").ServerMessage} ServerMessage */
/** @typedef {import("../logic/types.js").ErrorMessage} ErrorMessage */

/** How often a question may be put off by the rate limit. */
const MAX_TRIES = 20;

/** A refusal, or `offline` when the line broke before the answer. */
export class Refused extends Error {
  /**
   * @param {string} code an error code of the protocol, or `offline`
   * @param {string} [text]
   */
  constructor(code, text = code) {
    super(text);
    this.name = "Refused";
    this.code = code;
  }
}

export class Requests {
  #send;
  #later;
  #count = 0;
  /** @type {Map<string, { message: object, tries: number, resolve: (answer: ServerMessage) => void, reject: (problem: Refused) => void }>} */
  #open = new Map();

  /**
   * @param {(message: object) => boolean} send
   * @param {import("./connection.js").Environment["later"]} later
   */
  constructor(send, later) {
    this.#send = send;
    this.#later = later;
  }

  /**
   * @param {object} message a request without `id`
   * @returns {Promise<ServerMessage>} the first message with the request's id
   * @throws {Refused}
   */
  ask(message) {
    const id = `q${++this.#count}`;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { message: { ...message, id }, tries: 0, resolve, reject });
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
      this.#later(() => this.#try(id), (message.retry_ms ?? 500) + request.tries * 100);
    } else {
      this.#open.delete(id);
      request.reject(new Refused(message.code, message.content));
    }
    return true;
  }

  /** The line broke: nothing open will be answered. */
  lost() {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of open) reject(new Refused("offline"));
  }

  /** @param {string} id */
  #try(id) {
    const request = this.#open.get(id);
    if (!request) return;
    request.tries++;
    if (this.#send(request.message)) return;
    this.#open.delete(id);
    request.reject(new Refused("offline"));
  }
}
