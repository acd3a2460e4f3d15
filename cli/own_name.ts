/**
 * The name to speak under when none is given.
 *
 * @module
 */
import { checkName } from "../protocol.ts";

/** Where systems keep the name of who is logged in: POSIX, older Unixes, Windows. */
const VARIABLES = ["LOGNAME", "USER", "USERNAME"];

/** The user's name on this machine, or one made up. */
export function ownName(
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
  random: () => number = Math.random,
): string {
  for (const name of VARIABLES) {
    const checked = checkName(variable(name) ?? "");
    if ("name" in checked) return checked.name;
  }
  return `guest-${Math.floor(1000 + random() * 9000)}`;
}

/** Another name for who finds theirs taken: `ann`, `ann-2`, `ann-3`, … */
export function nextName(name: string): string {
  const [, base = name, number = "1"] = /^(.*)-(\d{1,3})$/.exec(name) ?? [];
  const suffix = `-${Number(number) + 1}`;
  return [...base].slice(0, 32 - suffix.length).join("") + suffix;
}
