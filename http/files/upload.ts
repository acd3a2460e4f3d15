/**
 * `POST /files`: streams an upload to the file store.
 *
 * @module
 */
import type { Handler, HonoRequest } from "hono";
import { explainRefusal, tooLarge } from "../../hub/file_refusals.ts";
import { Gate } from "../../limits/gate.ts";
import { networkOf } from "../../network/network.ts";
import type { Principal } from "../../people/principal.ts";
import { checkFileName, type UserId } from "../../protocol.ts";
import type { FileStore } from "../../files/file_store.ts";
import { countedNetwork } from "../../files/uploader.ts";
import type { Register } from "../../people/accounts.ts";
import type { AppEnv } from "../base_app.ts";
import { type BodyTimeouts, readChunks, refuseEncoded } from "../body.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import { readFileName } from "./disposition.ts";

/** Maximum number of concurrent uploads. Each holds a buffer and two file descriptors. */
const MAX_UPLOADS = 64;

/** Maximum number of concurrent uploads of one user. */
const MAX_UPLOADS_EACH = 4;

/** Maximum number of concurrent uploads from one address, which must not take the places of all others. */
const MAX_UPLOADS_PER_ADDRESS = 16;

/** A phone on a train is slow, but not as slow as this. */
const TIMEOUTS: BodyTimeouts = { idle: 20_000, grace: 30_000, rate: 1024 };

/** Decides who may upload. */
export interface UploadAccess {
  /**
   * The user to whom an upload belongs.
   *
   * @param ip the address that it comes from; may be empty
   * @throws {Problem} 401 without a user; 403 if the request comes from a page of another site, or the user
   *   may not upload
   * @throws {Refused} `muted`
   */
  uploader(principal: Principal, request: Request, ip: string): UserId;
}

/** What uploads need. */
export interface UploadOptions {
  readonly files: FileStore;
  readonly access: UploadAccess;
  /** Maximum size of a file, in bytes; 0 disables uploads. */
  readonly maxFile: number;
  /** Who may become a member; default: not everybody. */
  readonly register?: Register;
  readonly timeouts?: BodyTimeouts;
  /**
   * Counts bytes that have come from an address.
   *
   * @returns milliseconds to wait before more are read; absent: no limit
   */
  takeBytes?(ip: string, count: number): number;
}

/** Makes the handler of `POST /files`. */
export function uploadHandler(options: UploadOptions): Handler<AppEnv> {
  const { files, access, maxFile, register, timeouts = TIMEOUTS, takeBytes } = options;
  const byUser = new Gate({ max: MAX_UPLOADS, maxEach: MAX_UPLOADS_EACH });
  const byAddress = new Gate({ max: Infinity, maxEach: MAX_UPLOADS_PER_ADDRESS });
  return async ({ req, env }) => {
    const request = req.raw;
    if (maxFile === 0) {
      throw Problem.of("forbidden", "Cannot store file: uploads are switched off");
    }
    const { ip } = env;
    const user = access.uploader(env.principal, request, ip);
    const name = nameOf(req);
    refuseForm(request);
    refuseEncoded(request);
    if (Number(request.headers.get("content-length") ?? 0) > maxFile) {
      throw Problem.from(tooLarge(maxFile));
    }
    using _ofUser = placeIn(byUser, user, `${MAX_UPLOADS_EACH} uploads of a user`);
    using _ofAddress = placeIn(
      byAddress,
      networkOf(ip),
      `${MAX_UPLOADS_PER_ADDRESS} uploads from one address`,
    );
    const pace = (bytes: number) => takeBytes?.(ip, bytes) ?? 0;
    const network = countedNetwork(ip, env.principal.user?.role ?? "guest", register);
    const stored = await files.put(readChunks(request, timeouts, { pace }), {
      name,
      user,
      network,
    });
    if ("refused" in stored) {
      const refusal = explainRefusal(stored, maxFile);
      const { code, message } = refusal;
      throw stored.refused === "full"
        ? new Problem(507, message, { code, reason: "storage" })
        : refusal;
    }
    return jsonResponse(201, stored, { location: stored.url });
  };
}

function nameOf(req: HonoRequest): string {
  const disposition = req.header("content-disposition");
  const name = req.query("name") ?? (disposition && readFileName(disposition));
  if (name === undefined) {
    const allowed = "?name=NAME or Content-Disposition: attachment; filename=NAME";
    throw Problem.of("bad_message", `Cannot store file: its name must be in ${allowed}`);
  }
  const checked = checkFileName(name);
  if ("name" in checked) return checked.name;
  throw Problem.of("bad_message", `Cannot store file: its ${checked.problem}`);
}

/** A form would be stored as it is sent, with its multipart boundaries. */
function refuseForm({ headers }: Request): void {
  if (!/^multipart\//i.test(headers.get("content-type") ?? "")) return;
  const allowed = "the body must be the file itself, as curl --data-binary @FILE sends it";
  throw new Problem(415, `Cannot store file: ${allowed}`);
}

/** The place of an upload among those in progress, if there is one. */
function placeIn(gate: Gate, key: string, allowedEach: string): Disposable {
  const place = gate.enter(key);
  if (place === "key_full") {
    throw Problem.of("rate_limited", `Cannot store file: at most ${allowedEach} at a time`);
  }
  if (place === "full") {
    throw Problem.of(
      "unavailable",
      `Cannot store file: at most ${MAX_UPLOADS} uploads at a time`,
    );
  }
  return place;
}
