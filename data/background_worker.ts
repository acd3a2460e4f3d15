/**
 * The thread of a check in the background.
 *
 * @module
 */
import { constants, setPriority } from "node:os";
import type { BackgroundAnswer, BackgroundQuestion } from "./background.ts";
import { checkSlowly } from "./slow_check.ts";
import { reasonOf } from "../sqlite/data_error.ts";

try {
  // On Linux a priority belongs to a thread, and 0 is the calling one (setpriority(2)). Elsewhere it would
  // be that of the whole process.
  if (Deno.build.os === "linux") setPriority(0, constants.priority.PRIORITY_LOW);
} catch {
  // It checks at the usual priority.
}

self.onmessage = async ({ data }: MessageEvent<BackgroundQuestion>) => {
  self.postMessage(await answer(data));
};

async function answer({ dir }: BackgroundQuestion): Promise<BackgroundAnswer> {
  try {
    return { problems: await checkSlowly(dir) };
  } catch (error) {
    return { failure: reasonOf(error) };
  }
}
