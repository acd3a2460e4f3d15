/**
 * A thread that hashes passwords, at the lowest priority: it takes what the threads that serve people leave
 * of the processors.
 *
 * @module
 */
import { scryptSync } from "node:crypto";
import { constants, setPriority } from "node:os";
import type { HashAnswer, HashQuestion } from "./password_messages.ts";

try {
  // On Linux a priority belongs to a thread, and 0 is the calling one (setpriority(2)). Elsewhere it would
  // be that of the whole process.
  if (Deno.build.os === "linux") setPriority(0, constants.priority.PRIORITY_LOW);
} catch {
  // It hashes at the usual priority.
}

self.onmessage = ({ data }: MessageEvent<HashQuestion>) => {
  const { password, salt, bytes, options } = data;
  self.postMessage(hash());

  function hash(): HashAnswer {
    try {
      return { key: Uint8Array.from(scryptSync(password, salt, bytes, options)) };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  }
};
