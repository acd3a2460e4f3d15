/**
 * Cuts an answer of the store to a size that fits the send queue besides what happens meanwhile. A limit on
 * the number of messages is not enough: two hundred of the longest exceed the queue many times over, and the
 * client that asked for them would be disconnected.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { exceedsBytes } from "../protocol.ts";
import type { StoredMessage } from "../store/store.ts";

/**
 * Takes messages from the front as long as they fit; at least one, so that a client that asks for more makes progress.
 *
 * @param maxBytes of JSON, in UTF-8
 * @returns the same array if all of them fit
 */
export function takeFirst(messages: StoredMessage[], maxBytes: number): StoredMessage[] {
  return fit(messages, maxBytes) ? messages : messages.slice(0, countFitting(messages, maxBytes));
}

/** As {@linkcode takeFirst}, from the back. */
export function takeLast(messages: StoredMessage[], maxBytes: number): StoredMessage[] {
  if (fit(messages, maxBytes)) return messages;
  return messages.slice(-countFitting(messages.toReversed(), maxBytes));
}

/** Looks at them all at once, which is several times faster than one by one. */
function fit(messages: readonly StoredMessage[], maxBytes: number): boolean {
  return !exceedsBytes(JSON.stringify(messages), maxBytes);
}

function countFitting(messages: readonly StoredMessage[], maxBytes: number): number {
  let count = 0;
  let bytes = 0;
  for (const message of messages) {
    bytes += Buffer.byteLength(JSON.stringify(message)) + 1;
    if (bytes > maxBytes) break;
    count++;
  }
  return Math.max(count, 1);
}
