/**
 * The wire protocol, through one door: every message and code (`protocol/messages.ts`), reading and
 * checking what clients send (`protocol/decode.ts`), writing what they receive
 * (`protocol/encode.ts`), and what the page shares with the server (`static/wire.js`). Imports
 * nothing from outside of `protocol/` and that file.
 *
 * @module
 */
export * from "./protocol/wire.js";
export * from "./protocol/messages.ts";
export * from "./protocol/decode.ts";
export * from "./protocol/encode.ts";
export * from "./protocol/codec.ts";
export * from "./protocol/file_frame.ts";
