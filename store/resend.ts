/**
 * Tells a resend from another message under the same id: the rule that all backends share.
 *
 * As long as a message is what it was when it arrived, it is compared itself, and nothing has to be kept for
 * that. Its first edit, or its deletion, leaves a digest of what it was.
 *
 * @module
 */
import type { NewMessage, StoredMessage } from "./store.ts";

/** What has to be the same in a resend. */
type Said = Pick<NewMessage, "content" | "file" | "reply_to">;

/** Whether an amendment is the first that changes what was said, so that a digest has to be kept. */
export function isOriginal({ edited, deleted }: StoredMessage): boolean {
  return edited === undefined && !deleted;
}

/** A digest of 53 bits of what a message says: its text, or its file, and what it replies to. */
export function digestOf({ content, file, reply_to = 0 }: Said): number {
  const text = file === undefined ? `t${content}` : `f${file.id}`;
  // cyrb53 by bryc, public domain: two multiplicative hashes of 32 bits, mixed at the end.
  let a = 0xdeadbeef ^ reply_to;
  let b = 0x41c6ce57 ^ reply_to;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  const high = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const low = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 2 ** 32 * (high & 0x1fffff) + (low >>> 0);
}

/**
 * Whether a message is a resend of an earlier one with the same author, room and id.
 *
 * @param digest of what the earlier one was, if it was edited or deleted. Without it, in data from before there
 *   were digests, an amended message is taken for the same.
 */
export function isResend(
  message: NewMessage,
  earlier: StoredMessage,
  digest: number | undefined,
): boolean {
  if (digest !== undefined) return digestOf(message) === digest;
  if (!isOriginal(earlier)) return true;
  if (message.reply_to !== earlier.reply_to || message.file?.id !== earlier.file?.id) return false;
  return message.file !== undefined || message.content === earlier.content;
}
