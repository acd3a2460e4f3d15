/**
 * How far something has followed what is written to `hubbub.db`. Types only.
 *
 * @module
 */

/** A place in the order of all messages, and one in the order of changes to earlier ones. */
export interface Position {
  /** Number of the next message. */
  next: number;
  /** The last change to an earlier message; 0 for none. */
  change: number;
}
