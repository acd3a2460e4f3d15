/**
 * Networks in the notation of CIDR (RFC 4632, RFC 4291 §2.3), and whether an address is in one of them.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";

/** A network: `192.0.2.0/24`, `2001:db8::/32`; an address alone stands for itself. */
export interface Cidr {
  readonly address: string;
  /** Bits of the address that tell the network. */
  readonly prefix: number;
}

/** Parses a network or an address. Returns `undefined` if `text` is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = "", digits] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = familyBits(address);
  if (bits === undefined) return undefined;
  const prefix = digits === undefined ? bits : Number(digits);
  return prefix <= bits ? { address, prefix } : undefined;
}

/** Formats a network so that {@linkcode parseCidr} reads it back. */
export function formatCidr({ address, prefix }: Cidr): string {
  return prefix === familyBits(address) ? address : `${address}/${prefix}`;
}

/** A set of networks. */
export class Networks {
  readonly #list = new BlockList();
  #isEmpty = true;

  constructor(networks: Iterable<Cidr> = []) {
    for (const { address, prefix } of networks) {
      this.#list.addSubnet(address, prefix, familyOf(address));
      this.#isEmpty = false;
    }
  }

  /** Whether an address is in one of the networks. An IPv4 client on an IPv6 socket counts as IPv4. */
  includes(ip: string): boolean {
    return !this.#isEmpty && isIP(ip) !== 0 && this.#list.check(ip, familyOf(ip));
  }
}

function familyBits(address: string): number | undefined {
  switch (isIP(address)) {
    case 4:
      return 32;
    case 6:
      return 128;
    default:
      return undefined;
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
