/**
 * Brings the catalog and the messages into agreement when the store is opened: after a crash, after one of
 * them was lost or damaged, and after a backup of only one of them was put back. Nothing may be removed
 * before this is finished.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Catalog } from "./catalog.ts";
import {
  dropRetired,
  dropStale,
  isAhead,
  type Messages,
  readFiles,
  toFileRecord,
} from "./recovery.ts";
import type { FileRegistry } from "./registry.ts";

const logger = getLogger(["hubbub", "files"]);

/** By how much the clock may have been set back, in milliseconds. */
const CLOCK_MARGIN = 60_000;

/**
 * By how much the messages' last note of the time may be older than the catalog's, in milliseconds. Both are
 * made each minute.
 */
const NOTED_MARGIN = 180_000;

/** Settings of {@linkcode Reconciler}. Milliseconds. */
export interface ReconcilerOptions {
  readonly catalog: Catalog;
  readonly messages: Messages;
  readonly registry: FileRegistry;
  /** Maximum age of a file; 0: no limit. */
  readonly retain: number;
  /** The current time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Brings catalog and messages into agreement, once. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  /** Whether the last run closed the store cleanly. */
  readonly #wasClean: boolean;
  /** Why catalog and messages may be of different times; `undefined`: they are not. */
  #doubt: string | undefined;
  #isFinished = false;
  /** Files that were uploaded before this was finished: all that refers to them is known. */
  readonly #fresh = new Set<string>();
  /** Messages that were deleted before this was finished, by room: pages read before still have them. */
  readonly #withdrawn = new Map<string, Set<number>>();
  /** Files of which a message was deleted, by somebody or by retention. */
  readonly #dropped = new Set<string>();
  #adopted = { files: 0, missing: 0 };

  constructor(options: ReconcilerOptions) {
    const { catalog, messages, now } = options;
    this.#options = options;
    this.#wasClean = catalog.readMeta("clean") === 1;
    this.#doubt = doubtOf(catalog, messages, now());
    catalog.writeMeta("clean", 0);
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Takes notice of a file that is uploaded meanwhile. */
  uploaded(id: string): void {
    if (!this.#isFinished) this.#fresh.add(id);
  }

  /**
   * Takes notice of a message that is deleted meanwhile.
   *
   * @returns the file to which it referred, if that can be told already
   */
  withdraw(room: string, seq: number): string | undefined {
    const { catalog } = this.#options;
    if (this.#isFinished) return catalog.withdraw(room, seq);
    const seqs = this.#withdrawn.get(room) ?? new Set();
    this.#withdrawn.set(room, seqs.add(seq));
    const id = catalog.fileAt(room, seq);
    if (id !== undefined && this.#fresh.has(id)) return catalog.withdraw(room, seq);
    // The announcement may be of another message, which had the same number before messages were lost.
    if (this.#doubt !== undefined) catalog.lose(room, seq);
    else if (id !== undefined) this.#dropped.add(catalog.withdraw(room, seq) ?? id);
    return undefined;
  }

  /**
   * Brings catalog and messages into agreement. May be called again after it has failed.
   *
   * @param now milliseconds since 1970
   * @returns the ids of the files of which a message was deleted or removed by retention
   */
  async run(now: number): Promise<Iterable<string>> {
    const { catalog, messages, registry } = this.#options;
    const dropped = this.#dropped;
    if (this.#doubt === undefined && await isAhead(catalog, messages)) {
      this.#doubt = "hubbub.db is older than files.db";
    }
    // All that is in a new catalog is of these messages.
    const isSame = (catalog.readMeta("epoch") ?? messages.epoch) === messages.epoch;
    const isDoubtful = this.#doubt !== undefined;
    await this.#record();
    if (isDoubtful || !this.#wasClean) {
      await dropStale(catalog, messages, { isSame, dropped });
      await registry.quarantineOrphans(now);
    } else {
      await dropRetired(catalog, messages, dropped);
    }
    this.#finish();
    return dropped;
  }

  /** Records what the messages announce and the catalog lacks. */
  async #record(): Promise<void> {
    const { catalog, messages, registry, retain, now } = this.#options;
    const isDoubtful = this.#doubt !== undefined;
    if (isDoubtful) {
      // Nobody has to be told that the first start finds nothing.
      const level = messages.previousRun === undefined ? "debug" : "info";
      logger[level]("Comparing all messages with files.db: {why}", { why: this.#doubt });
    }
    const noted = Number(catalog.readMeta("noted") ?? 0);
    const since = isDoubtful ? -Infinity : noted - CLOCK_MARGIN;
    const oldest = retain > 0 ? now() - retain : -Infinity;
    const isNew = catalog.readMeta("epoch") === undefined;
    await readFiles(messages, since, async (message) => {
      const { room, seq, file, time } = message;
      if (this.#withdrawn.get(room)?.has(seq)) return;
      if (catalog.find(file.id) !== undefined) {
        if (isNew) catalog.dateBack(file.id, time);
      } else {
        // Older ones were removed for their age.
        if (time < oldest) return;
        const isThere = await registry.adopt(toFileRecord(message));
        this.#adopted.files++;
        if (!isThere) this.#adopted.missing++;
      }
      catalog.announce({ room, seq, file: file.id });
    });
  }

  #finish(): void {
    const { catalog, messages } = this.#options;
    for (const [room, seqs] of this.#withdrawn) {
      for (const seq of seqs) {
        const id = catalog.withdraw(room, seq);
        if (id !== undefined) this.#dropped.add(id);
      }
    }
    catalog.writeMeta("epoch", messages.epoch);
    catalog.writeMeta("run", messages.run);
    this.#isFinished = true;
    this.#fresh.clear();
    const { files, missing } = this.#adopted;
    if (files === 0) return;
    logger.warn(
      "Recorded {files} files in files.db anew, from the messages; of {missing} the bytes are missing",
      { files, missing },
    );
  }
}

/** Why the catalog may be of another time than the messages, as far as one can see at once. */
function doubtOf(catalog: Catalog, messages: Messages, now: number): string | undefined {
  const epoch = catalog.readMeta("epoch");
  const noted = Number(catalog.readMeta("noted") ?? 0);
  if (epoch === undefined) return "files.db is new";
  if (epoch !== messages.epoch) return "hubbub.db has other messages than the last time";
  // A catalog from before there were runs has none.
  const run = catalog.readMeta("run");
  if (run !== undefined && run !== messages.previousRun) {
    return "hubbub.db or files.db is older than the other";
  }
  if (noted > (messages.lastNoted ?? Infinity) + NOTED_MARGIN) {
    return "hubbub.db is older than files.db";
  }
  return noted > now + CLOCK_MARGIN ? "the clock was set back" : undefined;
}
