/**
 * What serving a request works with. Types only.
 *
 * @module
 */
import type { Policy } from "../people/policy.ts";
import type { Batch } from "./batch.ts";
import type { FileService } from "./file_service.ts";
import type { Reads } from "./reads.ts";
import type { Participant, Registry } from "./registry.ts";

/** What requests work on. */
export interface RequestContext {
  readonly registry: Registry;
  readonly policy: Policy;
  readonly reads: Reads;
  /** Absent: there are no files. */
  readonly files?: FileService | undefined;
  /** Maximum rooms that one connection may be in. */
  readonly maxRooms: number;
  /** Removes a connection and closes it. */
  disconnect(participant: Participant, code: number, reason: string): void;
  /** Must be called when somebody has logged in, or out with the connection open. */
  loginChanged(participant: Participant): void;
}

/** Who makes a request, and the batch that it becomes part of. */
export interface Call {
  readonly from: Participant;
  readonly batch: Batch;
}
