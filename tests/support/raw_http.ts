/**
 * Requests that no client library would send, and what must become of them, for both transports.
 *
 * @module
 */
import { formatRequest, HANDSHAKE, RawLine } from "./raw_tcp.ts";

/** An answer as it came over the line. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Parses all whole answers (none of them to `HEAD`); stops behind `101`, where WebSocket frames begin. */
export function parseResponses(received: string): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = received;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return responses;
    const [statusLine = "", ...fields] = rest.slice(0, end).split("\r\n");
    const headers = new Headers(fields.map((field): [string, string] => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    }));
    const status = Number(statusLine.split(" ")[1]);
    rest = rest.slice(end + 4);
    const length = headers.get("transfer-encoding") === "chunked"
      ? rest.indexOf("0\r\n\r\n") + 5
      : Number(headers.get("content-length") ?? "0");
    responses.push({ status, headers, body: rest.slice(0, length) });
    if (status === 101) return responses;
    rest = rest.slice(length);
  }
}

/** Sends bytes and waits until the server has answered so often, or has closed the connection. */
export async function exchange(
  url: string,
  text: string,
  { responses: count = Infinity }: { readonly responses?: number } = {},
): Promise<RawResponse[]> {
  const raw = await RawLine.open(url);
  await raw.write(text);
  const received = await raw.untilOrEnd((text) => parseResponses(text).length >= count);
  await raw.reset();
  return parseResponses(received);
}

/** A request that a server must refuse; it must close the connection and answer nothing that is behind it. */
export interface BadRequest {
  readonly name: string;
  readonly text: string;
}

/** Would be answered if a server took the end of a body to be elsewhere: the sign of a smuggled request. */
const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Requests whose target or host is ambiguous or malformed (RFC 9112 §3.2). */
export const BAD_HOSTS: readonly BadRequest[] = [
  ...["a b", "a/b", "a?b", "a#b", "user@a", "a:99999", "a:x", "[::1", "a,b", "a\\b", "%zz"].map(
    (host) => ({
      name: `the host ${JSON.stringify(host)}`,
      text: formatRequest("GET / HTTP/1.1", { host }),
    }),
  ),
  { name: "no host", text: "GET / HTTP/1.1\r\n\r\n" },
  {
    name: "two hosts",
    text: "GET / HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere\r\n\r\n",
  },
];

/** Requests whose end is ambiguous (RFC 9112 §6.3, §5.2, §7.1). */
export const SMUGGLING: readonly BadRequest[] = [
  {
    name: "a length and chunks",
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" +
      `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  },
  {
    name: "two different lengths",
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" +
      `Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  },
  {
    name: "a length that is no number",
    text: `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello${HIDDEN}`,
  },
  {
    name: "a coding behind chunked",
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n" +
      `0\r\n\r\n${HIDDEN}`,
  },
  {
    name: "a header that is continued on the next line",
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\r\n chunked\r\n" +
      `Content-Length: 5\r\n\r\n0\r\n\r\n${HIDDEN}`,
  },
  {
    name: "a space before the colon",
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n" +
      `Content-Length: 5\r\n\r\n0\r\n\r\n${HIDDEN}`,
  },
  {
    name: "a chunk size that is no number",
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `0x5\r\nhello\r\n0\r\n\r\n${HIDDEN}`,
  },
  {
    name: "a chunk size beyond 64 bits",
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `10000000000000000\r\nhello\r\n0\r\n\r\n${HIDDEN}`,
  },
  {
    name: "a null byte in a header",
    text: `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\n\r\n${HIDDEN}`,
  },
  { name: "a line that is no request", text: `HELO there\r\n\r\n${HIDDEN}` },
  {
    name: "a head that is too large",
    text: formatRequest("GET / HTTP/1.1", { host: "localhost", "x-a": "x".repeat(512 * 1024) }),
  },
];

/** Right requests whose target is unusual; each names the same path, and none another host. */
export const ODD_TARGETS: readonly { readonly target: string; readonly path: string }[] = [
  { target: "//ws", path: "//ws" },
  { target: "//elsewhere/ws", path: "//elsewhere/ws" },
  { target: "http://elsewhere/ws", path: "/ws" },
  { target: "/\\elsewhere/ws", path: "//elsewhere/ws" },
];

/** The handshake of a WebSocket for a path. */
export function handshake(path: string, headers: Readonly<Record<string, string>> = {}): string {
  return formatRequest(`GET ${path} HTTP/1.1`, { ...HANDSHAKE, ...headers });
}
