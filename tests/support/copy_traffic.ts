/**
 * What a client of the fault driver does next: says, answers, edits, deletes, reacts or uploads. Chosen
 * by a seeded random number from what the client holds.
 *
 * @module
 */
import type { UserMessage } from "../../protocol.ts";
import type { RoomCopy } from "./copy_room.ts";
import type { Random } from "./random.ts";

/** Something to do in a room. */
export type Action =
  | { kind: "say"; room: string; reply_to?: number }
  | { kind: "upload"; room: string }
  | { kind: "change"; request: ChangeRequest; of: string };

/** A change to a message. */
export interface ChangeRequest {
  readonly type: "edit" | "delete" | "react";
  readonly room: string;
  readonly seq: number;
  readonly content?: string;
}

const EMOJI = ["👍", "🎉", "❤️", "👀"];

/** How likely each kind is; what remains is said. */
const LIKELY = { react: 0.15, edit: 0.12, delete: 0.05, upload: 0.04, reply: 0.1 };

/** How far back messages are chosen to be changed: old ones too, which others have missed. */
const REACH = 150;

/**
 * @param me the client's own user
 * @param edits how often it has edited, for a text that is new each time
 * @param isSilent whether it only changes what there is
 * @returns `undefined` if it is silent and finds nothing to change
 */
export function chooseAction(
  random: Random,
  copies: readonly RoomCopy[],
  { me, edits, isSilent }: { me: string; edits: number; isSilent: boolean },
): Action | undefined {
  const copy = random.pick(copies);
  const { room } = copy;
  const kind = random.next() * (isSilent ? LIKELY.react + LIKELY.edit + LIKELY.delete : 1);
  let bound = LIKELY.react;
  if (kind < bound) {
    const target = choose(random, copy, ({ deleted }) => !deleted);
    if (target) return change(target, { type: "react", room, content: random.pick(EMOJI) });
  } else if (kind < (bound += LIKELY.edit)) {
    const target = choose(random, copy, (one) => isOwnText(one, me));
    if (target) {
      return change(target, { type: "edit", room, content: `${target.id} edit ${edits}` });
    }
  } else if (kind < (bound += LIKELY.delete)) {
    const target = choose(random, copy, (one) => one.by === me && !one.deleted);
    if (target) return change(target, { type: "delete", room });
  } else if (kind < (bound += LIKELY.upload)) {
    return { kind: "upload", room };
  } else if (kind < (bound += LIKELY.reply)) {
    const target = choose(random, copy, () => true);
    if (target) return { kind: "say", room, reply_to: target.seq };
  }
  return isSilent ? undefined : { kind: "say", room };
}

function change(
  { seq, id = "" }: UserMessage,
  request: Omit<ChangeRequest, "seq">,
): Action {
  return { kind: "change", request: { ...request, seq }, of: id };
}

function isOwnText({ by, deleted, file }: UserMessage, me: string): boolean {
  return by === me && !deleted && file === undefined;
}

/** A random message that fits, among the last ones. */
function choose(
  random: Random,
  { messages, since }: RoomCopy,
  fits: (message: UserMessage) => boolean,
): UserMessage | undefined {
  for (let attempts = 0; attempts < 8; attempts++) {
    const message = messages.get(since - random.between(0, REACH));
    if (message !== undefined && fits(message)) return message;
  }
  return undefined;
}
