/**
 * Where a comparison was made, without which its figures mean little.
 *
 * @module
 */
import { cpus, loadavg, release, type } from "node:os";
import { pins } from "../run/processes.ts";

/** A machine. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly system: string;
  readonly deno: string;
  /** Whether the server and the load generator had a processor each to themselves. */
  readonly pinned: boolean;
  /** Programs that wanted to run during the last minute, on average; 0 where that is not known. */
  readonly load: number;
}

/** This machine. */
export async function describeMachine(): Promise<Machine> {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? "unknown",
    processors: all.length,
    system: `${type()} ${release()}`,
    deno: Deno.version.deno,
    pinned: await pins(),
    load: loadavg()[0] ?? 0,
  };
}

/** A machine in one line. */
export function formatMachine({ processor, processors, system, deno, pinned }: Machine): string {
  const how = pinned ? "one for the server, one for the load" : "shared by server and load";
  return `${processors} × ${processor} (${how}), ${system}, Deno ${deno}`;
}
