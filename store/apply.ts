/**
 * What each change does to a message: the rules of the store contract that no backend may have a
 * version of its own of. Pure but for the message handed in, which is changed in place.
 *
 * @module
 */
import { foldName, type Reactions } from "../protocol.ts";
import type {
  Authority,
  DeleteMessage,
  EditMessage,
  NewMessage,
  Outcome,
  ReactToMessage,
  StoredMessage,
} from "./store.ts";

/** A change to a message that is kept already. */
export type Amendment = EditMessage | DeleteMessage | ReactToMessage;

/** Makes the message that is kept, with nothing in it but what the contract names. */
export function toStored(change: NewMessage, seq: number): StoredMessage {
  const { room, time, from, content, id, reply_to, file } = change;
  const message: StoredMessage = { room, seq, time, from, content };
  if (id !== undefined) message.id = id;
  if (reply_to !== undefined) message.reply_to = reply_to;
  if (file !== undefined) message.file = file;
  return message;
}

/** A copy that its receiver may change without changing what is kept. */
export function copyMessage(message: StoredMessage): StoredMessage {
  const copy = { ...message };
  if (message.reactions !== undefined) copy.reactions = copyReactions(message.reactions);
  return copy;
}

/** A copy without a prototype, so that no emoji can reach one. */
export function copyReactions(reactions: Reactions): Reactions {
  const copy: Reactions = Object.create(null);
  for (const [emoji, names] of Object.entries(reactions)) copy[emoji] = [...names];
  return copy;
}

/**
 * Makes an edit, a deletion or a reaction.
 *
 * @param message the message that the change names, if there is one
 * @returns the outcome; `message` has changed unless it is a refusal
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
    delete message.edited;
    delete message.reactions;
    delete message.file;
  }
  return message.seq;
}

function isAuthor({ by }: Authority, message: StoredMessage): boolean {
  return by === "any" || by.includes(foldName(message.from));
}

/** Names are compared as the protocol does, so that `Ann` takes back what `ann` added. */
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
