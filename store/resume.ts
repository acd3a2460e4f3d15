/**
 * When the copy of a room that somebody comes back with can be completed: the rule that all backends share.
 *
 * @module
 */
import type { Position } from "./store.ts";

/** How far a room has got. */
export interface Progress {
  /** Greatest `seq` assigned. */
  last: number;
  /** Number of the last change. */
  change: number;
}

/** A room, as far as the rule needs it. */
export interface RoomBounds extends Progress {
  /** Smallest `seq` that retention has not removed. */
  first: number;
  /** Number of the last change that was a removal by retention; 0 if there was none. */
  trimmed: number;
}

/**
 * Whether a copy that was complete at a position is a part of what the room is now, so that what has happened
 * since completes it. The epoch and the `time` of the last message have to be compared besides.
 *
 * @param reached how far the room has certainly got in the run that the position is of
 * @param limit maximum number of messages missed
 */
export function canComplete(
  { since, changes }: Position,
  room: RoomBounds,
  reached: Progress,
  limit: number,
): boolean {
  return since <= reached.last && changes <= reached.change && // of data that are still there
    changes >= room.trimmed && since >= room.first - 1 && // nothing was removed since
    room.last - since <= limit;
}
