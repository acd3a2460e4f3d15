/**
 * Groups a command's flags by heading.
 *
 * @module
 */
import type { Flags } from "../config/flags.ts";

/** Flags that stand under one heading. */
export interface FlagGroup {
  /** Absent for flags that come before the first heading. */
  readonly heading: string | undefined;
  readonly flags: Flags;
}

/** The flags of a command in order; a flag with a heading begins a new group. */
export function groupFlags(flags: Flags): FlagGroup[] {
  const groups: { heading: string | undefined; flags: Record<string, Flags[string]> }[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    const current = groups.at(-1);
    if (current === undefined || flag.heading !== undefined) {
      groups.push({ heading: flag.heading, flags: { [name]: flag } });
    } else {
      current.flags[name] = flag;
    }
  }
  return groups;
}
