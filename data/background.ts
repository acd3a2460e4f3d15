/**
 * Goes on with the check of a data directory while its server runs: what `checkBeforeStart` leaves
 * out of large databases, on a thread of its own at the lowest priority.
 *
 * @module
 */
import type { BackgroundAnswer, BackgroundQuestion } from "./background_messages.ts";

/** A check that is going on. */
export interface BackgroundCheck {
  /** Resolves to what is wrong, one line each; to nothing if it was stopped. Never rejects. */
  readonly done: Promise<{ readonly problems: string[]; readonly failure?: string }>;
  /** Ends it. Idempotent. */
  stop(): void;
}

/**
 * Checks a directory in the background.
 *
 * @param dir a data directory, with a server on it or without
 */
export function checkInBackground(dir: string): BackgroundCheck {
  const worker = new Worker(new URL("./background_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve } = Promise.withResolvers<Awaited<BackgroundCheck["done"]>>();
  const end = (found: Awaited<BackgroundCheck["done"]>) => {
    worker.terminate();
    resolve(found);
  };
  worker.onmessage = ({ data }: MessageEvent<BackgroundAnswer>) =>
    end("problems" in data ? data : { problems: [], failure: data.failure });
  worker.onerror = (event) => {
    event.preventDefault();
    end({ problems: [], failure: event.message });
  };
  worker.postMessage({ dir } satisfies BackgroundQuestion);
  return { done: promise, stop: () => end({ problems: [] }) };
}
