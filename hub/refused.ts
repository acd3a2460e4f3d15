/**
 * Tells the operator of clients that the hub cuts, and of credentials that it does not accept.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import type { RefusalReason, Refusals } from "../log/refusals.ts";
import { Sanctioned } from "../people/sanctioned.ts";
import { CloseCode, type ErrorMessage, refuse, type Refused } from "../protocol.ts";
import { TooManyRooms } from "./room_makers.ts";

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

/** Notes that a request on a connection was refused, if that is of interest. */
export function noteRefused(
  refusals: Refusals | undefined,
  { ip, number, membership: { user } }: Ended,
  error: Refused,
): void {
  const reason = reasonOf(error);
  if (reason !== undefined) refusals?.note({ reason, ip, user, detail: `connection ${number}` });
}

/**
 * What the operator is told of a refusal by the hub; `undefined`: nothing. Of those for want of a right only
 * what an admin has imposed: clients ask for what their users may not do all the time.
 */
export function reasonOf(error: Refused): RefusalReason | undefined {
  if (error instanceof Sanctioned) return error.reason;
  if (error instanceof TooManyRooms) return "rooms";
  return error.code === "unauthorized" ? error.code : undefined;
}

/** The answer to a request that is refused. */
export function errorOf({ code, message, retryMs }: Refused, id?: string): ErrorMessage {
  const answer = refuse(code, message, id);
  return retryMs === undefined ? answer : { ...answer, retry_ms: retryMs };
}
