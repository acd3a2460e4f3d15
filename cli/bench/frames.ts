/**
 * Reads the frames of many clients at the price of few: what is said in a room reaches each of its
 * members as the same frame, which is taken apart once.
 *
 * @module
 */
import { decodeFrame, type ServerMessage } from "../../protocol.ts";

/** Frames that are remembered; as many rooms can talk at once without one being taken apart twice. */
const REMEMBERED = 64;

/** What a frame holds, as far as the load is concerned. */
export interface Frame {
  /** When each message in it was sent, as its text says. */
  readonly stamps: readonly number[];
  /** All that is no message of the load. */
  readonly others: readonly ServerMessage[];
}

/** Separates a message's stamp from its padding. */
const MARK = "~";

/** Writes the text of a message: its stamp, padded to a length in bytes. */
export function stampedText(stamp: number, bytes: number): string {
  return `${stamp.toString(36)}${MARK}`.padEnd(bytes, "x");
}

/** Takes frames apart. */
export class FrameReader {
  readonly #remembered = new Map<string, Frame>();

  /** @throws {Error} if the frame is no `hubbub.v1` */
  read(text: string): Frame {
    let frame = this.#remembered.get(text);
    if (frame !== undefined) return frame;
    frame = takeApart(text);
    if (frame.stamps.length > 0) this.#remember(text, frame);
    return frame;
  }

  #remember(text: string, frame: Frame): void {
    if (this.#remembered.size >= REMEMBERED) {
      const [oldest] = this.#remembered.keys();
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    this.#remembered.set(text, frame);
  }
}

function takeApart(text: string): Frame {
  const stamps: number[] = [];
  const others: ServerMessage[] = [];
  for (const message of decodeFrame(text)) {
    if (message.type === "user") {
      stamps.push(parseInt(message.content.slice(0, message.content.indexOf(MARK)), 36));
    } else {
      others.push(message);
    }
  }
  return { stamps, others };
}
