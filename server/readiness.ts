/**
 * Whether the server can do its work: reads and writes whatever it keeps, and says what does not work.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { deadline } from "@std/async/deadline";
import type { FileStore } from "../files/file_store.ts";
import type { PeopleStore } from "../people/store.ts";
import { LOBBY } from "../protocol.ts";
import type { Store } from "../store/store.ts";

const logger = getLogger(["hubbub", "server"]);

/** A result is used for this long, in milliseconds: each try writes. */
const FRESH_MS = 1000;

/** Longest wait for one of the tries, in milliseconds. */
const TIMEOUT_MS = 2000;

/** What readiness depends on. */
export interface ReadinessOptions {
  readonly store: Pick<Store, "read" | "noteTime">;
  readonly people: Pick<PeopleStore, "probe">;
  /** Absent: nothing can be uploaded. */
  readonly files?: Pick<FileStore, "hasSpace">;
  /** Whether damage was found in what the server keeps. Default: no. */
  readonly isDamaged?: () => boolean;
  /** The time to note, in milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that nobody can set. */
  readonly steady: () => number;
  /** Longest wait for one of the tries, in milliseconds. Default: 2000. */
  readonly timeout?: number;
}

/** Tries what the server needs, at most once a second, however often it is asked. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #checking: Promise<readonly string[]> | undefined;
  #checked = -Infinity;
  #problems: readonly string[] = [];

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** What did not work at the last try. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** What does not work now, to within a second. Never rejects. */
  async check(): Promise<readonly string[]> {
    if (this.#checking !== undefined) return await this.#checking;
    if (this.#options.steady() - this.#checked < FRESH_MS) return this.#problems;
    this.#checking = this.#check();
    try {
      return await this.#checking;
    } finally {
      this.#checking = undefined;
    }
  }

  async #check(): Promise<readonly string[]> {
    const { store, people, now, files, isDamaged } = this.#options;
    const found = await Promise.all([
      isDamaged?.() ? "data are damaged: the log says which" : undefined,
      this.#try("messages cannot be read", () => store.read(LOBBY, { limit: 1 })),
      this.#try("messages cannot be written", () => store.noteTime(now())),
      this.#try("people cannot be written", () => people.probe()),
      files && this.#try("uploads cannot be written", () => assertSpace(files)),
    ]);
    const problems = found.filter((problem) => problem !== undefined);
    this.#checked = this.#options.steady();
    if (problems.length === 0 && this.#problems.length > 0) logger.info("Ready again");
    return this.#problems = problems;
  }

  async #try(problem: string, act: () => Promise<unknown>): Promise<string | undefined> {
    const { timeout = TIMEOUT_MS } = this.#options;
    try {
      await deadline(act(), timeout);
      return undefined;
    } catch (error) {
      const text = `${problem}: ${publicReason(error, timeout)}`;
      if (!this.#problems.includes(text)) logger.warn(`Not ready: ${text}: {error}`, { error });
      return text;
    }
  }
}

async function assertSpace(files: Pick<FileStore, "hasSpace">): Promise<void> {
  if (!await files.hasSpace()) throw new Error("The disk is full but for what messages need");
}

/** What everybody may know of an error: it could name files. */
function publicReason(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return "the log says why";
  if (error.name === "TimeoutError") return `no answer within ${timeout} ms`;
  return /disk is full|no space left/i.test(error.message)
    ? "the disk is full"
    : "the log says why";
}
