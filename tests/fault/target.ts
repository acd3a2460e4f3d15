/**
 * The server that the fault driver works on: one process after the other on the same data, which in between
 * are copied, put back, cut and overwritten.
 *
 * @module
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Random } from "../support/random.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";

/** A start that the server refused. */
export class StartRefused extends Error {}

/** See above. Ends the process and removes the data at the end of its scope. */
export class Target implements AsyncDisposable {
  readonly #transport: string;
  readonly #parent: string;
  #server: ServerProcess | undefined;
  #copies = 0;
  /** Maximum number of messages in each room from the next start on; absent: all are kept. */
  retain: number | undefined;
  /** Port of the server that runs. */
  port = 0;

  private constructor(transport: string, parent: string) {
    this.#transport = transport;
    this.#parent = parent;
  }

  static async create(transport: string): Promise<Target> {
    return new Target(transport, await Deno.makeTempDir({ prefix: "hubbub-fault-" }));
  }

  /** The data directory. */
  get data(): string {
    return join(this.#parent, "data");
  }

  /** What the server has logged. */
  get log(): string {
    return this.#server?.log ?? "";
  }

  ws(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** @throws {StartRefused} if the server ends instead of listening */
  async start(): Promise<void> {
    const flags = ["--data", this.data, "--transport", this.#transport, "--rate", "0"];
    if (this.retain !== undefined) flags.push("--retain-messages", String(this.retain));
    try {
      this.#server = await ServerProcess.start(flags);
    } catch (error) {
      throw new StartRefused(String(error));
    }
    this.port = this.#server.port;
  }

  async kill(): Promise<void> {
    await this.#server?.stop("SIGKILL");
  }

  /** @returns exit code of a server that was told to stop */
  async stop(): Promise<number> {
    const ended = await this.#server?.stop("SIGTERM");
    return ended?.code ?? 0;
  }

  /** Copies the data of a server that does not run. */
  async copy(): Promise<string> {
    const to = join(this.#parent, `copy-${++this.#copies}`);
    await copyDirectory(this.data, to);
    return to;
  }

  /** Takes a backup of the server that runs. */
  async backup(): Promise<string> {
    const to = join(this.#parent, `backup-${++this.#copies}`);
    await this.#command("backup", to);
    return to;
  }

  /**
   * Puts a copy back by hand.
   *
   * @param isOver copies over what is there, so that the logs beside the databases are left; otherwise all
   *   that is there is removed first
   */
  async putBack(copy: string, isOver: boolean): Promise<void> {
    if (!isOver) await Deno.remove(this.data, { recursive: true });
    await copyDirectory(copy, this.data);
  }

  /** Puts a copy or a backup back with the command for it. */
  async restore(copy: string): Promise<void> {
    await this.#command("restore", copy, "--replace");
  }

  /** Does what the server says is to be done about damage. */
  async repair(): Promise<void> {
    await this.#command("check", "--repair");
  }

  /** Cuts the write-ahead log, or overwrites some of it. Returns false if there is none. */
  async damageLog(random: Random): Promise<boolean> {
    const log = join(this.data, LOG);
    const size = await sizeOf(log);
    if (size < PAGE) return false;
    const at = random.between(0, size - 1);
    if (random.chance(0.5)) await Deno.truncate(log, at);
    else await overwrite(log, Math.min(at, size - PAGE), random);
    return true;
  }

  /** Overwrites a page of the search index, or of its log while it is small. Returns false if there is none. */
  async spoilSearch(random: Random): Promise<boolean> {
    for (const name of ["search.db", "search.db-wal"]) {
      const file = join(this.data, name);
      const size = await sizeOf(file);
      if (size < 4 * PAGE) continue;
      await overwrite(file, random.between(PAGE, size - 2 * PAGE), random);
      return true;
    }
    return false;
  }

  /**
   * Overwrites all of a database of a server that does not run, half of the time without its first page.
   * Returns false if there is no more than that.
   */
  async damage(name: "files.db" | "search.db", random: Random): Promise<boolean> {
    const file = join(this.data, name);
    if (await sizeOf(file) === 0) return false;
    // Otherwise the log has the pages too.
    const db = new DatabaseSync(file);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
    const size = await sizeOf(file);
    const first = random.chance(0.5) ? PAGE : 0;
    for (let at = first; at < size; at += PAGE) await overwrite(file, at, random);
    return size > first;
  }

  /** The last page of a database, as it is in its file. */
  async lastPage(name: string): Promise<string> {
    const bytes = await Deno.readFile(join(this.data, name));
    return bytes.subarray(-PAGE).toBase64();
  }

  /** Deletes a database and what lies beside it. */
  async delete(name: "files.db" | "search.db"): Promise<void> {
    for (const suffix of ["", "-wal", "-shm"]) {
      await Deno.remove(join(this.data, name + suffix)).catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#parent, { recursive: true });
  }

  async #command(name: string, ...operands: string[]): Promise<void> {
    const { code, stderr } = await runToEnd([name, ...operands, "--data", this.data]);
    if (code !== 0) throw new Error(`hubbub ${name} has ended with ${code}: ${stderr}`);
  }
}

const LOG = "hubbub.db-wal";

/** Bytes of a page of the databases. */
const PAGE = 4096;

async function sizeOf(file: string): Promise<number> {
  return await Deno.stat(file).then(({ size }) => size, () => 0);
}

async function overwrite(path: string, at: number, random: Random): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(Uint8Array.from({ length: PAGE }, () => random.between(0, 255)));
}

async function copyDirectory(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true, mode: 0o700 });
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) await copyDirectory(source, target);
    else if (entry.isFile) await Deno.copyFile(source, target);
  }
}
