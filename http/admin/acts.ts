/**
 * What admins do, in the audit log and in the server's. No act is answered that the audit log does not have,
 * and none that failed looks done there:
 *
 * - A sanction is committed together with its entry.
 * - Everything else happens in the hub, which knows no such entries: the entry is committed first. If the act
 *   fails then, a second entry says so. After a crash in between, what the entry says may not have happened.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { NewAuditEntry } from "../../people/store.ts";
import { Refused, type User } from "../../protocol.ts";
import type { Admin, AdminServices } from "./services.ts";

const logger = getLogger(["hubbub", "admin"]);

/** Something that an admin does. */
export interface Act {
  readonly act:
    | "announce"
    | "ban"
    | "close"
    | "delete"
    | "drain"
    | "end drain"
    | "kick"
    | "lift"
    | "mute";
  /** Whom or what it is done to; empty: everybody. */
  readonly target: string;
  /** The same without a name, for the server's log; absent: the target has none. */
  readonly logged?: string;
  /** May be empty. */
  readonly detail: string;
}

/** Names a user for the audit log, and for the server's. */
export function targetOf(
  { id, name }: Pick<User, "id" | "name">,
): { target: string; logged: string } {
  return { target: `${name} (@${id})`, logged: `@${id}` };
}

/** The entry for an act. */
export function entryOf(
  { act, target, detail }: Act,
  { user, ip }: Admin,
  now: number,
): NewAuditEntry {
  return { time: now, by: user.id, name: user.name, ip, act, target, detail };
}

/** Logs an act that is done. */
export function logAct({ act, target, logged = target }: Act, { user, ip }: Admin): void {
  logger.info("Admin {by}: {act} {target}", { by: user.id, act, target: logged, ip });
}

/** Does something in the hub, after its entry is committed. */
export async function carryOut<T>(
  act: Act,
  admin: Admin,
  { people, now }: Pick<AdminServices, "people" | "now">,
  run: () => Promise<T>,
): Promise<T> {
  const entry = entryOf(act, admin, now());
  const number = await people.addAudit(entry);
  try {
    const result = await run();
    logAct(act, admin);
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logFailure(act, admin, error);
    await addFailure(
      { ...entry, time: now(), detail: `failed, see ${number}: ${reason}` },
      people,
    );
    throw error;
  }
}

/** Logs the code only: the text may name a room or somebody. */
function logFailure({ act }: Act, { user, ip }: Admin, error: unknown): void {
  const code = error instanceof Refused ? error.code : "internal";
  logger.warn("Admin {by}: {act} failed: {code}", { by: user.id, act, code, ip });
}

async function addFailure(
  entry: NewAuditEntry,
  people: AdminServices["people"],
): Promise<void> {
  try {
    await people.addAudit(entry);
  } catch (error) {
    logger.error("Cannot write to the audit log: {error}", { error });
  }
}
