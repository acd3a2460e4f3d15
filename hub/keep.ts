/**
 * Conversions between the messages of clients and those of the store.
 *
 * @module
 */
export { toChange, toUserMessage } from "../store/messages.ts";
