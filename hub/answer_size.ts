/**
 * How much of what the store found goes into one answer: so much that it fits the outgoing queue
 * beside what happens meanwhile. A count of messages alone does not bound it: two hundred of the longest
 * are many times as long as the queue, and whoever asked for them would be dropped for it.
 *
 * @module
 */
import { exceedsBytes } from "../protocol.ts";
import type { StoredMessage } from "../store/store.ts";

const encoder = new TextEncoder();

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
    bytes += encoder.encode(JSON.stringify(message)).length + 1;
    if (bytes > maxBytes) break;
    count++;
  }
  return Math.max(count, 1);
}
