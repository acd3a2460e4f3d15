/**
 * Who uploads a file, as far as it matters for how much they may store. Types only.
 *
 * @module
 */
import type { UserId } from "../protocol.ts";

/** Who uploads. */
export interface Uploader {
  /** Who may announce the file; never empty. */
  readonly user: UserId;
  /** The network that a guest uploads from (`networkOf`), by which guests are counted; absent: no guest. */
  readonly network?: string | undefined;
}
