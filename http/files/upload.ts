/**
 * `POST /files`: streams an upload to the file store.
 *
 * @module
 */
import { explainRefusal, tooLarge } from "../../hub/file_service.ts";
import { checkFileName } from "../../protocol.ts";
import type { FileStore } from "../../files/store.ts";
import type { Access } from "../access.ts";
import { type Pace, readChunks, refuseEncoded } from "../body.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import type { Handler, Place } from "../router.ts";
import { readFileName } from "./disposition.ts";

/** Uploads under way at a time, in all and of one connection. Each holds a buffer and two descriptors. */
const MAX_UPLOADS = 64;
const MAX_UPLOADS_EACH = 4;

/** A phone in a train is slow, but not as slow as this. */
const PACE: Pace = { idle: 20_000, grace: 30_000, rate: 1024 };

/** What uploads need. */
export interface UploadOptions {
  readonly files: FileStore;
  readonly access: Access;
  /** Most bytes of one file; 0: no uploads. */
  readonly maxFile: number;
  /** How fast an upload has to come. */
  readonly pace?: Pace;
}

/** Makes the handler. */
export function uploadHandler(options: UploadOptions): Handler {
  const { files, access, maxFile, pace = PACE } = options;
  const gate = new Gate();
  return async (request, place) => {
    if (maxFile === 0) {
      throw Problem.of("forbidden", "Cannot keep file: uploads are switched off");
    }
    const session = access.uploader(place.principal);
    const name = nameOf(request, place);
    refuseForm(request);
    refuseEncoded(request);
    if (Number(request.headers.get("content-length") ?? 0) > maxFile) {
      throw Problem.from(tooLarge(maxFile));
    }
    using _place = gate.enter(session);
    const kept = await files.put(readChunks(request, pace), { name, session });
    if ("refused" in kept) {
      const { code, message } = explainRefusal(kept, maxFile);
      throw kept.refused === "full"
        ? new Problem(507, message, { code })
        : Problem.of(code, message);
    }
    return jsonResponse(201, kept, { location: kept.url });
  };
}

function nameOf({ headers }: Request, { url }: Place): string {
  const disposition = headers.get("content-disposition");
  const name = url.searchParams.get("name") ?? (disposition && readFileName(disposition));
  if (name === null || name === undefined) {
    const allowed = "?name=NAME or Content-Disposition: attachment; filename=NAME";
    throw Problem.of("bad_message", `Cannot keep file: its name must be in ${allowed}`);
  }
  const checked = checkFileName(name);
  if ("name" in checked) return checked.name;
  throw Problem.of("bad_message", `Cannot keep file: its ${checked.problem}`);
}

/** A form would be kept as it comes, with its boundaries, which nobody wants. */
function refuseForm({ headers }: Request): void {
  if (!/^multipart\//i.test(headers.get("content-type") ?? "")) return;
  const allowed = "the body must be the file itself, as curl --data-binary @FILE sends it";
  throw new Problem(415, `Cannot keep file: ${allowed}`);
}

/** Counts the uploads that are under way. */
class Gate {
  readonly #each = new Map<string, number>();
  #count = 0;

  /** Lets one more in; it is over at the end of the result's scope. */
  enter(session: string): Disposable {
    const there = this.#each.get(session) ?? 0;
    if (there >= MAX_UPLOADS_EACH) {
      const allowed = `at most ${MAX_UPLOADS_EACH} uploads of a connection at a time`;
      throw Problem.of("rate_limited", `Cannot keep file: ${allowed}`);
    }
    if (this.#count >= MAX_UPLOADS) {
      throw Problem.of("unavailable", `Cannot keep file: at most ${MAX_UPLOADS} uploads at a time`);
    }
    this.#count++;
    this.#each.set(session, there + 1);
    return { [Symbol.dispose]: () => this.#leave(session) };
  }

  #leave(session: string): void {
    this.#count--;
    const left = (this.#each.get(session) ?? 0) - 1;
    if (left > 0) this.#each.set(session, left);
    else this.#each.delete(session);
  }
}
