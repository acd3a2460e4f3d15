/**
 * What each change does to a message: the rules of the store contract that all backends share. Pure
 * except that the given message is changed in place.
 *
 * @module
 */
import type { MessageField } from "../protocol.ts";
import type {
  Authority,
  DeleteMessage,
  EditMessage,
  Outcome,
  ReactToMessage,
  StoredMessage,
  StoredReactions,
} from "./store.ts";

/** A change to a message that is already stored. */
export type Amendment = EditMessage | DeleteMessage | ReactToMessage;

/** Whether a field remains when its message is deleted. */
const REMAINS: Readonly<Record<MessageField, boolean>> = {
  by: true,
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
 * @returns the outcome; `message` is changed unless the outcome is a refusal
 */
export function amend(message: StoredMessage | undefined, change: Amendment): Outcome {
  if (message === undefined) return { refused: "no_such_message" };
  if (change.kind !== "delete" && message.deleted) return { refused: "no_such_message" };
  if (change.kind === "react") return { reactions: toggleReaction(message, change) };
  if (!mayChange(change, message)) return { refused: "not_yours" };
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

function mayChange({ by, also }: Authority, message: StoredMessage): boolean {
  return message.by === by || also === "anybody" ||
    (also === "nobody" && message.by === undefined);
}

function toggleReaction(
  message: StoredMessage,
  { emoji, by, from }: ReactToMessage,
): StoredReactions {
  const reactions = copyReactions(message.reactions ?? {});
  const reactors = reactions[emoji] ?? [];
  const others = reactors.filter((reactor) => reactor.by !== by);
  if (others.length === reactors.length) others.push({ by, from });
  if (others.length > 0) reactions[emoji] = others;
  else delete reactions[emoji];
  if (Object.keys(reactions).length > 0) message.reactions = reactions;
  else delete message.reactions;
  return copyReactions(reactions);
}
