/**
 * Reads figures of a process from Linux's /proc (proc(5)). Other systems report none.
 *
 * @module
 */

/** Clock ticks per second, the unit of processor times in `/proc` on all of Deno's architectures. */
const CLOCK_TICKS = 100;

/** The processor time of a process with all its threads, in seconds; `undefined` if unknown. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = readFile(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseCpuSeconds(stat);
}

/** The resident memory of a process, in bytes; `undefined` if unknown. */
export function residentBytes(pid: number): number | undefined {
  const status = readFile(`/proc/${pid}/status`);
  return status === undefined ? undefined : parseResidentBytes(status);
}

/** The maximum number of open files, including connections, of this process; `undefined` if unknown. */
export function maxOpenFiles(): number | undefined {
  const limits = readFile("/proc/self/limits");
  return limits === undefined ? undefined : parseMaxOpenFiles(limits);
}

/** Parses `/proc/PID/stat`. The second field, the name, may contain anything, even spaces and `)`. */
export function parseCpuSeconds(stat: string): number | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Fields 14 and 15, utime and stime; the first one here is field 3.
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? undefined : ticks / CLOCK_TICKS;
}

/** Parses `/proc/PID/status`. */
export function parseResidentBytes(status: string): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** Parses the soft limit in `/proc/PID/limits`; Deno raises it to the hard limit. */
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
