/**
 * Plays a case of {@linkcode Case} against `/echo` of a server, over a TCP connection of its own.
 *
 * @module
 */
import { formatRequest, HANDSHAKE, RawLine } from "../../support/raw_tcp.ts";
import { type Case, describeFrame } from "./cases.ts";
import { closeFrame, frame, OP, readFrames, type ServerFrame } from "./frames.ts";

/** Is sent behind each case: whoever answers it has kept the connection open. */
const PROBE = "still there?";

/** What a server does that ends a connection without a close frame. */
export const DROPPED = "dropped";

/** Frames of the server that follow the answer to the handshake; `text` has a byte in each character. */
function framesOf(received: string): ServerFrame[] {
  const start = received.indexOf("\r\n\r\n");
  if (start < 0) return [];
  const rest = received.slice(start + 4);
  return readFrames(Uint8Array.from(rest, (character) => character.charCodeAt(0)));
}

function describe(frames: readonly ServerFrame[]): string[] {
  return frames.map(({ first, payload }) => {
    const isOrdinary = (first & 0xf0) === 0x80;
    return `${isOrdinary ? "" : "ill-formed "}${describeFrame(first & 0x0f, payload)}`;
  });
}

const PROBE_ANSWER = describeFrame(OP.pong, new TextEncoder().encode(PROBE));
const isClose = (answer: string) => /^(ill-formed )?close/.test(answer);

/**
 * What the server sends, in order, as in `Case.expect`; {@linkcode DROPPED} at the end if it closes the
 * connection without a close frame.
 */
export async function play(url: string, { send }: Case): Promise<string[]> {
  const line = await RawLine.open(url);
  await line.write(formatRequest("GET /echo HTTP/1.1", HANDSHAKE));
  await line.until(/^HTTP\/1\.1 101[\s\S]*\r\n\r\n/);
  const [last = new Uint8Array(), ...before] = [...send].reverse();
  for (const bytes of before.reverse()) await line.write(bytes);
  // In one write, so that a server that drops the connection has read all of it.
  await line.write(Uint8Array.from([...last, ...frame(OP.ping, PROBE)]));
  const answers = (received: string) => describe(framesOf(received));
  const received = answers(
    await line.untilOrEnd((text) => {
      const sofar = answers(text);
      return sofar.includes(PROBE_ANSWER) || sofar.some(isClose);
    }),
  );
  const probed = received.indexOf(PROBE_ANSWER);
  if (probed < 0 && !received.some(isClose)) {
    await line.reset();
    return [...received, DROPPED];
  }
  // Ends the handshake that the server has begun, or a connection that is still in order.
  await line.write(closeFrame(1000));
  const all = answers(await line.ended());
  if (probed < 0) return all;
  const answer = all.indexOf(PROBE_ANSWER);
  return [...all.slice(0, answer), ...all.slice(answer + 1, -1)];
}
