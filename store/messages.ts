/**
 * Conversions between the wire's messages and the store's. Written out, because they run for every
 * message; those that must treat every optional field name it, which the compiler checks.
 *
 * @module
 */
import {
  type EveryOptional,
  MAX_REACTION_NAMES,
  type Reaction,
  type Reactions,
  type UserId,
  type UserMessage,
} from "../protocol.ts";
import type { NewMessage, Reactor, StoredMessage, StoredReactions } from "./store.ts";

/** How a reader is shown what is stored. */
export interface View {
  /** The present name of a user, if there is such a user still. Default: the stored names are shown. */
  names?: ((id: UserId) => string | undefined) | undefined;
  /** The room as the reader knows it. Default: as the store does. */
  room?: string | undefined;
  /** The reader, whose own reactions are marked. Default: nobody. */
  viewer?: UserId | undefined;
}

/** The change that commits a message which the hub is about to deliver. */
export function toChange(message: UserMessage): NewMessage {
  const { room, from, content, time, by, id, reply_to, file } = message;
  const change: NewMessage & EveryOptional<NewMessage> = {
    kind: "message",
    room,
    from,
    content,
    time,
    by,
    id,
    reply_to,
    file,
  };
  return change;
}

/** The message that a change adds to its room. Fields that are `undefined` are left out. */
export function toStored(change: NewMessage, seq: number): StoredMessage {
  const { room, time, from, content, by, id, reply_to, file } = change;
  const fields: EveryOptional<NewMessage> = { by, id, reply_to, file };
  const message: StoredMessage = { room, seq, time, from, content };
  if (fields.by !== undefined) message.by = fields.by;
  if (fields.id !== undefined) message.id = fields.id;
  if (fields.reply_to !== undefined) message.reply_to = fields.reply_to;
  if (fields.file !== undefined) message.file = fields.file;
  return message;
}

/** A stored message as it is sent to clients: a copy. */
export function toUserMessage(stored: StoredMessage, view?: View): UserMessage {
  const type = stored.file === undefined ? "user" : "file";
  const message: UserMessage = hasNoReactions(stored)
    ? { type, ...stored }
    : { type, ...stored, reactions: toReactions(stored.reactions ?? {}, view) };
  if (view === undefined) return message;
  if (stored.by !== undefined) message.from = view.names?.(stored.by) ?? stored.from;
  if (view.room !== undefined) message.room = view.room;
  return message;
}

/** Stored reactions as they are sent to clients. */
export function toReactions(stored: StoredReactions, view?: View): Reactions {
  const reactions: Reactions = Object.create(null);
  for (const [emoji, reactors] of Object.entries(stored)) {
    reactions[emoji] = toReaction(reactors, view);
  }
  return reactions;
}

function toReaction(reactors: readonly Reactor[], view?: View): Reaction {
  const names = reactors.slice(0, MAX_REACTION_NAMES)
    .map(({ by, from }) => (by && view?.names?.(by)) ?? from);
  const reaction: Reaction = { count: reactors.length, names };
  const viewer = view?.viewer;
  if (viewer !== undefined && reactors.some(({ by }) => by === viewer)) reaction.mine = true;
  return reaction;
}

/** Spares most messages a conversion. */
function hasNoReactions(message: StoredMessage): message is StoredMessage & { reactions?: never } {
  return message.reactions === undefined;
}
