/**
 * Opens the users of a data directory, beside the server that may be running on it.
 *
 * @module
 */
import { join } from "node:path";
import type { DataLocation } from "../config/config.ts";
import { StartError, UsageError } from "../config/errors.ts";
import { openPeople } from "../people/open.ts";
import type { PeopleStore } from "../people/store.ts";
import { quote } from "../text/wording.ts";

/** The database of users in a data directory. */
const PEOPLE_FILE = "people.db";

/**
 * Works with the users of a data directory, and closes them whatever happens. Creates nothing: the server
 * does, when it first runs.
 *
 * @throws {StartError} if there are no users that can be opened
 * @throws {UsageError} with `:memory:`
 */
export async function withPeople<T>(
  data: DataLocation,
  work: (people: PeopleStore) => Promise<T>,
): Promise<T> {
  if (data.kind === "memory") {
    throw new UsageError(
      "Cannot use --data :memory: here: those users are within the server's process; make " +
        "invitations and manage users in the chat",
    );
  }
  checkDirectory(data.path);
  const people = await openPeople({ data, sync: "full" });
  try {
    return await work(people);
  } finally {
    await people.close();
  }
}

function checkDirectory(path: string): void {
  const refuse = (problem: string) =>
    new StartError(`Cannot open the data directory ${quote(path)}: ${problem}`);
  if (!exists(path, refuse)) throw refuse("it does not exist; name the server's with --data");
  if (exists(join(path, PEOPLE_FILE), refuse)) return;
  throw refuse(
    `it holds no ${PEOPLE_FILE}; name the server's with --data, or start the server on it once`,
  );
}

function exists(path: string, refuse: (problem: string) => StartError): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse(reason.replace(/ \(os error \d+\).*$/s, ""));
  }
}
