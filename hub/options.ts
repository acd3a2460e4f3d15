/**
 * What the hub is given at its start. Types only.
 *
 * @module
 */
import type { Broker } from "../broker/broker.ts";
import type { ConnectionLimits } from "../client.ts";
import type { RetryLoop } from "../client/outgoing.ts";
import type { FileStore } from "../files/file_store.ts";
import type { Allowances } from "../limits/allowances.ts";
import type { Refusals } from "../log/refusals.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Register } from "../people/accounts.ts";
import type { Policy } from "../people/policy.ts";
import type { Sanctions } from "../people/sanctions.ts";
import type { Visits } from "../people/visits.ts";
import type { SearchLimits } from "./reads.ts";
import type { RoomMakersOptions } from "./room_makers.ts";

/** Limits of the hub, and what is handed in. Milliseconds, bytes, counts; a duration of 0 is off. */
export interface HubOptions extends ConnectionLimits, RoomMakersOptions {
  /** What connections may send, shared with the HTTP side; default: as `rate` and `burst` say, and no more. */
  readonly allowances?: Allowances;
  readonly maxRooms: number;
  readonly maxFile: number;
  /** Who may become a member; default: not everybody. */
  readonly register?: Register;
  readonly loginTimeout: number;
  readonly idleKick: number;
  readonly visits: Visits;
  /** Absent: no files. */
  readonly files?: FileStore;
  /** Default: that of a server which anybody may enter. */
  readonly policy?: Policy;
  /** Default: that of a single server. */
  readonly broker?: Broker;
  /** Limits searches, shared with the HTTP side; default: like other reads only. */
  readonly searches?: SearchLimits;
  /** Default: none. */
  readonly metrics?: Metrics;
  /** Who is banned or muted, and which rooms are closed; default: nobody, none. */
  readonly sanctions?: Sanctions;
  /** Is told of clients that are cut, and of credentials that are wrong; default: nobody. */
  readonly refusals?: Refusals;
  /** Default: its own. */
  readonly retryLoop?: RetryLoop;
  /** Milliseconds since 1970: the time of what is said. */
  readonly now?: () => number;
  /** Milliseconds that nobody can set, for durations. */
  readonly steady?: () => number;
  /** Makes a secret that nobody can guess. */
  readonly newSession?: () => string;
}
