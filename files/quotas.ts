/**
 * How much one uploader may store, so that nobody fills the disk for the others: all of a user's files, all
 * files that count by one network, and the files that no message refers to, which are counted apart because
 * they cost whoever uploads them nothing.
 *
 * @module
 */
import type { Catalog } from "./catalog.ts";
import type { Uploader } from "./uploader.ts";

/** Files of the maximum size that one user, or one network, may have in no message. */
const UNANNOUNCED_FILES = 8;

/** Limits in bytes; `Infinity`: none. */
export interface QuotaLimits {
  /** Maximum size of a file. */
  readonly maxFile: number;
  /** All files of one user. */
  readonly perUser: number;
  /** All files that count by one network. */
  readonly perNetwork: number;
  /** All files that no message refers to. */
  readonly unannounced: number;
}

/** No limits. */
export const NO_QUOTAS: Omit<QuotaLimits, "maxFile"> = {
  perUser: Infinity,
  perNetwork: Infinity,
  unannounced: Infinity,
};

/** Which quota is used up: see `FileRefusal`. */
export type OverQuota = "user_full" | "address_full" | "unannounced_user" | "unannounced_all";

/** Checks uploads against the quotas. */
export class Quotas {
  readonly #limits: QuotaLimits;
  readonly #catalog: Pick<Catalog, "usage">;
  /** Bytes of running uploads: of each user, of each network, and of all. */
  readonly #running = new Map<string, number>();

  constructor(limits: QuotaLimits, catalog: Pick<Catalog, "usage">) {
    this.#limits = limits;
    this.#catalog = catalog;
  }

  /** Counts bytes of a running upload; negative ones when it has ended. */
  count({ user, network }: Uploader, bytes: number): void {
    for (const key of [`user ${user}`, `network ${network ?? ""}`, "all"]) {
      const there = (this.#running.get(key) ?? 0) + bytes;
      if (there > 0) this.#running.set(key, there);
      else this.#running.delete(key);
    }
  }

  /**
   * Which quota would be exceeded by more bytes, besides those that are stored and those of running uploads.
   *
   * @param bytes of an upload that has not been counted
   */
  check({ user, network }: Uploader, bytes: number): OverQuota | undefined {
    const { maxFile, perUser, perNetwork, unannounced } = this.#limits;
    if (Math.min(perUser, perNetwork, unannounced) === Infinity) return undefined;
    const used = this.#catalog.usage({ user, network });
    const byUser = bytes + this.#of(`user ${user}`);
    if (used.user + byUser > perUser) return "user_full";
    const each = Math.max(maxFile, Math.min(UNANNOUNCED_FILES * maxFile, unannounced));
    if (used.unannounced.user + byUser > each) return "unannounced_user";
    if (network !== undefined) {
      const byNetwork = bytes + this.#of(`network ${network}`);
      if (used.network + byNetwork > perNetwork) return "address_full";
      if (used.unannounced.network + byNetwork > each) return "unannounced_user";
    }
    const isOver = used.unannounced.all + bytes + this.#of("all") > Math.max(unannounced, maxFile);
    return isOver ? "unannounced_all" : undefined;
  }

  #of(key: string): number {
    return this.#running.get(key) ?? 0;
  }
}
