import {
  cpuSeconds,
  parseCpuSeconds,
  parseMaxOpenFiles,
  parseResidentBytes,
} from "../../bench/run/proc.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("parseCpuSeconds() adds user and system time, whatever the name holds", () => {
  const rest = "S 1 2 3 4 5 6 7 8 9 10 1234 66 0 0 20";
  assertEquals(parseCpuSeconds(`42 (deno) ${rest}`), 13);
  assertEquals(parseCpuSeconds(`42 (a ) b (c) ${rest}`), 13);
  assertEquals(parseCpuSeconds("nonsense"), undefined);
});

Deno.test("parseResidentBytes() reads VmRSS", () => {
  assertEquals(parseResidentBytes("VmHWM:\t  9 kB\nVmRSS:\t  1024 kB\nThreads:\t1\n"), 1_048_576);
  assertEquals(parseResidentBytes("Name:\tkthreadd\n"), undefined);
});

Deno.test("parseMaxOpenFiles() reads the soft limit", () => {
  const line = (soft: string) =>
    `Max open files            ${soft}                524288    files\n`;
  assertEquals(parseMaxOpenFiles(`Limit   Soft\n${line("1024")}`), 1024);
  assertEquals(parseMaxOpenFiles(line("unlimited")), Infinity);
  assertEquals(parseMaxOpenFiles(""), undefined);
});

Deno.test("cpuSeconds() knows nothing of a process that is not there", () => {
  // No process: the number is beyond the greatest that Linux gives (proc_sys_kernel(5)).
  assertEquals(cpuSeconds(2 ** 22 + 1), undefined);
});
