/**
 * Helpers for tests of the file store: a store in a temporary directory with a clock that stands still,
 * and streams under the test's control.
 *
 * @module
 */
import type { FileInfo, UserId } from "../../protocol.ts";
import { join } from "node:path";
import { assert } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { type LocalFilesOptions, openLocalFiles } from "../../files/local.ts";
import type { FileStore } from "../../files/file_store.ts";
import type { Messages } from "../../files/recovery.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import type { Store } from "../../store/store.ts";

export const HOUR = 3600_000;

export const DAY = 24 * HOUR;

/** A file store under test, with messages in memory. */
export class FilesHarness<M extends Messages = Store> {
  readonly dir: string;
  readonly files: FileStore;
  messages: M;
  /** Milliseconds since 1970. */
  now = 10 * HOUR;
  /** Free bytes on the disk. */
  free = Infinity;
  readonly #root: string;
  readonly #options: Partial<LocalFilesOptions>;
  readonly #opened: FileStore[] = [];

  /** @param root an empty directory */
  constructor(root: string, messages: M, options: Partial<LocalFilesOptions>) {
    this.#root = root;
    this.messages = messages;
    this.#options = options;
    this.dir = join(root, "0");
    Deno.mkdirSync(this.dir);
    this.files = this.#open(this.dir, {});
  }

  /** Opens another store on a copy of the directory as it is now, as after a crash. */
  async crash(options: Partial<LocalFilesOptions> = {}): Promise<FileStore> {
    const copy = join(this.#root, String(this.#opened.length));
    await copyFolder(this.dir, copy);
    return this.#open(copy, options);
  }

  async close(): Promise<void> {
    for (const files of this.#opened) await files.close();
  }

  /** Closes the last store and opens another one on the same directory. */
  async reopen(between: () => void | Promise<void>): Promise<FileStore> {
    await this.#opened.at(-1)?.close();
    await between();
    return this.#open(this.dir, {});
  }

  #open(dir: string, options: Partial<LocalFilesOptions>): FileStore {
    const files = openLocalFiles({
      dir,
      messages: this.messages,
      sync: "full",
      maxFile: 1000,
      maxStorage: Infinity,
      retain: 0,
      now: () => this.now,
      free: () => Promise.resolve(this.free),
      ...this.#options,
      ...options,
    });
    this.#opened.push(files);
    return files;
  }
}

/** Calls a function with a file store, removed afterwards. Fails if it takes too long. */
export function withFiles(
  run: (harness: FilesHarness) => Promise<void>,
  options: Partial<LocalFilesOptions> = {},
): Promise<void> {
  return withMessages(createMemoryStore({ epoch: "first" }), run, options);
}

/** Like `withFiles`, with the messages to which the files are compared. */
export async function withMessages<M extends Messages>(
  messages: M,
  run: (harness: FilesHarness<M>) => Promise<void>,
  options: Partial<LocalFilesOptions> = {},
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "hubbub-files-" });
  const harness = new FilesHarness(root, messages, options);
  try {
    await within(DEADLINE, "a test with a file store to end", run(harness));
  } finally {
    await harness.close();
    await Deno.remove(root, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** A stream of these chunks; an error among them is thrown. */
export async function* stream(
  ...chunks: (Uint8Array | string | Error)[]
): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    // Asynchronous, as from a socket.
    await Promise.resolve();
    yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  }
}

/** Uploads a text, which must not be refused. */
export async function upload(
  files: FileStore,
  text: string,
  file: { name?: string; user?: UserId } = {},
): Promise<FileInfo> {
  const kept = await files.put(stream(text), { name: "a.txt", user: "ann", ...file });
  assert(!("refused" in kept));
  return kept;
}

/** Commits a message that refers to a file, and records it unless `record` is false. Returns its `seq`. */
export async function announce(
  { files, messages, now }: FilesHarness,
  file: FileInfo,
  { room = "lobby", record = true }: { room?: string; record?: boolean } = {},
): Promise<number> {
  const [seq] = await messages.commit([
    { kind: "message", room, from: "ann", by: "ann", content: file.name, time: now, file },
  ]);
  assert(typeof seq === "number");
  if (record) files.announced(file.id, room, seq);
  return seq;
}

/** The paths of all stored bytes, sorted. */
export async function bytesOnDisk(dir: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name: folder } of Deno.readDir(join(dir, "files"))) {
    for await (const { name } of Deno.readDir(join(dir, "files", folder))) {
      paths.push(`${folder}/${name}`);
    }
  }
  return paths.sort();
}

/** The text of a stored file; `undefined` if it cannot be read. */
export async function textOf(files: FileStore, file: FileInfo): Promise<string | undefined> {
  const opened = await files.open(file);
  return opened instanceof Deno.FsFile ? await new Response(opened.readable).text() : undefined;
}

/** Where the bytes of a file are. */
export function pathOf(dir: string, { sha256 }: Pick<FileInfo, "sha256">): string {
  return join(dir, "files", sha256.slice(0, 2), sha256);
}

/** The names of the files in quarantine, sorted. */
export async function quarantined(dir: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(join(dir, "quarantine")))).map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Removes a database and its logs. */
export async function removeDatabase(path: string): Promise<void> {
  for (const end of ["", "-wal", "-shm"]) await Deno.remove(path + end).catch(() => {});
}
