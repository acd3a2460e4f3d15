/**
 * What the hub does with files: announces them in rooms, stores those that come in one binary frame, and
 * tells the file store which messages refer to which file.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import { TokenBucket } from "../limits/token_bucket.ts";
import {
  decodeFileFrame,
  type ErrorMessage,
  type FileFrame,
  type FileInfo,
  MAX_FILE_FRAME_OVERHEAD,
  refuse,
  Refused,
  type UserId,
  type UserMessage,
} from "../protocol.ts";
import type { FileStore } from "../files/file_store.ts";
import { countedNetwork, type Uploader } from "../files/uploader.ts";
import type { Register } from "../people/accounts.ts";
import type { Batch, Requester } from "./batch.ts";
import { busy, type HubCommands } from "./commands.ts";
import { toChange } from "../store/messages.ts";
import { refuseMuted } from "./enforcement.ts";
import { explainRefusal, tooLarge } from "./file_refusals.ts";
import { errorOf } from "./refused.ts";
import { checkVisible } from "./rooms.ts";

const logger = getLogger(["hubbub", "files"]);

/** Maximum bytes in memory as binary frames, all connections together, as a multiple of the largest file. */
const FRAMES_AT_ONCE = 8;

/** What one connection may send in binary frames at once, and each second in the long run, in largest files. */
const FRAME_BURST = 2;
const FRAME_RATE = 0.1;

/**
 * Maximum messages that refer to one file. It bounds the rooms that the loop must look at to decide whether
 * somebody may fetch the file.
 */
const MAX_ANNOUNCEMENTS = 1000;

/** Tells the operator why something was refused, if that is of interest. */
type Refuse = (connection: FileConnection, error: Refused) => void;

/** What files need of the rest of the hub. */
export interface FileServiceOptions {
  readonly maxFile: number;
  /** Who may become a member; default: not everybody. */
  readonly register?: Register | undefined;
  readonly hub: HubCommands;
  readonly refused: Refuse;
}

/** Announces files and stores those that come in binary frames. */
export class FileService {
  readonly #files: FileStore;
  readonly #maxFile: number;
  readonly #register: Register | undefined;
  readonly #hub: HubCommands;
  readonly #refused: Refuse;
  /** Limits the bytes that each connection sends in binary frames. */
  readonly #rates = new WeakMap<FileConnection, TokenBucket>();
  /** Bytes of binary frames that are being stored. */
  #frameBytes = 0;

  /** @param options.maxFile maximum bytes of one file; 0: no uploads */
  constructor(files: FileStore, { maxFile, register, hub, refused }: FileServiceOptions) {
    this.#files = files;
    this.#maxFile = maxFile;
    this.#register = register;
    this.#hub = hub;
    this.#refused = refused;
  }

