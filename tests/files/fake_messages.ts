/**
 * The messages to which files are reconciled, in memory: as much of a message store as that takes, with
 * rooms that can be set back to an earlier state.
 *
 * @module
 */
import type { FileStore } from "../../files/file_store.ts";
import type { LocalFilesOptions } from "../../files/local.ts";
import type { Messages } from "../../files/recovery.ts";
import type { FileInfo, UserId } from "../../protocol.ts";
import type { Page, Range, RoomsPage, RoomsQuery, StoredMessage } from "../../store/store.ts";

import { type FilesHarness, withMessages } from "./harness.ts";

/** What a test says in a room. */
export type Said = Omit<StoredMessage, "seq">;

/** Messages in memory. */
export class FakeMessages implements Messages {
  epoch = "first";
  run = "run-1";
  previousRun: string | undefined;
  lastNoted: number | undefined;
  /** Number of calls of `read`. */
  reads = 0;
  /** Called before each `read`. */
  onRead: () => void | Promise<void> = () => {};
  #rooms = new Map<string, StoredMessage[]>();

  /** Adds a message. Returns its `seq`. */
  say(message: Said): number {
    const room = this.#rooms.get(message.room) ?? [];
    this.#rooms.set(message.room, room);
    room.push({ ...message, seq: (room.at(-1)?.seq ?? 0) + 1 });
    return room.at(-1)?.seq ?? 0;
  }

  /** Adds messages without a file. */
  chatter(room: string, count: number, time: number): void {
    for (let index = 0; index < count; index++) {
      this.say({ room, from: "bob", by: "bob", content: `${index}`, time });
    }
  }

  /** Deletes a message, of which the number, time and author remain. */
  delete(room: string, seq: number): void {
    this.#rooms.set(
      room,
      (this.#rooms.get(room) ?? []).map((message) => {
        if (message.seq !== seq) return message;
        const { file: _file, ...rest } = message;
        return { ...rest, content: "", deleted: true };
      }),
    );
  }

  /** Removes the oldest messages of each room, as retention does. */
  retain(newest: number): void {
    for (const [room, messages] of this.#rooms) this.#rooms.set(room, messages.slice(-newest));
  }

  /** Starts the next run on the same messages. */
  restart(): void {
    this.previousRun = this.run;
    this.run = `run-${Number(this.run.slice(4)) + 1}`;
  }

  /** A copy, as a backup is. */
  copy(): FakeMessages {
    const copy = new FakeMessages();
    const { epoch, run, previousRun, lastNoted } = this;
    Object.assign(copy, { epoch, run, previousRun, lastNoted });
    copy.#rooms = structuredClone(this.#rooms);
    return copy;
  }

  rooms({ after = "", limit }: RoomsQuery): Promise<RoomsPage> {
    const all = [...this.#rooms].filter(([room]) => room > after)
      .map(([room, messages]) => ({
        room,
        last: messages.at(-1)?.seq ?? 0,
        time: messages.at(-1)?.time ?? 0,
      }))
      .sort((one, other) => one.room < other.room ? -1 : 1);
    return Promise.resolve({ rooms: all.slice(0, limit), complete: all.length <= limit });
  }

  async read(room: string, { after, before = Infinity, limit }: Range): Promise<Page> {
    this.reads++;
    await this.onRead();
    const messages = this.#rooms.get(room) ?? [];
    const within = messages.filter(({ seq }) => seq > (after ?? 0) && seq < before);
    return {
      messages: after === undefined ? within.slice(-limit) : within.slice(0, limit),
      last: messages.at(-1)?.seq ?? 0,
      change: 0,
      complete: within.length <= limit,
    };
  }
}

/** A file store whose messages a test can lose and restore. */
export type DoubtHarness = FilesHarness<FakeMessages>;

/** Calls a function with a file store, removed afterwards. Fails if it takes too long. */
export function withFakes(
  run: (harness: DoubtHarness) => Promise<void>,
  options: Partial<LocalFilesOptions> = {},
): Promise<void> {
  return withMessages(new FakeMessages(), run, options);
}

/** Opens the store of a harness again, in the next run of its messages. */
export function reopen(
  harness: DoubtHarness,
  between: () => void | Promise<void> = () => {},
): Promise<FileStore> {
  return harness.reopen(async () => {
    await between();
    harness.messages.restart();
  });
}

/** Says a message that refers to a file, and records it. Returns its `seq`. */
export function sayFile(
  { files, messages, now }: Pick<DoubtHarness, "files" | "messages" | "now">,
  file: FileInfo,
  { room = "lobby", by = "ann" }: { room?: string; by?: UserId } = {},
): number {
  const seq = messages.say({ room, from: by, by, content: file.name, time: now, file });
  files.announced(file.id, room, seq);
  return seq;
}
