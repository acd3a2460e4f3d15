/**
 * What the hub does with files: announces them in rooms, stores those that come in one binary frame, and
 * tells the file store which messages refer to which file.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import { TokenBucket } from "../client.ts";
import {
  decodeFileFrame,
  type ErrorMessage,
  type FileFrame,
  type FileInfo,
  MAX_FILE_FRAME_OVERHEAD,
  refuse,
  type UserMessage,
} from "../protocol.ts";
import type { FileRefusal, FileStore } from "../files/file_store.ts";
import type { Batch } from "./batch.ts";
import { busy, type HubCommands } from "./commands.ts";
import { toChange } from "../store/messages.ts";
import { Refused } from "./refused.ts";
import type { Participant, Registry } from "./registry.ts";
import type { Room } from "./room.ts";

const logger = getLogger(["hubbub", "files"]);

/** Maximum bytes in memory as binary frames, all connections together, as a multiple of the largest file. */
const FRAMES_AT_ONCE = 8;

/** What one connection may send in binary frames at once, and each second in the long run, in largest files. */
const FRAME_BURST = 2;
const FRAME_RATE = 0.1;

/** Announces files and stores those that come in binary frames. */
export class FileService {
  readonly #files: FileStore;
  readonly #maxFile: number;
  readonly #hub: HubCommands;
  /** Limits the bytes that each connection sends in binary frames. */
  readonly #rates = new WeakMap<Connection, TokenBucket>();
  /** Bytes of binary frames that are being stored. */
  #frameBytes = 0;

  /** @param maxFile maximum bytes of one file; 0: no uploads */
  constructor(files: FileStore, maxFile: number, hub: HubCommands) {
    this.#files = files;
    this.#maxFile = maxFile;
    this.#hub = hub;
  }

  /**
   * Announces a file in a room, as a message that the store commits.
   *
   * @param fileId an upload of this connection, or of one that it came back for
   * @throws {Refused} if there is no such upload
   */
  announce(fileId: string, { from, room, batch, registry, id }: Announcement): void {
    const file = this.#files.hold(fileId);
    if (file === undefined) {
      const reason = "there is no such upload; it may be too old, upload it again";
      throw new Refused("bad_message", `Cannot announce file: ${reason}`);
    }
    if (!this.#files.isFrom(fileId, from.sessions)) {
      this.#files.release(fileId);
      throw new Refused("not_yours", "Cannot announce file: somebody else uploaded it");
    }
    const event: UserMessage = {
      type: "file",
      room: room.name,
      from: from.name,
      content: file.name,
      seq: 0,
      time: batch.now,
      file,
    };
    if (id !== undefined) event.id = id;
    batch.add(toChange(event), event, from);
    registry.touch(room.name).record(event);
    batch.afterCommit(() => this.#settle(file, event));
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
  receive(connection: Connection, frame: Uint8Array, now: number): ErrorMessage | undefined {
    try {
      this.#receive(connection, frame, now);
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return refuse(error.code, error.message);
      throw error;
    }
  }

  #receive(connection: Connection, data: Uint8Array, now: number): void {
    const maxFile = this.#maxFile;
    const { name, rooms } = connection.membership;
    if (maxFile === 0) {
      throw new Refused("forbidden", "Cannot store file: uploads are switched off");
    }
    if (name === "") throw new Refused("not_logged_in", "Cannot store file: log in first");
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
      throw new Refused("rate_limited", `Cannot store file: ${reason}`);
    }
    this.#frameBytes += length;
    this.#store(connection, frame, room)
      .catch((error: unknown) => answerRefusal(connection, error))
      .finally(() => this.#frameBytes -= length);
  }

  #rateOf(connection: Connection, now: number): TokenBucket {
    let rate = this.#rates.get(connection);
    if (rate === undefined) {
      rate = new TokenBucket(FRAME_RATE * this.#maxFile, FRAME_BURST * this.#maxFile, now);
      this.#rates.set(connection, rate);
    }
    return rate;
  }

  async #store(connection: Connection, frame: FileFrame, roomName: string): Promise<void> {
    const { name, bytes } = frame;
    const stored = await this.#files.put(once(bytes), { name, session: connection.session });
    if ("refused" in stored) throw explainRefusal(stored, this.#maxFile);
    this.#hub.command({
      run: (batch, registry) => {
        const from = registry.find(connection);
        const room = from?.room(roomName);
        if (from === undefined || room === undefined) {
          throw new Refused("not_in_room", `Cannot announce file: you have left ${roomName}`);
        }
        this.announce(stored.id, { from, room, batch, registry });
      },
      refused: (error) => answerRefusal(connection, error),
    });
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

/** Who announces a file, and where. */
export interface Announcement {
  readonly from: Participant;
  readonly batch: Batch;
  readonly room: Room;
  readonly registry: Registry;
  /** The client's own id for it. */
  readonly id?: string | undefined;
}

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
      return new Refused(
        "unavailable",
        "Cannot store file: the server has no space left for files",
      );
  }
}

/** The refusal of a file that is too large. */
export function tooLarge(maxFile: number): Refused {
  return new Refused("too_large", `Cannot store file: it must have at most ${maxFile} bytes`);
}

function answerRefusal(connection: Connection, error: unknown): void {
  if (error instanceof Refused) return connection.answer([refuse(error.code, error.message)]);
  logger.error("A file of connection {number} was not stored: {error}", {
    number: connection.number,
    error,
  });
  connection.answer([refuse("internal", "Cannot store file: an internal error, which was logged")]);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
