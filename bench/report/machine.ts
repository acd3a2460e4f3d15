/**
 * Describes the machine of a comparison.
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
  /** Whether the server and the load generator were pinned to a processor each. */
  readonly pinned: boolean;
  /** Load average of the last minute; 0 if unknown. */
  readonly load: number;
}

/** Describes this machine. */
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

/** Formats a machine in one line. */
export function formatMachine({ processor, processors, system, deno, pinned }: Machine): string {
  const how = pinned ? "one for the server, one for the load" : "shared by server and load";
  return `${processors} × ${processor} (${how}), ${system}, Deno ${deno}`;
}
