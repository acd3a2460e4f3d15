/**
 * How much one uploader may store, so that nobody fills the disk for the others: all of a user's files, all
 * files that count by one network, and the files that no message refers to, which are counted apart because
 * they cost whoever uploads them nothing.
 *
 * @module
 */
import type { Catalog, Usage } from "./catalog.ts";
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

/** What one upload may still take. */
export interface Quota {
  /** Which quota more bytes would exceed. */
  check(bytes: number): OverQuota | undefined;
  /** Counts bytes that the upload has taken. */
  count(bytes: number): void;
  /** The upload has ended: if it was stored, the catalog counts it from now on. To be called once. */
  end(): void;
}

/** For whoever does not want quotas. */
export const NO_QUOTA: Quota = { check: () => undefined, count() {}, end() {} };

/**
 * An upload reads what is stored at its beginning, whenever it has taken this much, in bytes, and before it is
 * refused: reading costs the more the more files there are. In between it counts what uploads take.
 */
const READ_BYTES = 1024 * 1024;

/** What uploads take of one user, one network or all. */
interface Tally {
  /** Uploads that have not ended. */
  uploads: number;
  /** Their bytes. */
  running: number;
  /** Theirs, and those of uploads that ended meanwhile, which may be stored. */
  taken: number;
}

/** Checks uploads against the quotas. */
export class Quotas {
  readonly #limits: QuotaLimits;
  readonly #catalog: Pick<Catalog, "usage">;
  /** Those of which uploads are running. */
  readonly #tallies = new Map<string, Tally>();

  constructor(limits: QuotaLimits, catalog: Pick<Catalog, "usage">) {
    this.#limits = limits;
    this.#catalog = catalog;
  }

  /** Begins an upload. */
  open(uploader: Uploader): Quota {
    const { perUser, perNetwork, unannounced } = this.#limits;
    if (Math.min(perUser, perNetwork, unannounced) === Infinity) return NO_QUOTA;
    const keys = [`user ${uploader.user}`, `network ${uploader.network ?? ""}`, "all"];
    const tallies = keys.map((key) => this.#enter(key));
    let own = 0;
    let nextRead = 0;
    let used: Usage;
    /** What each tally had taken that is not counted beside `used`. */
    let before: number[];
    const read = () => {
      nextRead = own + READ_BYTES;
      used = this.#catalog.usage(uploader);
      before = tallies.map(({ taken, running }) => taken - running);
    };
    const exceeded = (bytes: number) => {
      const beside = tallies.map(({ taken }, index) => bytes + taken - (before[index] ?? 0));
      return this.#exceeded(uploader, used, beside);
    };
    return {
      check(bytes) {
        const isFresh = own >= nextRead;
        if (isFresh) read();
        const over = exceeded(bytes);
        if (over === undefined || isFresh) return over;
        read();
        return exceeded(bytes);
      },
      count(bytes) {
        own += bytes;
        for (const tally of tallies) {
          tally.running += bytes;
          tally.taken += bytes;
        }
      },
      end: () => {
        for (const [index, tally] of tallies.entries()) {
          tally.running -= own;
          if (--tally.uploads === 0) this.#tallies.delete(keys[index] ?? "");
        }
      },
    };
  }

  #enter(key: string): Tally {
    const tally = this.#tallies.get(key) ?? { uploads: 0, running: 0, taken: 0 };
    tally.uploads++;
    this.#tallies.set(key, tally);
    return tally;
  }

  /**
   * Which quota is exceeded.
   *
   * @param beside bytes of the user, the network and all, besides those that are stored
   */
  #exceeded(
    { network }: Uploader,
    used: Usage,
    [ofUser = 0, ofNetwork = 0, ofAll = 0]: readonly number[],
  ): OverQuota | undefined {
    const { maxFile, perUser, perNetwork, unannounced } = this.#limits;
    if (used.user + ofUser > perUser) return "user_full";
    const each = Math.max(maxFile, Math.min(UNANNOUNCED_FILES * maxFile, unannounced));
    if (used.unannounced.user + ofUser > each) return "unannounced_user";
    if (network !== undefined) {
      if (used.network + ofNetwork > perNetwork) return "address_full";
      if (used.unannounced.network + ofNetwork > each) return "unannounced_user";
    }
    const isOver = used.unannounced.all + ofAll > Math.max(unannounced, maxFile);
    return isOver ? "unannounced_all" : undefined;
  }
}
