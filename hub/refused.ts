/**
 * Tells the operator of clients that the hub cuts, and of credentials that it does not accept.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import type { RefusalReason, Refusals } from "../log/refusals.ts";
import { TooManySearches } from "../limits/search_limit.ts";
import { Sanctioned } from "../people/sanctioned.ts";
import { TooManySignIns } from "../people/sign_in_limit.ts";
import { CloseCode, type ErrorCode, type ErrorMessage, refuse, Refused } from "../protocol.ts";
import { TooManyRooms } from "./room_makers.ts";

const logger = getLogger(["hubbub", "people"]);

/** A file that was refused because there is no room for it. */
export class NoSpace extends Refused {
  constructor(code: "too_many" | "unavailable", problem: string, retryMs?: number) {
    super(code, `Cannot store file: ${problem}`, retryMs);
  }
}

/** A connection, as far as it concerns the operator. */
export type Refusing = Pick<Connection, "number" | "ip" | "membership">;

/** The codes with which a client is cut that does not behave. */
const REASONS: ReadonlyMap<number, RefusalReason> = new Map<number, RefusalReason>([
  [CloseCode.Policy, "abuse"],
  [CloseCode.TooBig, "too_large"],
  [CloseCode.TooSlow, "too_slow"],
  [CloseCode.LoginTimeout, "timeout"],
]);

/** What the codes of other refusals mean for the operator. */
const BY_CODE: ReadonlyMap<ErrorCode, RefusalReason> = new Map<ErrorCode, RefusalReason>([
  ["unauthorized", "unauthorized"],
  ["rate_limited", "rate"],
  ["too_large", "too_large"],
]);

/** Notes why the hub has closed a connection, if that is of interest. */
export function noteEnd(
  refusals: Refusals | undefined,
  connection: Refusing,
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
  { ip, number, membership: { user } }: Refusing,
  reason: RefusalReason | undefined,
): void {
  if (reason !== undefined) refusals?.note({ reason, ip, user, detail: `connection ${number}` });
}

/**
 * What the operator is told of a refusal by the hub; `undefined`: nothing. Of those for want of a right only
 * what an admin has imposed: clients ask for what their users may not do all the time.
 */
export function reasonOf(error: Refused): RefusalReason | undefined {
  if (error instanceof Sanctioned) return error.reason;
  if (error instanceof TooManyRooms) return "rooms";
  if (error instanceof TooManySearches) return "search_rate";
  if (error instanceof TooManySignIns) return "sign_in_rate";
  if (error instanceof NoSpace) return "storage";
  return BY_CODE.get(error.code);
}

/** The answer to a request that is refused. */
export function errorOf({ code, message, retryMs }: Refused, id?: string): ErrorMessage {
  const answer = refuse(code, message, id);
  return retryMs === undefined ? answer : { ...answer, retry_ms: retryMs };
}
