/**
 * A deadline under every wait of a test: a test that waits for something that never happens fails and
 * says what it waited for, instead of hanging until the whole run is ended from outside.
 *
 * @module
 */

/**
 * Milliseconds that the waits of the support library allow. Far above what anything here takes on a
 * slow, busy machine, since a test asserts what happens and never how fast.
 */
export const DEADLINE = 60_000;

/**
 * Settles as the promise does. Leaves no timer behind.
 *
 * @param ms deadline in milliseconds
 * @param what completes "Waited 60000 ms for …"; a function is called when the deadline passes, to
 *   report the state of things at that time
 * @throws {Error} if the promise is still pending after `ms`. The promise itself is not cancelled; its
 *   later rejection is ignored.
 */
export async function within<T>(
  ms: number,
  what: string | (() => string),
  promise: PromiseLike<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Waited ${ms} ms for ${typeof what === "string" ? what : what()}`));
    }, ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds between two looks of {@linkcode poll}. */
const INTERVAL = 10;

/**
 * Looks again and again until what is seen is right. Only for what tells nobody when it changes, such
 * as an index that lags behind, or a server that cannot be reached yet.
 *
 * @param what completes "Waited 60000 ms for …", followed by what was seen last
 * @throws {Error} if it is still wrong after `ms`; whatever `look` throws
 */
export async function poll<T>(
  what: string,
  look: () => T | Promise<T>,
  isRight: (seen: T) => boolean,
  ms: number = DEADLINE,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await within(ms, what, Promise.resolve(look()));
    if (isRight(seen)) return seen;
    if (performance.now() > end) {
      throw new Error(`Waited ${ms} ms for ${what}, saw ${Deno.inspect(seen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}
