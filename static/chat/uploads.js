/**
 * Files on their way to the server, two at a time. When one has arrived it is announced in its
 * room through the send queue. `XMLHttpRequest`, because `fetch` tells no upload progress.
 *
 * @module
 */
import { sayFile } from "./talk.js";

/** @typedef {import("./chat.js").Chat} Chat */

/** Uploads under way at once. */
const AT_ONCE = 2;

/**
 * @typedef {object} Upload
 * @property {string} id
 * @property {string} key the room that it is for
 * @property {File} file
 * @property {number} sent in bytes
 * @property {"queued" | "sending" | "failed"} state
 * @property {string} problem why it failed: an error code of the protocol
 * @property {XMLHttpRequest | null} request
 */

export class Uploads {
  /** @type {Upload[]} */
  items = [];
  #chat;
  #request;

  /**
   * @param {Chat} chat
   * @param {() => XMLHttpRequest} request
   */
  constructor(chat, request) {
    this.#chat = chat;
    this.#request = request;
  }

  /**
   * @param {string} key
   * @param {readonly File[]} files
   */
  add(key, files) {
    const most = this.#chat.limits?.file_bytes ?? Infinity;
    for (const file of files) {
      const fits = file.size <= most;
      this.items.push({
        id: this.#chat.newId(),
        key,
        file,
        sent: 0,
        state: fits ? "queued" : "failed",
        problem: fits ? "" : "too_large",
        request: null,
      });
    }
    this.advance();
  }

  /** @param {string} id */
  cancel(id) {
    const item = this.items.find((candidate) => candidate.id === id);
    this.items = this.items.filter((candidate) => candidate !== item);
    item?.request?.abort();
    this.advance();
  }

  /** Gives up everything. */
  close() {
    for (const { request } of this.items) request?.abort();
    this.items = [];
  }

  /** @param {string} id */
  retry(id) {
    const item = this.items.find((candidate) => candidate.id === id);
    if (item?.state !== "failed") return;
    item.state = "queued";
    item.problem = "";
    this.advance();
  }

  /** Starts what may start. */
  advance() {
    this.#chat.changed();
    if (!this.#chat.online) return;
    const room = AT_ONCE - this.items.filter(({ state }) => state === "sending").length;
    for (const item of this.items.filter(({ state }) => state === "queued").slice(0, room)) {
      this.#send(item);
    }
  }

  /** @param {Upload} item */
  #send(item) {
    const request = this.#request();
    item.state = "sending";
    item.sent = 0;
    item.request = request;
    request.open("POST", `files?name=${encodeURIComponent(item.file.name.toWellFormed())}`);
    request.upload.addEventListener("progress", ({ loaded }) => {
      item.sent = loaded;
      this.#chat.changed();
    });
    request.addEventListener("load", () => this.#loaded(item, request));
    request.addEventListener("error", () => this.#failed(item, "unavailable"));
    request.send(item.file);
  }

  /**
   * @param {Upload} item
   * @param {XMLHttpRequest} request
   */
  #loaded(item, request) {
    const answer = parse(request.responseText);
    if (request.status >= 300 || typeof answer["id"] !== "string") {
      const problem = answer["code"] ?? (request.status === 413 ? "too_large" : "unavailable");
      return this.#failed(item, String(problem));
    }
    this.items = this.items.filter((candidate) => candidate !== item);
    sayFile(this.#chat, item.key, { id: answer["id"], name: item.file.name });
    this.advance();
  }

  /**
   * @param {Upload} item
   * @param {string} problem
   */
  #failed(item, problem) {
    item.state = "failed";
    item.problem = problem;
    item.request = null;
    this.advance();
  }
}

/**
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
