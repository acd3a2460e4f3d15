/**
 * What each change does to a message: the rules of the store contract that all backends share. Pure
 * except that the given message is changed in place.
 *
 * @module
 */
import { foldName, type MessageField, type Reactions } from "../protocol.ts";
import type {
  Authority,
  DeleteMessage,
  EditMessage,
  Outcome,
  ReactToMessage,
  StoredMessage,
} from "./store.ts";

/** A change to a message that is already stored. */
export type Amendment = EditMessage | DeleteMessage | ReactToMessage;

/** Whether a field remains when its message is deleted. */
const REMAINS: Readonly<Record<MessageField, boolean>> = {
  id: true,
  reply_to: true,
  edited: false,
  deleted: true,
  reactions: false,
  file: false,
};

const REMOVED_FIELDS = (Object.keys(REMAINS) as MessageField[]).filter((field) => !REMAINS[field]);

/** Copies a message, so that the receiver cannot change what is stored. */
export function copyMessage(message: StoredMessage): StoredMessage {
  const copy = { ...message };
  if (message.reactions !== undefined) copy.reactions = copyReactions(message.reactions);
  return copy;
}

/** Copies reactions to an object without a prototype, which no emoji can then reach. */
export function copyReactions(reactions: Reactions): Reactions {
  const copy: Reactions = Object.create(null);
  for (const [emoji, names] of Object.entries(reactions)) copy[emoji] = [...names];
  return copy;
}

/**
 * Applies an edit, a deletion or a reaction.
 *
 * @param message the message that the change refers to, if it exists
 * @returns the outcome; `message` is changed unless the outcome is a refusal
 */
export function amend(message: StoredMessage | undefined, change: Amendment): Outcome {
  if (message === undefined) return { refused: "no_such_message" };
  if (change.kind !== "delete" && message.deleted) return { refused: "no_such_message" };
  if (change.kind === "react") return { reactions: toggleReaction(message, change) };
  if (!isAuthor(change, message)) return { refused: "not_yours" };
  if (change.kind === "edit") {
    message.content = change.content;
    message.edited = change.time;
  } else {
    message.content = "";
    message.deleted = true;
    for (const field of REMOVED_FIELDS) delete message[field];
  }
  return message.seq;
}

function isAuthor({ by }: Authority, message: StoredMessage): boolean {
  return by === "any" || by.includes(foldName(message.from));
}

/** Names are compared folded, so that `Ann` removes the reaction of `ann`. */
function toggleReaction(message: StoredMessage, { emoji, from }: ReactToMessage): Reactions {
  const reactions = copyReactions(message.reactions ?? {});
  const key = foldName(from);
  const names = reactions[emoji] ?? [];
  const others = names.filter((name) => foldName(name) !== key);
  if (others.length === names.length) others.push(from);
  if (others.length > 0) reactions[emoji] = others;
  else delete reactions[emoji];
  if (Object.keys(reactions).length > 0) message.reactions = reactions;
  else delete message.reactions;
  return copyReactions(reactions);
}
