/**
 * Tells the operator of clients that the hub cuts, and of credentials that it does not accept.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import type { RefusalReason, Refusals } from "../log/refusals.ts";
import { CloseCode, type Refused } from "../protocol.ts";

const logger = getLogger(["hubbub", "people"]);

/** A connection, as far as it concerns the operator. */
type Ended = Pick<Connection, "number" | "ip" | "membership">;

/** The codes with which a client is cut that does not behave. */
const REASONS: ReadonlyMap<number, RefusalReason> = new Map<number, RefusalReason>([
  [CloseCode.Policy, "abuse"],
  [CloseCode.TooBig, "too_large"],
  [CloseCode.TooSlow, "too_slow"],
  [CloseCode.LoginTimeout, "timeout"],
]);

/** Notes why the hub has closed a connection, if that is of interest. */
export function noteEnd(
  refusals: Refusals | undefined,
  connection: Ended,
  code: number,
): void {
  const { ip, number, membership: { user } } = connection;
  const reason = REASONS.get(code);
  if (reason !== undefined) {
    refusals?.note({ reason, ip, user, detail: `connection ${number} was closed with ${code}` });
  } else if (code === CloseCode.SessionEnded) {
    logger.info("Connection {number} was closed: the session of {user} has ended", {
      number,
      user,
      ip,
    });
  }
}

/** Notes that somebody may not log in, or that nobody could tell who it is. */
export function noteRefused(
  refusals: Refusals | undefined,
  { ip, number, membership: { user } }: Ended,
  { code }: Pick<Refused, "code">,
): void {
  if (code !== "unauthorized") return;
  refusals?.note({ reason: code, ip, user, detail: `connection ${number} could not log in` });
}
