/**
 * What the store commits of a message that the hub is about to deliver.
 *
 * @module
 */
export { toChange } from "../store/messages.ts";
