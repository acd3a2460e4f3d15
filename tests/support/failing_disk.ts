/**
 * Disks that fail: what this machine has for that, and how it is used. Whatever is missing is said, so that a
 * test that is skipped says why.
 *
 * @module
 */
import { SOURCE } from "./server_process.ts";

/** Whether a command succeeds. */
async function works(command: string, ...args: string[]): Promise<boolean> {
  try {
    const options: Deno.CommandOptions = { args, stdout: "null", stderr: "null" };
    return (await new Deno.Command(command, options).output()).success;
  } catch {
    return false;
  }
}

/** Why no sync can be made to fail here; empty if it can. */
export async function syncObstacle(): Promise<string> {
  if (Deno.build.os !== "linux") return "only strace on Linux makes a sync fail";
  const injects = await works(
    "strace",
    "-D",
    "-f",
    "-qq",
    "-o",
    "/dev/null",
    ...injection(1),
    "true",
  );
  return injects ? "" : "strace is missing, or may not trace here";
}

/** Runs the server so that the syncs of each of its threads fail from the nth on. */
export function withFailingSync(nth: number): string[] {
  // With -D the process that is started is the server, and strace looks on from beside it.
  return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", ...injection(nth), ...SOURCE];
}

function injection(nth: number): string[] {
  return ["-e", "trace=fdatasync", "-e", `inject=fdatasync:error=EIO:when=${nth}+`];
}

/** A small disk of its own, in memory. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
}

/** Mounts a disk of so many MiB; explains why that is not possible here. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk | string> {
  if (Deno.build.os !== "linux") return "only Linux has disks in memory";
  const path = await Deno.makeTempDir({ prefix: "hubbub-disk-" });
  if (await works("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path)) {
    return {
      path,
      async [Symbol.asyncDispose]() {
        await works("umount", path);
        await Deno.remove(path);
      },
    };
  }
  await Deno.remove(path);
  return "this user may not mount a disk";
}

/** Fills a disk to the last byte with a file, which the caller removes. */
export async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  let size = 64 * 1024;
  while (size > 0) {
    try {
      await file.write(new Uint8Array(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
}