  /**
   * Announces a file in a room, as a message that the store commits.
   *
   * @param fileId an upload of the same user, from whichever connection
   * @throws {Refused} `bad_message` if there is no such upload; `not_yours` if it is somebody else's;
   *   `too_many` if too many messages refer to it
   */
  announce(fileId: string, { from, room, batch, record, id }: Announcement): void {
    const file = this.#files.hold(fileId);
    if (file === undefined) {
      const reason = "there is no such upload; it may be too old, upload it again";
      throw new Refused("bad_message", `Cannot announce file: ${reason}`);
    }
    const refusal = this.#refusalOf(fileId, from.user.id);
    if (refusal !== undefined) {
      this.#files.release(fileId);
      throw refusal;
    }
    const event: UserMessage = {
      type: "file",
      room: room.name,
      from: from.user.name,
      by: from.user.id,
      content: file.name,
      seq: 0,
      time: batch.now,
      file,
    };
    if (id !== undefined) event.id = id;
    record(event);
    batch.add(toChange(event), event, from);
    batch.afterCommit(() => this.#settle(file, event));
  }

  /** Why a user may not announce a file; `undefined` if it may. */
  #refusalOf(fileId: string, user: UserId): Refused | undefined {
    if (!this.#files.isFrom(fileId, user)) {
      return new Refused("not_yours", "Cannot announce file: somebody else uploaded it");
    }
    if (this.#files.announcements(fileId) < MAX_ANNOUNCEMENTS) return undefined;
    const reason = `${MAX_ANNOUNCEMENTS} messages refer to it already; upload it again`;
    return new Refused("too_many", `Cannot announce file: ${reason}`);
  }

  /** Notes that a message was deleted, which may have referred to a file. */
  withdraw(room: string, seq: number): void {
    try {
      this.#files.withdrawn(room, seq);
    } catch (error) {
      logger.error("Could not let go of the file of a deleted message: {error}", { error });
    }
  }

  /**
   * Stores the file in a binary frame, and announces it in the room that the connection entered last. Does
   * not wait for the file to be stored: what goes wrong then is answered on the connection.
   *
   * @returns why it is refused
   */
  receive(connection: FileConnection, frame: Uint8Array, now: number): ErrorMessage | undefined {
    try {
      this.#receive(connection, frame, now);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused(connection, error);
      return errorOf(error);
    }
  }

  #receive(connection: FileConnection, data: Uint8Array, now: number): void {
    const maxFile = this.#maxFile;
    const { user, role, rooms } = connection.membership;
    if (maxFile === 0) {
      throw new Refused("forbidden", "Cannot store file: uploads are switched off");
    }
    if (user === "") throw new Refused("not_logged_in", "Cannot store file: log in first");
    if (data.length > maxFile + MAX_FILE_FRAME_OVERHEAD) throw tooLarge(maxFile);
    const frame = decodeFileFrame(data);
    if ("problem" in frame) {
      throw new Refused("bad_message", `Cannot read binary frame: ${frame.problem}`);
    }
    const { length } = frame.bytes;
    if (length > maxFile) throw tooLarge(maxFile);
    const room = rooms.at(-1);
    if (room === undefined) {
      throw new Refused("not_in_room", "Cannot store file: you are in no room; join one");
    }
    if (this.#frameBytes + length > FRAMES_AT_ONCE * maxFile) throw busy(false);
    const wait = this.#rateOf(connection, now).take(now, length);
    if (wait > 0) {
      const reason = `too many bytes of files at once; try again in ${Math.ceil(wait / 1000)} s`;
      throw new Refused("rate_limited", `Cannot store file: ${reason}`, wait);
    }
    this.#frameBytes += length;
    const network = countedNetwork(connection.ip, role, this.#register);
    this.#store(connection, { user, network }, frame, room)
      .catch((error: unknown) => this.#answerRefusal(connection, error))
      .finally(() => this.#frameBytes -= length);
  }

  #rateOf(connection: FileConnection, now: number): TokenBucket {
    let rate = this.#rates.get(connection);
    if (rate === undefined) {
      rate = new TokenBucket(FRAME_RATE * this.#maxFile, FRAME_BURST * this.#maxFile, now);
      this.#rates.set(connection, rate);
    }
    return rate;
  }

  async #store(
    connection: FileConnection,
    uploader: Uploader,
    { name, bytes }: FileFrame,
    roomName: string,
  ): Promise<void> {
    const stored = await this.#files.put(once(bytes), { name, ...uploader });
    if ("refused" in stored) throw explainRefusal(stored, this.#maxFile);
    this.#hub.command({
      run: (batch, context) => {
        const from = context.registry.find(connection);
        const room = from?.room(roomName);
        if (from === undefined || room === undefined) {
          throw new Refused("not_in_room", `Cannot announce file: you have left ${roomName}`);
        }
        // The rest may have come while the file was stored.
        refuseMuted(from.user, from.connection.ip, "announce file", context);
        checkVisible(from.principal, roomName, "announce file", context);
        const record = (event: UserMessage) => context.registry.touch(room).record(event);
        this.announce(stored.id, { from, room, batch, record });
      },
      refused: (error) => this.#answerRefusal(connection, error),
    });
  }

  #answerRefusal(connection: FileConnection, error: unknown): void {
    if (error instanceof Refused) {
      this.#refused(connection, error);
      return connection.answer([errorOf(error)]);
    }
    logger.error("A file of connection {number} was not stored: {error}", {
      number: connection.number,
      error,
    });
    const reason = "Cannot store file: an internal error, which was logged";
    connection.answer([refuse("internal", reason)]);
  }

  /** The store has committed the message, or has not: then it has no `seq`. */
  #settle(file: FileInfo, event: UserMessage): void {
    try {
      if (event.seq > 0) this.#files.announced(file.id, event.room, event.seq);
    } catch (error) {
      // The message itself says so: the next start reads it from there.
      logger.error("Could not note that a message refers to a file: {error}", { error });
      return;
    }
    this.#files.release(file.id);
  }
}

/** A connection that may send files. */
export type FileConnection = Pick<Connection, "number" | "answer" | "ip" | "membership">;

/** Somebody who is logged in, and gets the answer. */
export interface FileAuthor extends Requester {
  readonly user: { readonly id: UserId; readonly name: string };
}

/** Who announces a file, and where. */
export interface Announcement {
  readonly from: FileAuthor;
  readonly batch: Batch;
  /** A direct conversation has its internal name. */
  readonly room: { readonly name: string };
  /** Records the message in the room. */
  readonly record: (event: UserMessage) => void;
  /** The client's own id for it. */
  readonly id?: string | undefined;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
