/**
 * Writes the lines of an export into new databases.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { CATALOG_MIGRATIONS } from "../files/catalog.ts";
import { MIGRATIONS as PEOPLE_MIGRATIONS } from "../people/sqlite/schema.ts";
import { foldName } from "../protocol.ts";
import { migrate } from "../sqlite/migrate.ts";
import { MIGRATIONS } from "../store/sqlite/schema.ts";
import { encodeSegment, ROOM_SPAN, roomKey, splitIntoSegments } from "../store/sqlite/segments.ts";
import type { StoredMessage } from "../store/store.ts";
import { encodeId } from "../store/sqlite/write_statements.ts";
import { settleFile } from "./durable_copy.ts";
import { columnsOf } from "./integrity.ts";
import { CATALOG, MESSAGES, PEOPLE } from "./layout.ts";
import { Fields, toMessage } from "./import_fields.ts";
import type { Line } from "./line_writer.ts";

/** Messages that are gathered before they are written. */
const GATHERED = 1024;

/** A line that cannot be imported. */
export class ImportError extends Error {
  override readonly name = "ImportError";

  /** @param line its number, from 1 */
  constructor(message: string, readonly line: number) {
    super(message);
  }
}

/** Takes lines in the order of an export: rooms before their messages. */
export class Importer {
  readonly #messages: DatabaseSync;
  readonly #people: DatabaseSync;
  readonly #catalog: DatabaseSync;
  readonly #paths: readonly string[];
  readonly #statements = new Map<string, StatementSync>();
  readonly #rooms = new Map<string, { id: number; last: number }>();
  #gathered: StoredMessage[] = [];
  #nextId = 1;

