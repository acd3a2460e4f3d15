/**
 * Which client a request is from that came through a proxy: what `X-Forwarded-For` and `Forwarded` (RFC 7239)
 * tell, as far as it can be believed.
 *
 * Each proxy adds the address of its own peer at the right end; what stands to the left may be invented by
 * the client. So the lists are read from the right, one entry for each proxy that is trusted, and what the
 * first one tells that is not trusted itself is the client.
 *
 * @module
 */
import { isIP } from "node:net";

/** From where forwarded addresses are believed. */
export interface ProxyTrust {
  readonly networks: { includes(ip: string): boolean };
  /** Whether whoever connects to the Unix socket is a proxy. */
  readonly unix: boolean;
}

/** Who has sent a request. */
export interface ForwardedClient {
  /** The client's address; empty if only a Unix socket is known of it. */
  readonly ip: string;
  /** Whether a trusted proxy says that the client speaks TLS with it. */
  readonly isSecure: boolean;
}

/** One proxy's entry: whom it had on the other end. */
interface Entry {
  /** The address; `undefined` if it is unknown, obfuscated or malformed. */
  readonly ip: string | undefined;
  readonly proto?: string | undefined;
}

/**
 * Tells who has sent a request. Never throws: where a proxy's entry has no address that can be read, the
 * client is that proxy.
 *
 * `X-Forwarded-For` counts if it is there, because most proxies write it and pass `Forwarded` on unread.
 *
 * @param peer the address of the TCP connection; empty on a Unix socket
 */
export function forwardedClient(
  headers: Headers,
  peer: string,
  { networks, unix }: ProxyTrust,
): ForwardedClient {
  const isTrusted = (ip: string) => ip === "" ? unix : networks.includes(ip);
  if (!isTrusted(peer)) return { ip: peer, isSecure: false };
  const list = headers.get("x-forwarded-for");
  const entries = list === null ? forwardedEntries(headers) : addressEntries(list);
  const [scheme = ""] = (headers.get("x-forwarded-proto") ?? "").split(",");
  let ip = peer;
  let proto: string | undefined = scheme.trim();
  for (const entry of entries) {
    if (entry.proto !== undefined) proto = entry.proto;
    if (entry.ip === undefined) break;
    ip = entry.ip;
    if (!isTrusted(ip)) break;
  }
  return { ip, isSecure: proto.toLowerCase() === "https" };
}

/** The entries of `X-Forwarded-For`, the last one first. */
function* addressEntries(list: string): Generator<Entry> {
  for (const text of list.split(",").reverse()) yield { ip: readNode(text.trim()) };
}

/** The elements of `Forwarded`, the last one first. */
function* forwardedEntries(headers: Headers): Generator<Entry> {
  for (const element of splitFromRight(headers.get("forwarded") ?? "", ",")) {
    const pairs = new Map<string, string>();
    for (const pair of splitFromRight(element, ";")) {
      const [, name, quoted, token] = /^([\w-]+)=(?:"(.*)"|([^\s"]+))$/.exec(pair) ?? [];
      if (name !== undefined) {
        pairs.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? token ?? "");
      }
    }
    yield { ip: readNode(pairs.get("for") ?? ""), proto: pairs.get("proto") };
  }
}

/**
 * Splits at a separator outside of quotes, from the right: a quote that a client has left open does not
 * reach into what the proxies have added after it.
 */
function* splitFromRight(text: string, separator: string): Generator<string> {
  let end = text.length;
  let isQuoted = false;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === '"' && !isEscaped(text, at)) isQuoted = !isQuoted;
    if (text[at] !== separator || isQuoted) continue;
    yield text.slice(at + 1, end).trim();
    end = at;
  }
  yield text.slice(0, end).trim();
}

/** Whether an odd number of backslashes stands before a character. Looks at no more than three. */
function isEscaped(text: string, at: number): boolean {
  return /(?:^|[^\\])\\(?:\\\\)?$/.test(text.slice(Math.max(0, at - 4), at));
}

/** The address of a node, which may have a port; that of IPv6 may be in brackets (RFC 7239 §6). */
function readNode(text: string): string | undefined {
  const [, bracketed, ipv4] = /^\[([^\]]*)\](?::\d+)?$|^(\d[\d.]*)(?::\d+)?$/.exec(text) ?? [];
  return canonicalIp(bracketed ?? ipv4 ?? text);
}

/** The one way to write an address, that of an IPv4 client on an IPv6 socket in IPv4 (RFC 4291 §2.5.5.2). */
function canonicalIp(text: string): string | undefined {
  const family = isIP(text);
  if (family !== 6) return family === 4 ? text : undefined;
  const url = `http://[${text}]/`;
  if (!URL.canParse(url)) return undefined; // with a zone
  const ip = new URL(url).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(ip) ?? [];
  if (high === undefined || low === undefined) return ip;
  const bytes = [high, low].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join(".");
}
