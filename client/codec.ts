/**
 * How messages become frames, for each of the subprotocols on `/ws`. Frames are made once for all
 * members of a room to whom its events look the same.
 *
 * @module
 */
import { type Frame, toFrame } from "../transport/frame.ts";
import {
  type ClientRequest,
  decodeRequest,
  encodeFrame,
  encodeMessage,
  type ErrorMessage,
  LINES,
  type ServerMessage,
  type System,
} from "../protocol.ts";

/** An answer at once, made without the hub. */
export type Reply = ErrorMessage | System & { id?: never };

/** What a line from a client comes to: a request, or its answer already; nothing if it says nothing. */
export type Reading = ClientRequest | Reply | undefined;

/** Writes events for many: the frames that tell of them in this order; none if it shows none of them. */
export type EventWriter = (messages: readonly ServerMessage[]) => Frame[];

/** A subprotocol's way of reading and writing. */
export interface Codec {
  /** Whether a frame from the client may hold several lines. */
  readonly multiline: boolean;
  /** The same function for all whose events look the same: they share its frames. */
  readonly events: EventWriter;
  /**
   * Reads one line of a frame, or the frame itself where it cannot hold several.
   *
   * @param maxContentBytes longest text of a message, in bytes of UTF-8
   */
  read(line: string, maxContentBytes: number): Reading;
  /** The frames that carry these answers to what the client itself asked, in this order. */
  answers(messages: readonly ServerMessage[]): Frame[];
}

function together(messages: readonly ServerMessage[]): Frame[] {
  return messages.length === 0 ? [] : [toFrame(encodeFrame(messages))];
}

/** `hubbub.v1`: JSON lines, all messages in one frame. */
const lines: Codec = {
  multiline: true,
  read: decodeRequest,
  events: together,
  answers: together,
};

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
const plain: Codec = {
  multiline: false,
  read: decodeRequest,
  events: (messages) => oneByOne(messages.filter(({ type }) => !UNASKED.has(type))),
  answers: oneByOne,
};

/** The codec of JSON messages: of that subprotocol, or of none. */
export function codecOf(subprotocol: string | undefined): Codec {
  return subprotocol === LINES ? lines : plain;
}

/** Whether this codec keeps events of this type from those who did not ask for them. */
export function withholds(codec: Codec, type: ServerMessage["type"]): boolean {
  return codec === plain && UNASKED.has(type);
}

/** The same messages for many receivers: encoded at most once for each way of writing, if needed. */
export class Delivery {
  readonly #messages: readonly ServerMessage[];
  readonly #frames = new Map<EventWriter, Frame[]>();

  constructor(messages: readonly ServerMessage[]) {
    this.#messages = messages;
  }

  frames({ events }: Codec): Frame[] {
    let frames = this.#frames.get(events);
    if (frames === undefined) this.#frames.set(events, frames = events(this.#messages));
    return frames;
  }
}
