/**
 * Looking at promises without waiting for them.
 *
 * @module
 */

/** What became of a promise so far. */
export interface Outcome<T> {
  state: "pending" | "resolved" | "rejected";
  value?: T;
}

/** Records what becomes of a promise. */
export function watch<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: "pending" };
  promise.then((value) => Object.assign(outcome, { state: "resolved", value }), () => {
    outcome.state = "rejected";
  });
  return outcome;
}

/** Lets every promise that can settle do so: no more than a few turns of microtasks are chained. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
