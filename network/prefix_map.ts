/**
 * Finds what applies to an address among thousands of networks.
 *
 * @module
 */
import { isIP } from "node:net";
import type { Cidr } from "./cidr.ts";

/** Values by network. A look-up takes one step for each length of prefix that occurs. */
export class PrefixMap<V> {
  /** By family and length of the prefix, then by the bits of the network. */
  readonly #lengths = new Map<string, Map<bigint, V>>();

  /** Gets the value of just this network. */
  get(network: Cidr): V | undefined {
    const { key, bits } = parseNetwork(network);
    return this.#lengths.get(key)?.get(bits);
  }

  set(network: Cidr, value: V): void {
    const { key, bits } = parseNetwork(network);
    let networks = this.#lengths.get(key);
    if (networks === undefined) this.#lengths.set(key, networks = new Map());
    networks.set(bits, value);
  }

  /** The values of all networks that an address is in. An IPv4 client on an IPv6 socket counts as IPv4. */
  *including(ip: string): Generator<V> {
    if (this.#lengths.size === 0 || isIP(ip) === 0) return;
    const { family, bits, size } = parse(ip);
    for (const [key, networks] of this.#lengths) {
      const [of, prefix] = key.split("/");
      if (Number(of) !== family) continue;
      const value = networks.get(bits >> BigInt(size - Number(prefix)));
      if (value !== undefined) yield value;
    }
  }
}

/** An address as a number. */
interface Bits {
  readonly family: 4 | 6;
  readonly bits: bigint;
  /** Bits of an address of the family. */
  readonly size: number;
}

/** Where a network is kept. One of IPv4-mapped addresses (RFC 4291 §2.5.5.2) is one of IPv4. */
function parseNetwork({ address, prefix }: Cidr): { key: string; bits: bigint } {
  const { family, bits, size } = parse(address);
  const length = address.includes(":") && family === 4 ? Math.max(0, prefix - 96) : prefix;
  return { key: `${family}/${length}`, bits: bits >> BigInt(size - length) };
}

/** @param ip a valid address; a zone (`%eth0`) does not count */
function parse(ip: string): Bits {
  if (!ip.includes(":")) return { family: 4, bits: parseIpv4(ip), size: 32 };
  const [address = ""] = ip.split("%");
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return { family: 4, bits: parseIpv4(mapped), size: 32 };
  const [head = "", tail] = address.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  const zeros = Array<bigint>(Math.max(0, 8 - before.length - after.length)).fill(0n);
  const groups = [...before, ...zeros, ...after];
  return { family: 6, bits: groups.reduce((bits, group) => bits << 16n | group, 0n), size: 128 };
}

function parseIpv4(ip: string): bigint {
  return ip.split(".").reduce((bits, byte) => bits << 8n | BigInt(byte), 0n);
}

function groupsOf(text: string): bigint[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [BigInt(`0x${group}`)];
    const bits = parseIpv4(group);
    return [bits >> 16n, bits & 0xffffn];
  });
}
