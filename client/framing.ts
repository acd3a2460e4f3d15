/**
 * How messages become frames, for each of the subprotocols on `/ws`. Frames are made once for all
 * members of a room who speak the same subprotocol.
 *
 * @module
 */
import { type Frame, toFrame } from "../transport/outbox.ts";
import { encodeFrame, encodeMessage, LINES, type ServerMessage } from "../protocol.ts";

/** A subprotocol's way of writing messages. */
export interface Framing {
  /** Whether a frame from the client may hold several lines. */
  readonly multiline: boolean;
  /** The frames that tell of these events in this order; none if this framing shows none of them. */
  events(messages: readonly ServerMessage[]): Frame[];
  /** The frames that carry these answers to what the client itself asked, in this order. */
  answers(messages: readonly ServerMessage[]): Frame[];
}

function together(messages: readonly ServerMessage[]): Frame[] {
  return messages.length === 0 ? [] : [toFrame(encodeFrame(messages))];
}

/** `hubbub.v1`: JSON lines, all messages in one frame. */
const lines: Framing = { multiline: true, events: together, answers: together };

/** What a client without a subprotocol is not told unless it asked: it might not know what to do with it. */
const UNASKED: ReadonlySet<ServerMessage["type"]> = new Set(["typing", "edit", "delete", "react"]);

function oneByOne(messages: readonly ServerMessage[]): Frame[] {
  return messages.map((message) => toFrame(encodeMessage(simple(message))));
}

/** A file, for who knows only texts: a `user` message with its name and URL. */
function simple(message: ServerMessage): ServerMessage {
  if (message.type !== "file") return message;
  return { ...message, type: "user", content: `${message.content} ${message.file?.url ?? ""}` };
}

/** No subprotocol: one JSON object in each frame. */
const plain: Framing = {
  multiline: false,
  events: (messages) => oneByOne(messages.filter(({ type }) => !UNASKED.has(type))),
  answers: oneByOne,
};

/** The framing of a subprotocol; `undefined` is none. */
export function framingOf(subprotocol: string | undefined): Framing {
  return subprotocol === LINES ? lines : plain;
}

/** Whether this framing keeps events of this type from those who did not ask for them. */
export function withholds(framing: Framing, type: ServerMessage["type"]): boolean {
  return framing === plain && UNASKED.has(type);
}

/** The same messages for many receivers: encoded at most once for each framing, and only if needed. */
export class Delivery {
  readonly #messages: readonly ServerMessage[];
  readonly #frames = new Map<Framing, Frame[]>();

  constructor(messages: readonly ServerMessage[]) {
    this.#messages = messages;
  }

  frames(framing: Framing): Frame[] {
    let frames = this.#frames.get(framing);
    if (frames === undefined) this.#frames.set(framing, frames = framing.events(this.#messages));
    return frames;
  }
}
