/**
 * The routes of files with a file store in a directory of its own, and with permissions as the hub would
 * decide them, from rooms and credentials that a test sets. Requests go straight to the app.
 *
 * @module
 */
import { createBaseApp } from "../../../http/base_app.ts";
import { type DownloadAccess, downloadHandler } from "../../../http/files/download.ts";
import { type UploadAccess, uploadHandler } from "../../../http/files/upload.ts";
import { Problem } from "../../../http/problem.ts";
import { ANONYMOUS, type Principal } from "../../../people/principal.ts";
import { type FileInfo, isDirectRoom, type Role, type UserId, usersOf } from "../../../protocol.ts";
import type { FileStore } from "../../../files/file_store.ts";
import { announce, type FilesHarness, withFiles } from "../../files/harness.ts";
import { assertEquals } from "../../support/assert.ts";

const ORIGIN = "http://localhost:8080";

/** What a test may configure. */
export interface FileAppOptions {
  /** Bytes; default: 1000. */
  readonly maxFile?: number;
  readonly crossOrigin?: boolean;
}

/** Who may read which room. Rooms of which nothing is set are public. */
class FakeAccess implements DownloadAccess, UploadAccess {
  /** The members of private rooms. */
  readonly members = new Map<string, Set<UserId>>();
  /** The ids of files that were asked about. */
  asked: string[] = [];
  readonly #files: FileStore;

  constructor(files: FileStore) {
    this.#files = files;
  }

  async mayFetch(principal: Principal, { id }: Pick<FileInfo, "id">): Promise<boolean> {
    this.asked.push(id);
    // The hub answers later.
    await Promise.resolve();
    const { user } = principal;
    return this.#files.isAnnouncedIn(id, (room) => this.#mayRead(principal, room)) ||
      (user !== undefined && this.#files.isFrom(id, user.id));
  }

  async isPublic({ id }: Pick<FileInfo, "id">): Promise<boolean> {
    this.asked.push(id);
    await Promise.resolve();
    return this.#files.isAnnouncedIn(id, (room) => this.#mayRead(ANONYMOUS, room));
  }

  uploader({ user }: Principal): UserId {
    if (user !== undefined) return user.id;
    throw Problem.of("unauthorized", "Cannot store file: log in first");
  }

  #mayRead({ user, rooms }: Principal, room: string): boolean {
    if (rooms !== undefined && !rooms.includes(room)) return false;
    if (isDirectRoom(room)) return user !== undefined && usersOf(room).includes(user.id);
    const members = this.members.get(room);
    return members === undefined || (user !== undefined && members.has(user.id));
  }
}

/** The routes under test. */
export class FileApp {
  readonly harness: FilesHarness;
  readonly access: FakeAccess;
  readonly #app = createBaseApp();
  /** By the secret in the cookie or the header. */
  readonly #principals = new Map<string, Principal>();

  constructor(harness: FilesHarness, { maxFile = 1000, crossOrigin = false }: FileAppOptions) {
    const { files } = harness;
    const access = new FakeAccess(files);
    this.harness = harness;
    this.access = access;
    this.#app.post("/files", uploadHandler({ files, access, maxFile }));
    this.#app.get("/files/:id/:name", downloadHandler({ files, access, crossOrigin }));
    for (const id of ["ann", "bob"]) this.login(id);
  }

  /** Lets a user in, with their id as secret. */
  login(id: UserId, role: Role = "guest", rooms?: readonly string[]): void {
    const user = { id, name: `${id}'s name`, role };
    this.#principals.set(id, rooms === undefined ? { user } : { user, rooms });
  }

  /** Sends a request. */
  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const request = new Request(new URL(path, ORIGIN), init);
    const header = request.headers.get("authorization")?.replace("Bearer ", "");
    const secret = header ?? request.headers.get("cookie")?.replace("hubbub=", "") ?? "";
    const principal = this.#principals.get(secret) ?? ANONYMOUS;
    return await this.#app.fetch(request, { principal, ip: "192.0.2.1" });
  }

  /** The statuses that a file has for users, `""` for nobody; whatever else is served is dropped. */
  async statuses({ url }: FileInfo, ...users: UserId[]): Promise<number[]> {
    const all = [];
    for (const user of users) {
      const response = await this.fetch(url, user === "" ? {} : { headers: cookie(user) });
      await response.body?.cancel();
      all.push(response.status);
    }
    return all;
  }

  /** Stores a file for a user, through the route. */
  async upload(user: UserId, body: BodyInit, name = "a.txt"): Promise<FileInfo> {
    const init = { method: "POST", body, headers: cookie(user) };
    const response = await this.fetch(`/files?name=${encodeURIComponent(name)}`, init);
    assertEquals(response.status, 201);
    return await response.json();
  }

  /** Stores a file of `ann`'s and announces it in a room, which is public unless it has members. */
  async announce(body: BodyInit, { room = "lobby", name = "a.txt" } = {}): Promise<FileInfo> {
    const file = await this.upload("ann", body, name);
    await announce(this.harness, file, { room });
    return file;
  }
}

/** Calls a function with the routes. Fails if it takes too long. */
export function withFileApp(
  run: (app: FileApp) => Promise<void>,
  options: FileAppOptions = {},
): Promise<void> {
  return withFiles((harness) => run(new FileApp(harness, options)));
}

/** The header with a session, as a page sends it. */
export function cookie(secret: string): { cookie: string } {
  return { cookie: `hubbub=${secret}` };
}
