/**
 * Notes in the audit log what a command on the server's machine has changed.
 *
 * @module
 */
import type { PeopleStore } from "../people/store.ts";

/**
 * Notes an act. Whoever may run a command on the data directory is the server itself: no admin is named.
 *
 * @param act the verb
 * @param target whom or what it was done to
 * @param detail may be empty
 */
export async function audit(
  people: PeopleStore,
  { act, target, detail = "" }: { act: string; target: string; detail?: string },
): Promise<void> {
  await people.addAudit({ time: Date.now(), by: "", name: "", ip: "", act, target, detail });
}
