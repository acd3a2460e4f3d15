/**
 * Lets users take turns on a thread: nobody waits for all that another one has asked for.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/**
 * Work that yields wherever it can be interrupted, every millisecond or so. It is told how long it has
 * worked so far, in milliseconds.
 */
export type Task<T> = Generator<void, T, number>;

/** How long somebody works at a time, in milliseconds. */
const SLICE_MS = 5;

/** A task that waits or works. */
interface Pending {
  /** Works until the slice is over; returns whether the task has ended. */
  work(): boolean;
}

/**
 * The queues of all users. The tasks of one user run one after the other; those of different users in turns of
 * a few milliseconds, between which the thread does other work.
 */
export class Turns {
  /** In order of their turns. */
  #queues = new Map<string, Pending[]>();
  #running: Promise<void> | undefined;

  /** Runs a task in the turns of a user. Rejects with what the task throws. */
  run<T>(user: string, task: Task<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(user) ?? [];
      queue.push(pending(task, resolve, reject));
      this.#queues.set(user, queue);
      this.#running ??= this.#run();
    });
  }

  /** Resolves when no task is left. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      await pause();
      const [user, queue] = next;
      if (queue[0]?.work()) queue.shift();
      this.#queues.delete(user);
      if (queue.length > 0) this.#queues.set(user, queue);
    }
    this.#running = undefined;
  }

  /** Whose turn it is. */
  #first(): [user: string, queue: Pending[]] | undefined {
    const [next] = this.#queues;
    return next;
  }
}

/** Lets the thread receive messages and do other work, if there is any. */
export function pause(): Promise<void> {
  // A timer would take two milliseconds.
  return new Promise((resolve) => void setImmediate(resolve));
}

function pending<T>(
  task: Task<T>,
  resolve: (result: T) => void,
  reject: (reason: unknown) => void,
): Pending {
  let spent = 0;
  return {
    work() {
      const start = performance.now();
      try {
        for (let now = start; now - start < SLICE_MS; now = performance.now()) {
          const { done, value } = task.next(spent + now - start);
          if (!done) continue;
          resolve(value);
          return true;
        }
        spent += performance.now() - start;
        return false;
      } catch (error) {
        reject(error);
        return true;
      }
    },
  };
}
