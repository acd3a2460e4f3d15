/**
 * A position in the sequence of writes to `hubbub.db`: how far the search index has read. Types only.
 *
 * @module
 */

/** A position among all messages, and one among the changes to earlier messages. */
export interface Position {
  /** Global id of the next message. */
  nextId: number;
  /** The last change to an earlier message; 0 for none. */
  change: number;
}
