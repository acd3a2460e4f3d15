/**
 * The wire protocol, through one door: requests (`protocol/requests.ts`), messages
 * (`protocol/messages.ts`) and codes (`protocol/codes.ts`); decoding and checking what clients send
 * (`protocol/decode.ts`), encoding what they receive (`protocol/codec.ts`), and what the page shares
 * with the server (`protocol/wire.js`). Imports nothing from outside `protocol/`.
 *
 * @module
 */
export * from "./protocol/wire.js";
export * from "./protocol/codes.ts";
export * from "./protocol/direct_room.ts";
export * from "./protocol/refused.ts";
export * from "./protocol/requests.ts";
export * from "./protocol/messages.ts";
export * from "./protocol/message_fields.ts";
export * from "./protocol/fields.ts";
export * from "./protocol/decode.ts";
export * from "./protocol/codec.ts";
export { isOvergrown } from "./protocol/overgrown.ts";
export * from "./protocol/file_frame.ts";
export * from "./protocol/user_list.ts";
