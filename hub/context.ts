/**
 * What serving a request works with. Types only.
 *
 * @module
 */
import type { Connection } from "../client.ts";
import type { KeyedBuckets } from "../limits/keyed_buckets.ts";
import type { Policy } from "../people/policy.ts";
import type { Sanctions } from "../people/sanctions.ts";
import type { Visits } from "../people/visits.ts";
import type { CloseCode, Refused, UserId, UserMessage } from "../protocol.ts";
import type { Batch } from "./batch.ts";
import type { Memberships } from "./memberships.ts";
import type { Participant } from "./participant.ts";
import type { Reads, SearchLimits } from "./reads.ts";
import type { Registry } from "./registry.ts";
import type { Room } from "./room.ts";
import type { RoomMakers } from "./room_makers.ts";

/** What requests work on. */
export interface RequestContext {
  readonly registry: Registry;
  readonly memberships: Memberships;
  readonly makers: RoomMakers;
  /** How often each user may rename itself. */
  readonly renames: KeyedBuckets;
  readonly policy: Policy;
  readonly sanctions: Sanctions;
  readonly visits: Visits;
  readonly reads: Reads;
  /** Absent: searches are limited like other reads only. */
  readonly searches?: SearchLimits | undefined;
  /** Absent: there are no files. */
  readonly files?: FileAnnouncer | undefined;
  /** Maximum rooms that one connection may be in. */
  readonly maxRooms: number;
  /** Must be called when somebody has logged in, or out with the connection open. */
  loginChanged(participant: Participant): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Tells the operator why something was refused, if that is of interest. */
  refused(connection: Connection, error: Refused): void;
  /** Ends a connection. */
  disconnect(connection: Connection, code: CloseCode, reason: string): void;
  readonly userChanges: {
    /** Number of changes to users so far. */
    readonly count: number;
    /** Looks a user up, and applies what it is now. */
    lookAgain(user: UserId): void;
  };
}

/** Knows which messages refer to which file. */
export interface FileAnnouncer {
  /** Announces an upload in a room, as a message. */
  announce(
    fileId: string,
    announcement: RoomCall & {
      /** Records the message in the room. */
      readonly record: (event: UserMessage) => void;
      readonly id?: string | undefined;
    },
  ): void;
  /** Notes that a message was deleted, which may have referred to a file. */
  withdraw(room: string, seq: number): void;
}

/** Who makes a request, and the batch that it becomes part of. */
export interface Call {
  readonly from: Participant;
  readonly batch: Batch;
}

/** A request about a room. */
export interface RoomCall extends Call {
  readonly room: Room;
}

/**
 * The rest of a request for which something had to be looked up outside the loop first. Serves it, on the
 * loop, in a later batch than that in which the request arrived.
 */
export interface Continuation {
  /** @throws {Refused} */
  serve(call: Call, context: RequestContext): void;
  /** The connection is gone: gives back what was taken while looking things up. */
  abandon?(context: RequestContext): void;
}
