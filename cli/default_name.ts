/**
 * The name of a client that is started without `--name`.
 *
 * @module
 */
import { checkName } from "../protocol.ts";

/** The variables that hold the user's name: POSIX, older Unixes, Windows. */
const VARIABLES = ["LOGNAME", "USER", "USERNAME"];

/** The user's name on this machine, or a random guest name. */
export function defaultName(
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
  random: () => number = Math.random,
): string {
  for (const name of VARIABLES) {
    const checked = checkName(variable(name) ?? "");
    if ("name" in checked) return checked.name;
  }
  return `guest-${Math.floor(1000 + random() * 9000)}`;
}

/** The next name to try if one is taken: `ann`, `ann-2`, `ann-3`, … */
export function nextName(name: string): string {
  const [, base = name, number = "1"] = /^(.*)-(\d{1,3})$/.exec(name) ?? [];
  const suffix = `-${Number(number) + 1}`;
  return [...base].slice(0, 32 - suffix.length).join("") + suffix;
}