  /** @param dir a directory without databases */
  constructor(dir: string) {
    this.#paths = [MESSAGES, PEOPLE, CATALOG].map((name) => join(dir, name));
    const [messages, people, catalog] = this.#paths.map((path) => new DatabaseSync(path));
    if (messages === undefined || people === undefined || catalog === undefined) throw new Error();
    this.#messages = messages;
    this.#people = people;
    this.#catalog = catalog;
    for (const db of this.#all()) db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    migrate(messages, MESSAGES, MIGRATIONS);
    migrate(people, PEOPLE, PEOPLE_MIGRATIONS);
    migrate(catalog, CATALOG, CATALOG_MIGRATIONS);
    for (const db of this.#all()) db.exec("PRAGMA synchronous = OFF; BEGIN");
  }

  /**
   * Takes a line.
   *
   * @throws {ImportError} if it is not one of an export, or contradicts an earlier one
   */
  take(line: Line, number: number): void {
    try {
      const fields = new Fields(line);
      const type = fields.text("type");
      if (type === "message") this.#takeMessage(toMessage(fields));
      else this.#takeOther(type, fields);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ImportError(reason, number);
    }
  }

  /** Writes what is left, and waits until all is on the disk. */
  finish(): void {
    this.#writeGathered();
    this.#finishRooms();
    const db = this.#messages;
    db.prepare("INSERT OR REPLACE INTO meta VALUES ('numbered', ?)").run(this.#nextId - 1);
    db.prepare("INSERT OR REPLACE INTO meta VALUES ('epoch', ?)").run(randomUUID());
    for (const each of this.#all()) each.exec("COMMIT");
    this[Symbol.dispose]();
    for (const path of this.#paths) settleFile(path);
  }

  [Symbol.dispose](): void {
    for (const db of this.#all()) if (db.isOpen) db.close();
  }

  #all(): DatabaseSync[] {
    return [this.#messages, this.#people, this.#catalog];
  }

  #takeOther(type: string, fields: Fields): void {
    switch (type) {
      case "room":
        return this.#takeRoom(fields);
      case "settings":
        return this.#run(this.#messages, "room_settings", {
          room: fields.text("room"),
          private: fields.bit("private"),
          topic: fields.text("topic"),
        });
      case "member":
        return this.#run(this.#messages, "members", {
          room: fields.text("room"),
          user: fields.text("user"),
          role: fields.text("role"),
          read: fields.count("read"),
        });
      case "maker":
        return this.#run(this.#messages, "makers", {
          ...fields.texts("room", "user", "network"),
          time: fields.count("time"),
        });
      case "user":
        return this.#takeUser(fields);
      case "sanction":
        return this.#run(this.#people, "sanctions", {
          ...fields.texts("id", "kind", "target_type", "target", "label", "reason", "admin"),
          until: fields.has("until") ? fields.count("until") : null,
          created: fields.count("created"),
        });
      case "audit":
        return this.#run(this.#people, "audit", {
          ...{ number: fields.count("number"), time: fields.count("time") },
          ...fields.texts("admin", "name", "ip", "act", "target", "detail"),
        });
      case "file":
        return this.#run(this.#catalog, "files", {
          ...fields.texts("id", "name", "media_type", "sha256", "uploader"),
          ...{ size: fields.count("size"), created: fields.count("created") },
        });
      default:
        throw new Error(`unknown type ${JSON.stringify(type)}; export with the same version`);
    }
  }

  #takeRoom(fields: Fields): void {
    const room = fields.text("room");
    if (this.#rooms.has(room)) throw new Error(`room ${JSON.stringify(room)} is there twice`);
    const id = this.#rooms.size + 1;
    const row: Record<string, SQLInputValue> = {
      number: id,
      name: room,
      last: fields.count("last"),
    };
    if (fields.has("first") && columnsOf(this.#messages, "rooms").has("first")) {
      row["first"] = fields.count("first");
    }
    this.#run(this.#messages, "rooms", row);
    this.#rooms.set(room, { id, last: 0 });
  }

  #takeUser(fields: Fields): void {
    const user = fields.text("id");
    const name = fields.text("name");
    this.#run(this.#people, "users", {
      ...{ id: user, name, role: fields.text("role") },
      key: fields.bit("named") === 1 ? foldName(name) : null,
      ...{ remembered: fields.bit("remembered"), disabled: fields.bit("disabled") },
      ...{ created: fields.count("created"), seen: fields.count("seen"), visit: 0, visiting: 0 },
    });
    if (fields.has("password")) {
      this.#run(this.#people, "passwords", { user, hash: fields.text("password") });
    }
    for (const passkey of fields.list("passkeys")) {
      this.#run(this.#people, "passkeys", {
        ...{ user, ...passkey.texts("id", "transports", "label") },
        public_key: passkey.bytes("public_key"),
        counter: passkey.count("counter"),
        ...{ created: passkey.count("created"), used: passkey.count("used") },
      });
    }
    for (const identity of fields.list("identities")) {
      this.#run(this.#people, "identities", { user, ...identity.texts("issuer", "subject") });
    }
  }

  #takeMessage(message: StoredMessage): void {
    const { room, seq } = message;
    const known = this.#rooms.get(room);
    if (known === undefined) throw new Error(`room ${JSON.stringify(room)} is not there`);
    if (known.last !== 0 && seq !== known.last + 1) {
      throw new Error(`message ${seq} of ${JSON.stringify(room)} does not follow ${known.last}`);
    }
    known.last = seq;
    const [first] = this.#gathered;
    if (first !== undefined && (first.room !== room || this.#gathered.length >= GATHERED)) {
      this.#writeGathered();
    }
    this.#gathered.push(message);
  }

  /** Messages of one room, which follow each other. */
  #writeGathered(): void {
    const gathered = this.#gathered;
    const id = this.#rooms.get(gathered[0]?.room ?? "")?.id;
    if (id === undefined) return;
    for (const messages of splitIntoSegments(gathered)) {
      this.#run(this.#messages, "runs", {
        number: this.#nextId,
        place: roomKey(id, messages[0]?.seq ?? 0),
        count: messages.length,
        time: Math.max(...messages.map(({ time }) => time)),
        messages: encodeSegment(messages),
      });
      this.#nextId += messages.length;
    }
    for (const message of gathered) this.#index(id, message);
    this.#gathered = [];
  }

  /** So that a message that is sent again is recognised, and its file is known to be in use. */
  #index(roomId: number, { room, seq, by, id, file }: StoredMessage): void {
    if (by !== undefined && id !== undefined) {
      const row = { room: roomId, author: by, id: encodeId(id), seq };
      this.#run(this.#messages, "ids", row, "INSERT OR IGNORE");
    }
    if (file !== undefined) {
      this.#run(this.#catalog, "announcements", { room, seq, file: file.id });
    }
  }

  /** A room whose oldest messages were removed begins with the oldest that is there. */
  #finishRooms(): void {
    if (!columnsOf(this.#messages, "rooms").has("first")) return;
    this.#messages.exec(`
      UPDATE rooms SET first = coalesce((
        SELECT min(place) - rooms.number * ${ROOM_SPAN} FROM runs
        WHERE place >= rooms.number * ${ROOM_SPAN} AND place < (rooms.number + 1) * ${ROOM_SPAN}
      ), last + 1)`);
  }

  #run(
    db: DatabaseSync,
    table: string,
    row: Record<string, SQLInputValue>,
    verb = "INSERT",
  ): void {
    const columns = Object.keys(row);
    const sql = `${verb} INTO ${table} (${columns.join(", ")}) VALUES (${
      columns.map(() => "?").join(", ")
    })`;
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = db.prepare(sql));
    statement.run(...Object.values(row));
  }
}
