/**
 * What the tests of `/echo` and `/relay` share: arbitrary frames, and a socket without a line.
 *
 * @module
 */
import type { Handshake } from "../../endpoints/endpoint.ts";
import { ANONYMOUS } from "../../people/principal.ts";
import fc from "fast-check";
import type { Frame } from "../../transport/socket.ts";
import type { Socket, SocketListener } from "../../transport/socket.ts";
import type { Data } from "../support/ws_client.ts";
import { codePoint } from "../support/code_point.ts";

/** Any frame; lengths around those at which its header grows (RFC 6455 §5.2) are likely. */
const frame: fc.Arbitrary<Data> = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 50 }),
  fc.uint8Array({ maxLength: 50 }),
  fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000).chain((length) =>
    fc.constantFrom<Data>("x".repeat(length), new Uint8Array(length).fill(0xff))
  ),
);

/** Any sequence of frames, all together less than what may wait for a connection. */
export const frames: fc.Arbitrary<Data[]> = fc.array(frame, { maxLength: 12 });

/** A socket that records what is done to it. */
export class FakeSocket implements Socket {
  bufferedAmount = 0;
  readonly sent: Data[] = [];
  readonly closes: [code: number, reason: string][] = [];
  #listener: SocketListener | undefined;

  limitPayload(): void {}

  pauseReading(): void {}

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  send({ data }: Frame): void {
    this.sent.push(data);
  }

  close(code: number, reason: string): void {
    this.closes.push([code, reason]);
  }

  /** Has a frame come in. */
  receive(data: Data): void {
    this.#listener?.message(data);
  }

  /** Has the line break. */
  breakLine(): void {
    this.#listener?.closed(1006, "");
  }
}

/** What an endpoint is told about a connection to a path. */
export function handshake(path: string): Handshake {
  return {
    url: new URL(path, "http://localhost:8080"),
    peer: { ip: "" },
    principal: ANONYMOUS,
    agent: "",
    place: { loggedIn() {}, loggedOut() {} },
  };
}
