/**
 * scrypt (node:crypto) on threads of its own. The asynchronous one runs in the runtime's thread pool, at the
 * priority of the loop: while somebody signs in, everybody else's messages would wait for the processor.
 *
 * @module
 */

import type { HashAnswer, HashQuestion } from "./password_messages.ts";

/** How long a thread without work is kept, in milliseconds. */
const IDLE_MS = 1000;

/** Threads without work, and what ends them. */
const idle: { readonly worker: Worker; readonly timer: ReturnType<typeof setTimeout> }[] = [];

/** Hashes a password. As many threads run as there are calls at a time. */
export async function hashOnThread(question: HashQuestion): Promise<Uint8Array> {
  const worker = takeWorker();
  try {
    const answer = await ask(worker, question);
    if ("problem" in answer) throw new Error(`Cannot hash password: ${answer.problem}`);
    const timer = setTimeout(() => endIdle(worker), IDLE_MS);
    idle.push({ worker, timer });
    return answer.key;
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

function takeWorker(): Worker {
  const found = idle.pop();
  clearTimeout(found?.timer);
  return found?.worker ??
    new Worker(new URL("./password_worker.ts", import.meta.url), { type: "module" });
}

function endIdle(worker: Worker): void {
  const index = idle.findIndex((entry) => entry.worker === worker);
  if (index !== -1) idle.splice(index, 1);
  worker.terminate();
}

function ask(worker: Worker, question: HashQuestion): Promise<HashAnswer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<HashAnswer>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot hash password: ${event.message}`));
    };
    worker.postMessage(question);
  });
}
