/**
 * What Linux knows of a process (proc(5)). Elsewhere nothing is known.
 *
 * @module
 */

/** Of a second: the unit of processor times in `/proc`, on every architecture that Deno runs on. */
const CLOCK_TICKS = 100;

/** The processor time of a process with all of its threads, in seconds; `undefined` if it is not known. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = readFile(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseCpuSeconds(stat);
}

/** The memory that a process has in use, in bytes; `undefined` if it is not known. */
export function residentBytes(pid: number): number | undefined {
  const status = readFile(`/proc/${pid}/status`);
  return status === undefined ? undefined : parseResidentBytes(status);
}

/** How many files, connections among them, a process of ours may have open; `undefined` if not known. */
export function maxOpenFiles(): number | undefined {
  const limits = readFile("/proc/self/limits");
  return limits === undefined ? undefined : parseMaxOpenFiles(limits);
}

/** Reads `/proc/PID/stat`. The second field, the name, may hold anything, spaces and `)` included. */
export function parseCpuSeconds(stat: string): number | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // The 14th and the 15th of all fields, utime and stime; here the third is the first.
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? undefined : ticks / CLOCK_TICKS;
}

/** Reads `/proc/PID/status`. */
export function parseResidentBytes(status: string): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** Reads `/proc/PID/limits`; the soft limit, the hard one where Deno has raised it. */
export function parseMaxOpenFiles(limits: string): number | undefined {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? Infinity : Number(soft);
}

function readFile(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
