/**
 * Goes on with the check of a data directory while its server runs: what {@linkcode checkBeforeStart} leaves
 * out of large databases, on a thread of its own at the lowest priority.
 *
 * @module
 */

/** The question to the thread. */
export interface BackgroundQuestion {
  readonly dir: string;
}

/** Its answer. */
export type BackgroundAnswer = { readonly problems: string[] } | { readonly failure: string };

/** A check that is going on. */
export interface BackgroundCheck {
  /** Resolves to what is wrong, one line each; to nothing if it was stopped. */
  readonly done: Promise<string[]>;
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
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const end = (problems: string[]) => {
    worker.terminate();
    resolve(problems);
  };
  worker.onmessage = ({ data }: MessageEvent<BackgroundAnswer>) =>
    end(
      "problems" in data ? data.problems : [`The check in the background failed: ${data.failure}`],
    );
  worker.onerror = (event) => {
    event.preventDefault();
    end([`The check in the background failed: ${event.message}`]);
  };
  worker.postMessage({ dir } satisfies BackgroundQuestion);
  return { done: promise, stop: () => end([]) };
}
