/**
 * What each change does to a message: the rules of the store contract that all backends share. Pure
 * except that the given message is changed in place.
 *
 * @module
 */
import type { MessageField } from "../protocol.ts";
import {
  type Amended,
  type Authority,
  type DeleteMessage,
  type EditMessage,
  MAX_EMOJI,
  MAX_OWN_EMOJI,
  type ReactToMessage,
  type Refusal,
  type StoredMessage,
  type StoredReactions,
} from "./store.ts";

/** A change to a message that is already stored. */
export type Amendment = EditMessage | DeleteMessage | ReactToMessage;

/** What an amendment did, before it has its number. */
export type Effect = Omit<Amended, "change">;

/** There is no such message. */
export const NO_SUCH_MESSAGE: Refusal = { refused: "no_such_message" };

/** Whether a field remains when its message is deleted. */
const REMAINS: Readonly<Record<Exclude<MessageField, "repeat">, boolean>> = {
  by: true,
  id: true,
  reply_to: true,
  edited: false,
  deleted: true,
  reactions: false,
  file: false,
};

const REMOVED_FIELDS = (Object.keys(REMAINS) as (keyof typeof REMAINS)[])
  .filter((field) => !REMAINS[field]);

/** Copies a message, so that the receiver cannot change what is stored. */
export function copyMessage(message: StoredMessage): StoredMessage {
  const copy = { ...message };
  if (message.reactions !== undefined) copy.reactions = copyReactions(message.reactions);
  return copy;
}

/** Copies reactions to an object without a prototype, which no emoji can then reach. */
export function copyReactions(reactions: StoredReactions): StoredReactions {
  const copy: StoredReactions = Object.create(null);
  for (const [emoji, reactors] of Object.entries(reactions)) {
    copy[emoji] = reactors.map((reactor) => ({ ...reactor }));
  }
  return copy;
}

/**
 * Applies an edit, a deletion or a reaction.
 *
 * @param message the message that the change refers to, if it exists
 * @returns what it did; `message` is changed unless that is a refusal
 */
export function amend(message: StoredMessage | undefined, change: Amendment): Effect | Refusal {
  if (message === undefined) return NO_SUCH_MESSAGE;
  if (change.kind !== "delete" && message.deleted) return NO_SUCH_MESSAGE;
  if (change.kind === "react") return toggleReaction(message, change);
  if (!mayChange(change, message)) return { refused: "not_yours" };
  if (change.kind === "edit") {
    message.content = change.content;
    message.edited = change.time;
  } else {
    message.content = "";
    message.deleted = true;
    for (const field of REMOVED_FIELDS) delete message[field];
  }
  return {};
}

function mayChange({ by, also }: Authority, message: StoredMessage): boolean {
  return message.by === by || also === "anybody" ||
    (also === "nobody" && message.by === undefined);
}

function toggleReaction(
  message: StoredMessage,
  { emoji, by, from }: ReactToMessage,
): Effect | Refusal {
  const reactions: StoredReactions = message.reactions ?? Object.create(null);
  const reactors = reactions[emoji] ?? [];
  const own = reactors.findIndex((reactor) => reactor.by === by);
  if (own === -1) {
    if (isFull(reactions, emoji, by)) return { refused: "too_many" };
    reactors.push({ by, from });
  } else {
    reactors.splice(own, 1);
  }
  if (reactors.length > 0) reactions[emoji] = reactors;
  else delete reactions[emoji];
  if (Object.keys(reactions).length > 0) message.reactions = reactions;
  else delete message.reactions;
  return { reaction: { on: own === -1, count: reactors.length } };
}

/** Whether a message can have no further emoji, or none of this user. */
function isFull(reactions: StoredReactions, emoji: string, by: string): boolean {
  const all = Object.keys(reactions);
  if (reactions[emoji] === undefined && all.length >= MAX_EMOJI) return true;
  if (all.length < MAX_OWN_EMOJI) return false;
  const own = Object.values(reactions)
    .filter((reactors) => reactors.some((reactor) => reactor.by === by));
  return own.length >= MAX_OWN_EMOJI;
}
