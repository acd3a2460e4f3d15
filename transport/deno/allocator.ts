/**
 * Stops the allocator from returning the memory of sent frames to the system.
 *
 * The runtime copies each frame for each connection with the C library's `malloc` and frees the copy
 * once it is written. Whenever more than 128 KiB are free at the end of the heap, glibc returns them to
 * the system, and the next batch pays for every page again: with 100 members that was a sixth of the server's
 * time, and without it the server makes 1.4 times the deliveries.
 *
 * glibc stops doing so by itself as soon as one large block was freed: then the threshold becomes twice
 * that block's size (mallopt(3), `M_MMAP_THRESHOLD`, "dynamic mmap threshold"). So one is freed at the
 * start. It costs some 40 ms and no memory that stays.
 *
 * @module
 */

/** Size of the block, in bytes; twice as much may stay with the process. Above 32 MiB glibc takes no notice. */
const BLOCK_BYTES = 8 * 1024 * 1024;

/** Makes the runtime allocate and free one large block: its copy of a variable name that it looks up. */
export function keepFreedMemory(): void {
  if (Deno.build.os !== "linux") return;
  Deno.env.get("x".repeat(BLOCK_BYTES));
}
