/**
 * What the hub does with files: lets messages announce them, takes in those that come in one binary
 * frame, and tells the file store which messages refer to which file.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Client } from "../client.ts";
import { TokenBucket } from "../client/token_bucket.ts";
import {
  decodeFileFrame,
  type ErrorMessage,
  type FileFrame,
  type FileInfo,
  MAX_FILE_FRAME_OVERHEAD,
  refuse,
  type UserMessage,
} from "../protocol.ts";
import type { Room } from "./room.ts";
import type { FileRefusal, FileStore } from "../files/file_store.ts";
import { busy, type HubCommands } from "./commands.ts";
import type { Registry } from "./registry.ts";
import { toChange } from "./keep.ts";
import { Refused } from "./refused.ts";
import type { Turn } from "./batch.ts";

const logger = getLogger(["hubbub", "files"]);

/** Largest files that may be in memory at a time as binary frames, all connections together. */
const FRAMES_AT_ONCE = 8;

/** Largest files that one connection may send in binary frames at once, and a second in the long run. */
const FRAME_BURST = 2;
const FRAME_RATE = 0.1;

/** Announces files. */
export class FileService {
  readonly #files: FileStore;
  readonly #maxFile: number;
  readonly #hub: HubCommands;
  /** Bytes of binary frames that each connection may still send. */
  readonly #rates = new WeakMap<Client, TokenBucket>();
  /** Bytes of binary frames that are being stored. */
  #frameBytes = 0;

  /** @param maxFile most bytes of one file; 0: no uploads */
  constructor(files: FileStore, maxFile: number, hub: HubCommands) {
    this.#files = files;
    this.#maxFile = maxFile;
    this.#hub = hub;
  }

  /**
   * Says in a room that there is a file, as soon as the store has kept that.
   *
   * @param fileId which one: an upload of this client's, or of a connection that it answers for
   * @throws {Refused} if there is no such upload
   */
  announce(
    fileId: string,
    { client, room, turn, registry, id }: Announcement,
  ): void {
    const file = this.#files.hold(fileId);
    if (file === undefined) {
      const reason = "there is no such upload; it may be too old, upload it again";
      throw new Refused("bad_message", `Cannot announce file: ${reason}`);
    }
    if (!this.#files.isFrom(fileId, client.sessions)) {
      this.#files.release(fileId);
      throw new Refused("not_yours", "Cannot announce file: it is another's upload");
    }
    const event: UserMessage = {
      type: "file",
      room: room.name,
      from: client.name,
      content: file.name,
      seq: 0,
      time: turn.now,
      file,
    };
    if (id !== undefined) event.id = id;
    turn.keep(toChange(event), event, client);
    registry.touch(room).record(event);
    turn.afterwards(() => this.#settle(file, event));
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
   * Takes in a binary frame, and announces the file in it in the room that the client entered last.
   * Does not wait for the file to be stored: what goes wrong then is answered to the client.
   *
   * @returns why it is refused
   */
  receive(client: Client, frame: Uint8Array, now: number): ErrorMessage | undefined {
    try {
      this.#receive(client, frame, now);
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return refuse(error.code, error.message);
      throw error;
    }
  }

  #receive(client: Client, data: Uint8Array, now: number): void {
    const maxFile = this.#maxFile;
    if (maxFile === 0) throw new Refused("forbidden", "Cannot keep file: uploads are switched off");
    if (client.name === "") throw new Refused("not_logged_in", "Cannot keep file: log in first");
    if (data.length > maxFile + MAX_FILE_FRAME_OVERHEAD) throw tooLarge(maxFile);
    const frame = decodeFileFrame(data);
    if ("problem" in frame) {
      throw new Refused("bad_message", `Cannot read binary frame: ${frame.problem}`);
    }
    const { length } = frame.bytes;
    if (length > maxFile) throw tooLarge(maxFile);
    const room = client.currentRoom;
    if (room === undefined) {
      throw new Refused("not_in_room", "Cannot keep file: you are in no room; join one");
    }
    if (this.#frameBytes + length > FRAMES_AT_ONCE * maxFile) throw busy(false);
    const wait = this.#rateOf(client, now).take(now, length);
    if (wait > 0) {
      const reason = `so many bytes of files only every ${Math.ceil(wait / 1000)} s`;
      throw new Refused("rate_limited", `Cannot keep file: ${reason}`);
    }
    this.#frameBytes += length;
    this.#store(client, frame, room)
      .catch((error: unknown) => answerRefusal(client, error))
      .finally(() => this.#frameBytes -= length);
  }

  #rateOf(client: Client, now: number): TokenBucket {
    let rate = this.#rates.get(client);
    if (rate === undefined) {
      rate = new TokenBucket(FRAME_RATE * this.#maxFile, FRAME_BURST * this.#maxFile, now);
      this.#rates.set(client, rate);
    }
    return rate;
  }

  async #store(client: Client, frame: FileFrame, room: Room): Promise<void> {
    const { name, bytes } = frame;
    const kept = await this.#files.put(once(bytes), { name, session: client.session });
    if ("refused" in kept) throw explainRefusal(kept, this.#maxFile);
    this.#hub.call({
      run: (turn, registry) => {
        if (!client.rooms.has(room)) {
          throw new Refused("not_in_room", `Cannot announce file: you have left ${room.name}`);
        }
        this.announce(kept.id, { client, room, turn, registry });
      },
      refused: (error) => answerRefusal(client, error),
    });
  }

  /** The store has kept the message, or has not; it has no `seq` in that case. */
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

/** What an announcement is made with. */
export interface Announcement {
  readonly client: Client;
  readonly room: Room;
  readonly turn: Turn;
  readonly registry: Registry;
  /** The client's own id for it. */
  readonly id?: string | undefined;
}

/** Says why an upload was not kept. */
export function explainRefusal({ refused }: FileRefusal, maxFile: number): Refused {
  switch (refused) {
    case "empty":
      return new Refused("bad_message", "Cannot keep file: it must have at least one byte");
    case "too_large":
      return tooLarge(maxFile);
    case "closing":
      return busy(true);
    case "full":
      return new Refused("unavailable", "Cannot keep file: the server has no more room for files");
  }
}

/** Says that a file is too large. */
export function tooLarge(maxFile: number): Refused {
  return new Refused("too_large", `Cannot keep file: it must have at most ${maxFile} bytes`);
}

function answerRefusal(client: Client, error: unknown): void {
  if (error instanceof Refused) return client.answer([refuse(error.code, error.message)]);
  logger.error("A file of connection {number} was not kept: {error}", {
    number: client.number,
    error,
  });
  client.answer([refuse("internal", "Cannot keep file: an internal error, which was logged")]);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
