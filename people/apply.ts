/**
 * What a change makes of a user, and what is kept: the rules that all backends share.
 *
 * @module
 */
import type { NewUser, UserChange, UserRecord } from "./store.ts";

/** Most entries that the audit log keeps: with the longest details some 100 MB, in practice a few. */
export const MAX_AUDIT = 100_000;

/** A user as it is added: only a guest can be one who is not remembered. */
export function newRecord({ id, name, role, remembered, created }: NewUser): UserRecord {
  return {
    id,
    name,
    role,
    remembered: remembered || role !== "guest",
    created,
    disabled: false,
    seen: created,
    visit: 0,
  };
}

/** The user after a change. */
export function changeRecord(
  user: UserRecord,
  { role = user.role, remembered = user.remembered, disabled = user.disabled }: UserChange,
): UserRecord {
  return { ...user, role, remembered: remembered || role !== "guest", disabled };
}

/** Whether two states of a user differ in what a change can change. */
export function differs(a: UserRecord, b: UserRecord): boolean {
  return a.role !== b.role || a.remembered !== b.remembered || a.disabled !== b.disabled;
}

/** Whether a user can administer the server. */
export function isEnabledAdmin({ role, disabled }: UserRecord): boolean {
  return role === "admin" && !disabled;
}
