/**
 * Sanctions in memory, kept equal to the people store's, and what admins do about them.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { formatCidr, parseCidr } from "../network/cidr.ts";
import { PrefixMap } from "../network/prefix_map.ts";
import { foldName, Refused, type User, type UserId } from "../protocol.ts";
import { skeletonOf } from "../text/skeleton.ts";
import { quote } from "../text/wording.ts";
import type { Applied, Sanctions } from "./sanctions.ts";
import { newId } from "./secrets.ts";
import type { NewAuditEntry, PeopleStore, SanctionRecord } from "./store.ts";

const logger = getLogger(["hubbub", "people"]);

/** On whom or what a sanction is to be imposed; an address may be a network in CIDR. */
export type Target =
  | { readonly user: User }
  | { readonly name: string }
  | { readonly address: string }
  | { readonly room: string };

/** A sanction to impose. */
export interface NewSanction {
  readonly kind: SanctionRecord["kind"];
  readonly target: Target;
  /** How long, in milliseconds; absent: for ever. */
  readonly duration?: number;
  readonly reason: string;
  /** The admin. */
  readonly by: UserId;
  /** The admin's address; may be empty. */
  readonly ip: string;
}

/** What {@linkcode openSanctionList} works with. */
export interface SanctionListOptions {
  readonly store: PeopleStore;
  /** The clock for removals, in milliseconds since 1970. */
  readonly now: () => number;
}

/** What applies to one target: of several the one that ends last. */
class Effective {
  readonly users = new Map<UserId, SanctionRecord>();
  /** By skeleton. */
  readonly names = new Map<string, SanctionRecord>();
  readonly networks = new PrefixMap<SanctionRecord>();
  readonly rooms = new Map<string, SanctionRecord>();

  add(sanction: SanctionRecord): void {
    const { target, label } = sanction;
    if ("user" in target) setLonger(this.users, target.user, sanction);
    else if ("room" in target) setLonger(this.rooms, target.room, sanction);
    else if ("network" in target) {
      const network = parseCidr(target.network);
      if (network !== undefined) setLonger(this.networks, network, sanction);
    } else for (const form of formsOf(label)) setLonger(this.names, form, sanction);
  }
}

/**
 * Loads the sanctions of a store.
 *
 * @throws if they cannot be read
 */
export async function openSanctionList(options: SanctionListOptions): Promise<SanctionList> {
  const list = new SanctionList(options);
  await list.refresh();
  options.store.watchSanctions(() => void list.refreshLogged());
  return list;
}

/** Answers from memory, and changes the store. Made by {@linkcode openSanctionList}. */
export class SanctionList implements Sanctions {
  readonly #store: PeopleStore;
  readonly #now: () => number;
  #all: readonly SanctionRecord[] = [];
  #bans = new Effective();
  #mutes = new Effective();
  #closures = new Effective();
  readonly #watchers: (() => void)[] = [];

  constructor({ store, now }: SanctionListOptions) {
    this.#store = store;
    this.#now = now;
  }

  banOfAddress(ip: string): Applied | undefined {
    return this.#ofAddress(this.#bans, ip);
  }

  banOfUser(user: User): Applied | undefined {
    if (user.role === "admin") return undefined;
    return this.#inForce(this.#bans.users.get(user.id)) ?? this.banOfName(user.name);
  }

  banOfName(name: string): Applied | undefined {
    return this.#ofName(this.#bans, name);
  }

  muteOf(user: User, ip: string): Applied | undefined {
    if (user.role === "admin") return undefined;
    return this.#inForce(this.#mutes.users.get(user.id)) ?? this.#ofName(this.#mutes, user.name) ??
      this.#ofAddress(this.#mutes, ip);
  }

  closureOf(room: string): Applied | undefined {
    return this.#inForce(this.#closures.rooms.get(room));
  }

