/**
 * Finds misspelt environment variables: they start with our prefix, but belong to no flag.
 *
 * They cause a warning, not an error: Kubernetes and Docker set variables that start with the name of
 * a service, and the service may well be called `hubbub`.
 *
 * @module
 */
import type { Commands } from "./command.ts";
import { VARIABLE_PREFIX, variableName } from "../config/flags.ts";
import type { Environment } from "./parse.ts";
import { didYouMean, quote } from "../text/wording.ts";

/** The variables that Kubernetes and Docker links set for a service called `hubbub` or `hubbub-…`. */
const SERVICE_LINK = /_(?:SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP).*)?)$/;

/** Returns one warning for each variable with our prefix that belongs to no flag of any command. */
export function warnOfUnknown(environment: Environment, commands: Commands): string[] {
  const known = new Set<string>();
  for (const { flags } of Object.values(commands)) {
    for (const [word, flag] of Object.entries(flags)) {
      const name = variableName(word, flag);
      if (name !== undefined) known.add(name.slice(VARIABLE_PREFIX.length));
    }
  }
  return Object.keys(environment)
    .filter((name) => name.startsWith(VARIABLE_PREFIX))
    .filter((name) => !known.has(name.slice(VARIABLE_PREFIX.length)) && !SERVICE_LINK.test(name))
    .sort()
    .map((name) => {
      const bare = name.slice(VARIABLE_PREFIX.length);
      const hint = didYouMean(bare, [...known], VARIABLE_PREFIX) ?? "see hubbub --help";
      return `Unknown environment variable ${quote(name)} has no effect: ${hint}`;
    });
}
