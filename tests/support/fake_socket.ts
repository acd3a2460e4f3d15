/**
 * A socket without a line: remembers what is sent, and takes what a peer would send.
 *
 * @module
 */
import type { Frame } from "../../transport/socket.ts";
import type { Socket, SocketListener } from "../../transport/socket.ts";

/** A socket whose peer is the test. */
export class FakeSocket implements Socket {
  /** What was handed to `send`, in order. */
  readonly sent: (string | Uint8Array)[] = [];
  /** How the server closed it, if it did. */
  closed: { code: number; reason: string } | undefined;
  /** As if so much of what was sent had not gone to the operating system yet. */
  bufferedAmount = 0;
  /** Called after each frame and when the server closes. */
  onChange = () => {};
  #listener: SocketListener | undefined;

  send({ data }: Frame): void {
    if (this.closed !== undefined) throw new Error("A frame was sent after close");
    this.sent.push(data);
    this.onChange();
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.onChange();
  }

  /** Maximum size of a message, as the server set it last. */
  maxPayload: number | undefined;

  limitPayload(bytes: number): void {
    this.maxPayload = bytes;
  }

  /** How long the server did not want to read, in milliseconds. */
  readonly pauses: number[] = [];

  pauseReading(ms: number): void {
    this.pauses.push(ms);
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  /** The peer sends a frame. */
  receive(data: string | Uint8Array): void {
    this.#listener?.message(data);
  }

  /** The line breaks, or the peer closes. */
  hangUp(code = 1006, reason = ""): void {
    this.#listener?.closed(code, reason);
  }
}
