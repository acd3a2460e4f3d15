/**
 * What people are told of names.
 *
 * @module
 */
import { checkName, Refused } from "../protocol.ts";
import { quote } from "../text/wording.ts";

/** The refusal of a name that somebody has, or one that looks like it. It does not say who: anybody may ask. */
export function nameTaken(verb: string, name: string): Refused {
  const remedy = "sign in if it is yours, or choose another name";
  return new Refused(
    "name_taken",
    `Cannot ${verb}: ${quote(name)} is taken, or looks like a name that is; ${remedy}`,
  );
}

/**
 * Checks a name.
 *
 * @returns the name in NFC
 * @throws {Refused} `bad_name`
 */
export function readName(verb: string, name: string | undefined): string {
  if (name === undefined) throw new Refused("bad_name", `Cannot ${verb}: a name is needed`);
  const checked = checkName(name);
  if ("name" in checked) return checked.name;
  throw new Refused("bad_name", `Cannot ${verb}: ${checked.problem}`);
}