  closedRooms(): string[] {
    const { rooms } = this.#closures;
    return [...rooms.keys()].filter((room) => this.#inForce(rooms.get(room)) !== undefined);
  }

  watch(changed: () => void): void {
    this.#watchers.push(changed);
  }

  /** The sanctions whose time is not over, the newest first. */
  list(): SanctionRecord[] {
    return this.#all.filter((one) => this.#inForce(one) !== undefined);
  }

  /**
   * Imposes a sanction. When it resolves, it applies.
   *
   * @param entry is added to the audit log, with the sanction or not at all
   * @throws {Refused} `forbidden` against an admin, and for an address that the admin itself uses;
   *   `bad_message` for an address that is none
   */
  async add(sanction: NewSanction, entry?: NewAuditEntry): Promise<SanctionRecord> {
    const { kind, duration, reason, by } = sanction;
    const { target, label } = await this.#aim(sanction);
    const created = this.#now();
    const record: SanctionRecord = {
      ...{ id: newId(), kind, target, label, reason, by, created },
      ...duration !== undefined && { until: created + duration },
    };
    await this.#store.addSanction(record, entry);
    await this.refresh();
    return record;
  }

  /**
   * Lifts a sanction. Returns it; `undefined` if there is none.
   *
   * @param entry is added to the audit log, if there is one
   */
  async remove(id: string, entry?: NewAuditEntry): Promise<SanctionRecord | undefined> {
    const removed = await this.#store.removeSanction(id, entry);
    await this.refresh();
    return removed;
  }

  /** Reads the store again, and tells the watchers. */
  async refresh(): Promise<void> {
    this.#all = await this.#store.sanctions();
    const kinds = { ban: new Effective(), mute: new Effective(), close: new Effective() };
    for (const one of this.#all) kinds[one.kind].add(one);
    this.#bans = kinds.ban;
    this.#mutes = kinds.mute;
    this.#closures = kinds.close;
    for (const changed of this.#watchers) changed();
  }

  /** As {@linkcode refresh}, but never rejects: what was read before goes on to apply. */
  async refreshLogged(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      logger.error("Cannot read the sanctions: {error}", { error });
    }
  }

  async #aim(
    { kind, target, ip }: NewSanction,
  ): Promise<Pick<SanctionRecord, "target" | "label">> {
    if ("room" in target) return { target, label: target.room };
    if ("user" in target) {
      refuseAdmin(kind, target.user);
      return { target: { user: target.user.id }, label: target.user.name };
    }
    if ("name" in target) {
      const { name } = target;
      const holder = await this.#store.findByName(name);
      if (holder !== undefined) refuseAdmin(kind, holder);
      return { target: { name: skeletonOf(name) }, label: name };
    }
    const network = parseCidr(target.address);
    if (network === undefined) {
      const allowed = "an IP address or a network such as 192.0.2.0/24";
      const problem = `address must be ${allowed}, received ${quote(target.address)}`;
      throw new Refused("bad_message", `Cannot ${kind}: ${problem}`);
    }
    const own = new PrefixMap<true>();
    own.set(network, true);
    if (!own.including(ip).next().done) {
      const problem = `${quote(target.address)} includes ${ip}, which you use yourself`;
      throw new Refused("forbidden", `Cannot ${kind}: ${problem}`);
    }
    return { target: { network: formatCidr(network) }, label: target.address };
  }

  #ofName({ names }: Effective, name: string): Applied | undefined {
    if (names.size === 0) return undefined;
    // With another letter case it may look different, and is the same name.
    return this.#inForce(names.get(skeletonOf(name)) ?? names.get(skeletonOf(foldName(name))));
  }

  #ofAddress({ networks }: Effective, ip: string): Applied | undefined {
    for (const sanction of networks.including(ip)) {
      const applied = this.#inForce(sanction);
      if (applied !== undefined) return applied;
    }
    return undefined;
  }

  #inForce(sanction: SanctionRecord | undefined): SanctionRecord | undefined {
    if (sanction?.until !== undefined && sanction.until <= this.#now()) return undefined;
    return sanction;
  }
}

/**
 * What a name looks like as it was written, in either case and with a capital: its skeletons may differ. That
 * which the store has may be of older rules.
 */
function formsOf(label: string): Set<string> {
  const [first = "", ...rest] = label.toLowerCase();
  const capitalised = first.toUpperCase() + rest.join("");
  const cases = [label, label.toLowerCase(), label.toUpperCase(), capitalised];
  return new Set(cases.map(skeletonOf));
}

function setLonger<K>(
  map: { get(key: K): SanctionRecord | undefined; set(key: K, value: SanctionRecord): unknown },
  key: K,
  sanction: SanctionRecord,
): void {
  const { until: present = Infinity } = map.get(key) ?? { until: -Infinity };
  if ((sanction.until ?? Infinity) > present) map.set(key, sanction);
}

function refuseAdmin(kind: string, { name, role }: Pick<User, "name" | "role">): void {
  if (role !== "admin") return;
  const problem = `${quote(name)} is an admin; make it a member first`;
  throw new Refused("forbidden", `Cannot ${kind}: ${problem}`);
}
