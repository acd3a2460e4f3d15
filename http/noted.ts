/**
 * Tells the operator which requests were refused, and why.
 *
 * @module
 */
import { reasonOf as reasonOfRefused } from "../hub/refused.ts";
import type { Refusal, RefusalReason, Refusals } from "../log/refusals.ts";
import { Refused } from "../protocol.ts";
import type { Problem } from "./problem.ts";

/** What a status means for the operator, unless the problem says more. Other problems are no refusals. */
const BY_STATUS: ReadonlyMap<number, RefusalReason> = new Map([
  [401, "unauthorized"],
  [403, "forbidden"],
  [408, "timeout"],
  [413, "too_large"],
  [429, "rate"],
  [503, "unavailable"],
  [507, "storage"],
]);

/**
 * Notes a problem if it is a refusal.
 *
 * @param error what was thrown, of which the problem was made
 */
export function noteProblem(
  refusals: Refusals,
  problem: Problem,
  from: Omit<Refusal, "reason">,
  error: unknown = problem,
): void {
  const reason = reasonOf(problem, error);
  if (reason !== undefined) refusals.note({ ...from, reason });
}

function reasonOf({ reason, code, status }: Problem, error: unknown): RefusalReason | undefined {
  if (reason !== undefined) return reason;
  const ofHub = error instanceof Refused ? reasonOfRefused(error) : undefined;
  if (ofHub !== undefined) return ofHub;
  if (code === "wrong_password" || code === "muted") return code;
  return BY_STATUS.get(status);
}

/**
 * What was asked for, for the log: the method and the beginning of the path. The rest may name a room or be
 * a secret.
 */
export function describeRequest(method: string, pathname: string): string {
  return `${method} ${/^\/(?:(?:api\/)?[\w.-]{0,32})/.exec(pathname)?.[0] ?? "?"}`;
}
