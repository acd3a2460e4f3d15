/**
 * Sanctions that a test imposes and lifts at once, without a store.
 *
 * @module
 */
import { parseCidr } from "../../network/cidr.ts";
import { PrefixMap } from "../../network/prefix_map.ts";
import type { Applied, Sanctions } from "../../people/sanctions.ts";
import type { User } from "../../protocol.ts";

/** What is imposed on whom: an id, a name, an address or a network, a room. */
export type Imposed = `${"ban" | "mute"} ${"user" | "name" | "address"}` | "close room";

/** Nobody is banned until the test says so. */
export class FakeSanctions implements Sanctions {
  readonly #imposed = new Map<string, Applied>();
  readonly #watchers: (() => void)[] = [];

  /** Imposes something, and tells the watchers. */
  impose(what: Imposed, on: string, applied: Partial<Applied> = {}): void {
    this.#imposed.set(`${what} ${on}`, { reason: "", ...applied });
    for (const changed of this.#watchers) changed();
  }

  /** Lifts it. */
  lift(what: Imposed, on: string): void {
    this.#imposed.delete(`${what} ${on}`);
    for (const changed of this.#watchers) changed();
  }

  banOfAddress(ip: string): Applied | undefined {
    return this.#ofAddress("ban address ", ip);
  }

  banOfUser({ id, name, role }: User): Applied | undefined {
    if (role === "admin") return undefined;
    return this.#imposed.get(`ban user ${id}`) ?? this.banOfName(name);
  }

  banOfName(name: string): Applied | undefined {
    return this.#imposed.get(`ban name ${name}`);
  }

  muteOf({ id, name, role }: User, ip: string): Applied | undefined {
    if (role === "admin") return undefined;
    return this.#imposed.get(`mute user ${id}`) ?? this.#imposed.get(`mute name ${name}`) ??
      this.#ofAddress("mute address ", ip);
  }

  closureOf(room: string): Applied | undefined {
    return this.#imposed.get(`close room ${room}`);
  }

  closedRooms(): string[] {
    return [...this.#imposed.keys()].filter((key) => key.startsWith("close room "))
      .map((key) => key.slice("close room ".length));
  }

  watch(changed: () => void): void {
    this.#watchers.push(changed);
  }

  #ofAddress(prefix: string, ip: string): Applied | undefined {
    const networks = new PrefixMap<Applied>();
    for (const [key, applied] of this.#imposed) {
      const network = key.startsWith(prefix) && parseCidr(key.slice(prefix.length));
      if (network) networks.set(network, applied);
    }
    return networks.including(ip).next().value;
  }
}
