/**
 * What is answered to a file that is not stored.
 *
 * @module
 */
import type { FileRefusal } from "../files/file_store.ts";
import { Refused } from "../protocol.ts";
import { busy } from "./commands.ts";
import { NoSpace } from "./refused.ts";

/** Explains why an upload was not stored. */
export function explainRefusal({ refused }: FileRefusal, maxFile: number): Refused {
  switch (refused) {
    case "empty":
      return new Refused("bad_message", "Cannot store file: it must have at least one byte");
    case "too_large":
      return tooLarge(maxFile);
    case "closing":
      return busy(true);
    case "full":
      return new NoSpace("unavailable", "the server has no space left for files");
    case "user_full":
      return new NoSpace(
        "too_many",
        "your files have reached the limit of one user; delete some of them",
      );
    case "address_full":
      return new NoSpace(
        "too_many",
        "the files from your address have reached their limit; delete some",
      );
    case "unannounced_user":
      return new NoSpace(
        "too_many",
        "too many of your uploads are in no message; send them, or wait",
        60_000,
      );
    case "unannounced_all":
      return new NoSpace(
        "unavailable",
        "too many uploads are in no message; try again later",
        60_000,
      );
  }
}

/** The refusal of a file that is too large. */
export function tooLarge(maxFile: number): Refused {
  return new Refused("too_large", `Cannot store file: it must have at most ${maxFile} bytes`);
}
