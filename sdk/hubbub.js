/**
 * A client of Hubbub for pages, terminals and bots. It comes back by itself when the connection
 * breaks, resumes each room where it was, and sends every message exactly once. Plain JavaScript
 * without dependencies, for browsers, Deno, and Node 22 and later. `docs/client.md` tells more.
 *
 * @example
 * const chat = connect("http://localhost:8080", { name: "bot", rooms: ["lobby"] });
 * chat.on("message", async ({ room, from, content }, { own }) => {
 *   if (!own && content === "ping") await chat.say(room, `pong, ${from}`);
 * });
 *
 * @module
 */
import { HubbubClient } from "./client.js";

export { HubbubClient };
export { applyChange, applyReaction } from "./changes.js";
export { RefusedError } from "./errors.js";
export { isMixedScript } from "./names.js";

/** @typedef {import("./types.js").ClientOptions} ClientOptions */
/** @typedef {import("./types.js").Unsent} Unsent */
/** @typedef {import("./types.js").Position} Position */
/** @typedef {import("./types.js").Changed} Changed */
/** @typedef {import("./backoff.js").ConnectionState} ConnectionState */

/**
 * Connects to a server.
 *
 * @example
 * const chat = connect("https://chat.example.org", { name: "deploy-bot", rooms: ["builds"] });
 * await chat.say("builds", "main is green");
 * await chat.close();
 *
 * @param {string | URL} address `http:` or `https:` of the page, or `ws:` or `wss:` of the chat itself
 * @param {ClientOptions} options
 * @returns {HubbubClient}
 * @throws {TypeError} if the address cannot be read or the token cannot be offered
 */
export function connect(address, options) {
  const client = new HubbubClient(address, options);
  client.start();
  return client;
}
