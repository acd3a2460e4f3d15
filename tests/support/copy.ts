/**
 * A client of `hubbub.v1`, written from docs/protocol.md, that keeps a copy of its rooms through whatever
 * happens to its line and to the server: it comes back as the same user, takes what it missed, starts over
 * where it is told to, and sends again what was not acknowledged. It remembers what was acknowledged.
 *
 * @module
 */
import type {
  ErrorMessage,
  FileInfo,
  History,
  ServerMessage,
  UserMessage,
} from "../../protocol.ts";
import { Chatter } from "./chatter.ts";
import { Condition } from "./condition.ts";
import { type Complaints, noComplaints, RoomCopy } from "./copy_room.ts";
import { type ChangeRequest, chooseAction } from "./copy_traffic.ts";
import type { FaultLine } from "./fault_line.ts";
import type { Random } from "./random.ts";

/** A message that the server has acknowledged. */
export interface Acknowledged {
  readonly id: string;
  readonly room: string;
  readonly by: string;
  readonly seq: number;
  readonly text: string;
  /** Number of the last edit that was acknowledged; 0: none. */
  edit: number;
  deleted: boolean;
}

/** How a client uses the protocol. */
export interface Traits {
  /** Sends `run` when it comes back. */
  readonly withRun: boolean;
  /** Sends again at once what was not acknowledged, before it has received what it missed. */
  readonly eager: boolean;
  /** After starting over, reads so many older pages of this size. */
  readonly pages: number;
  readonly pageSize: number;
  /** Requests that it sends ahead of their answers. */
  readonly ahead: number;
}

/** Something said or announced that was not acknowledged. */
interface Pending {
  readonly request: { type: "user" | "file"; room: string; content: string; id: string };
  /** What {@linkcode Copy.damages} was when its file was uploaded. */
  readonly damages: number;
}

/** Milliseconds until the next attempt to connect. */
const BACKOFF = 20;

/** See above. Stops at the end of its scope. */
export class Copy implements AsyncDisposable {
  readonly rooms: ReadonlyMap<string, RoomCopy>;
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly complaints: Complaints = noComplaints();
  readonly counts = { conflicts: 0, refused: 0, abandoned: 0, repeats: 0, returns: 0 };
  /** How many messages it has received. */
  heard = 0;
  /** How much it still has to do. */
  quota = 0;
  /** How often uploads may have been lost: whoever does that counts it. */
  damages = 0;
  /** The name and id of the user that it is. */
  user = { id: "", name: "" };
  readonly #name: string;
  readonly #line: FaultLine;
  readonly #random: Random;
  readonly #traits: Traits;
  readonly #changed = new Condition();
  readonly #pending = new Map<string, Pending>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #done: Promise<void>;
  #change: { request: ChangeRequest; id: string; of: string; edit: number } | undefined;
  #uploads = 0;
  /** Requests for older pages that wait for an answer, and how many more are to follow, by room. */
  readonly #paging = new Map<string, number>();
  #chatter: Chatter | undefined;
  #server = { epoch: "", run: "" };
  #session: string | undefined;
  #logins = 0;
  #ids = 0;
  #edits = 0;
  #isAway = false;
  #isStopping = false;

  constructor(
    name: string,
    rooms: readonly string[],
    { line, random, traits }: { line: FaultLine; random: Random; traits: Traits },
  ) {
    this.#name = name;
    this.#line = line;
    this.#random = random;
    this.#traits = traits;
    this.rooms = new Map(rooms.map((room) => [room, new RoomCopy(room, this.complaints)]));
    this.#done = this.#run();
  }

  get name(): string {
    return this.#name;
  }

  get withRun(): boolean {
    return this.#traits.withRun;
  }

  get isConnected(): boolean {
    return this.#chatter !== undefined;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Says nothing more, ends the connection and does not return until {@linkcode Copy.back}. */
  away(): void {
    this.#isAway = true;
    this.quota = 0;
    this.#line.cut();
  }

  back(): void {
    this.#isAway = false;
    this.#changed.notify();
  }

  /** Has this much more to do. */
  give(quota: number): void {
    this.quota += quota;
    this.#act();
  }

  /** Forgets what it has of a room. No effect on what it was acknowledged. */
  forget(room: string): void {
    this.rooms.get(room)?.forget();
    if (this.#change?.request.room === room) this.#change = undefined;
  }

  /** Waits until something is so, looking after each thing that happens to it. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    await this.#changed.until(() => `${what}; ${this}`, () => isSo() || undefined);
  }

  /** Waits until it is back everywhere, has done all that it had to do, and everything is acknowledged. */
  idle(): Promise<void> {
    return this.until("everything to be acknowledged", () => this.isIdle);
  }

  /** What it waits for. */
  toString(): string {
    const waits = [...this.rooms.values()].filter(({ isCaughtUp }) => !isCaughtUp);
    return `${this.#name}: connected ${this.#chatter !== undefined}, quota ${this.quota}, ` +
      `unacknowledged ${[...this.#pending.keys()].slice(0, 5)}, change ${this.#change?.id}, ` +
      `uploads ${this.#uploads}, not caught up in ${waits.map(({ room }) => room)}, ` +
      `pages of ${[...this.#paging.keys()]}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#line.sever();
    this.#changed.notify();
    await this.#done;
  }

  /** Whether it is back everywhere and has nothing to do or to wait for. */
  get isIdle(): boolean {
    return this.#chatter !== undefined && this.quota === 0 && this.#pending.size === 0 &&
      this.#change === undefined && this.#uploads === 0 && this.#paging.size === 0 &&
      [...this.rooms.values()].every(({ isCaughtUp }) => isCaughtUp);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      if (this.#isAway) {
        await this.#changed.until(
          "the end of an absence",
          () => !this.#isAway || this.#isStopping || undefined,
          600_000,
        );
        continue;
      }
      const url = `ws://127.0.0.1:${this.#line.port}/ws`;
      const chatter = await Chatter.connect(url).catch(() => undefined);
      if (chatter === undefined) await new Promise((done) => setTimeout(done, BACKOFF));
      else await this.#live(chatter);
    }
  }

  /** One connection, from its beginning to its end. */
  async #live(chatter: Chatter): Promise<void> {
    for (;;) {
      const message = await chatter.message().catch(() => undefined);
      if (message === undefined || this.#isStopping) break;
      this.heard++;
      if (message.type === "handshake") this.#enter(chatter, message);
      else this.#take(message);
      this.#act();
      this.#changed.notify();
    }
    this.#chatter = undefined;
    this.#changed.notify();
    this.#paging.clear();
    for (const copy of this.rooms.values()) copy.isCaughtUp = false;
    // A reaction is taken back if it is sent again.
    if (this.#change?.request.type === "react") this.#change = undefined;
    await chatter[Symbol.asyncDispose]().catch(() => {});
  }

  #send(...requests: object[]): void {
    if (requests.length > 0) this.#chatter?.send(...requests).catch(() => {});
  }

  #enter(chatter: Chatter, server: { epoch: string; run: string }): void {
    this.#chatter = chatter;
    this.#server = server;
    const [first, ...others] = [...this.rooms.values()].map((copy) => ({
      room: copy.room,
      ...copy.position(this.#traits.withRun),
    }));
    const who = this.#session === undefined
      ? { content: this.#freshName(), remember: true }
      : { session: this.#session };
    const joins = others.map((seen) => ({ type: "join", id: `enter ${seen.room}`, ...seen }));
    this.#send({ type: "login", id: "login", ...first, ...who }, ...joins);
    if (this.#traits.eager && this.#session !== undefined) this.#resend();
  }

  /** If the answer to a login was lost, another guest has the name. */
  #freshName(): string {
    return this.#logins++ === 0 ? this.#name : `${this.#name}+${this.#logins}`;
  }

  #resend(): void {
    this.#send(...Array.from(this.#pending.values(), ({ request }) => request));
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "login":
        if (message.user !== undefined) this.#become(message.user, message.session);
        break;
      case "user":
      case "file":
        this.#hear(message);
        break;
      case "edit":
      case "delete":
      case "react":
        this.rooms.get(message.room)?.changed(message);
        if (message.id !== undefined && message.id === this.#change?.id) this.#changeIsMade();
        break;
      case "history":
        this.#takeHistory(message);
        break;
      case "error":
        this.#takeError(message);
        break;
      default:
    }
  }

  #become(user: { id: string; name: string }, session: string | undefined): void {
    if (this.user.id !== "" && user.id !== this.user.id) {
      this.complaints.other.push(`${this.#name}: ${this.user.id} became ${user.id}`);
    }
    this.user = user;
    this.#session ??= session;
    for (const copy of this.rooms.values()) copy.me = user.id;
  }

  #hear(message: UserMessage): void {
    const wasPending = this.#acknowledge(message);
    if (message.repeat) {
      this.counts.repeats++;
      if (!wasPending && this.acknowledged.get(message.id ?? "")?.seq !== message.seq) {
        this.complaints.other.push(`a repeat of ${message.id}, which was not said again`);
      }
      return;
    }
    this.rooms.get(message.room)?.said(message);
  }

  /** Returns whether this message waited for it. */
  #acknowledge(message: UserMessage): boolean {
    const { id = "", by, seq, room } = message;
    const pending = by === this.user.id ? this.#pending.get(id) : undefined;
    if (pending === undefined || pending.request.room !== room) return false;
    this.#pending.delete(id);
    const { type, content } = pending.request;
    const text = type === "file" ? message.content : content;
    if (!message.edited && !message.deleted && message.content !== text) {
      this.complaints.other.push(`${id} was said as ${content} and became ${message.content}`);
    }
    this.acknowledged.set(id, { id, room, by: this.user.id, seq, text, edit: 0, deleted: false });
    return true;
  }

  #changeIsMade(): void {
    if (this.#change === undefined) return;
    const { request, of, edit } = this.#change;
    const message = this.acknowledged.get(of);
    if (message !== undefined && request.type === "edit") message.edit = edit;
    if (message !== undefined && request.type === "delete") message.deleted = true;
    this.#change = undefined;
  }

  #takeHistory(history: History): void {
    const copy = this.rooms.get(history.room);
    if (copy === undefined) return;
    for (const message of history.messages) this.#acknowledge(message);
    if (history.id?.startsWith("page")) {
      copy.extend(history);
      const left = (this.#paging.get(copy.room) ?? 0) - 1;
      return this.#readBack(copy, history.complete ? 0 : left);
    }
    copy.returned(history, this.#server);
    this.counts.returns++;
    if (!history.complete) {
      if (this.#change?.request.room === copy.room) this.#change = undefined;
      this.#readBack(copy, this.#traits.pages);
    } else if (this.#change?.request.room === copy.room) {
      this.#send({ ...this.#change.request, id: this.#change.id });
    }
    const all = [...this.rooms.values()];
    if (!this.#traits.eager && all.every(({ isCaughtUp }) => isCaughtUp)) this.#resend();
  }

  #readBack(copy: RoomCopy, pages: number): void {
    if (pages <= 0 || copy.first <= 1) {
      this.#paging.delete(copy.room);
      return;
    }
    this.#paging.set(copy.room, pages);
    const { room, first } = copy;
    const limit = this.#traits.pageSize;
    this.#send({ type: "history", room, before: first, limit, id: `page ${room}` });
  }

  #takeError({ code, content, id = "", retry_ms = 100 }: ErrorMessage): void {
    if (id === "login") return this.#loginFailed(code, content);
    const pending = this.#pending.get(id);
    const isTemporary = code === "unavailable" || code === "rate_limited";
    if (isTemporary && (pending !== undefined || id.startsWith("enter"))) {
      return this.#later(retry_ms, () => this.#again(id));
    }
    if (id.startsWith("page")) {
      this.#paging.delete(id.slice(5));
    } else if (id === this.#change?.id) {
      this.#change = undefined;
    } else if (pending !== undefined) {
      this.#pending.delete(id);
      if (code === "conflict") this.counts.conflicts++;
      const isFile = pending.request.type === "file";
      if (isFile ? pending.damages !== this.damages : code === "no_such_message") {
        this.counts.refused++;
        return;
      }
    }
    if (!isTemporary && code !== "no_such_message") {
      this.complaints.other.push(`${this.#name}: ${id}: ${code}: ${content}`);
    }
  }

  #again(id: string): void {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return this.#send(pending.request);
    const copy = this.rooms.get(id.slice("enter ".length));
    if (copy === undefined) return;
    this.#send({ type: "join", id, room: copy.room, ...copy.position(this.#traits.withRun) });
  }

  #later(ms: number, then: () => void): void {
    const chatter = this.#chatter;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#chatter === chatter) then();
    }, ms);
    this.#timers.add(timer);
  }

  #loginFailed(code: string, content: string): void {
    if (code === "unauthorized") {
      this.#session = undefined;
      this.user = { id: "", name: "" };
      this.counts.abandoned += this.#pending.size;
      this.#pending.clear();
      this.#change = undefined;
      for (const copy of this.rooms.values()) copy.forget();
    } else if (code !== "name_taken" && code !== "unavailable") {
      this.complaints.other.push(`${this.#name}: login: ${code}: ${content}`);
    }
    this.#line.cut();
  }

  /** Does what there is to do. */
  #act(): void {
    const copies = [...this.rooms.values()].filter(({ isCaughtUp }) => isCaughtUp);
    if (this.#chatter === undefined || copies.length < this.rooms.size) return;
    while (this.quota > 0 && this.#pending.size < this.#traits.ahead) {
      this.quota--;
      const me = this.user.id;
      const action = chooseAction(this.#random, copies, { me, edits: this.#edits + 1 });
      if (action.kind === "say") this.#say(action.room, action.reply_to);
      else if (action.kind === "upload") this.#upload(action.room);
      else this.#make(action.request, action.of);
    }
  }

  #say(room: string, reply_to?: number): void {
    const id = `${this.#name}-${++this.#ids}`;
    this.#request({ type: "user", room, content: id, id, ...(reply_to && { reply_to }) });
  }

  #request(request: Pending["request"], damages = this.damages): void {
    this.#pending.set(request.id, { request, damages });
    this.#send(request);
  }

  #make(request: ChangeRequest, of: string): void {
    if (this.#change !== undefined) return;
    const id = `change ${++this.#ids}`;
    if (request.type === "edit") this.#edits++;
    this.#change = { request, id, of, edit: this.#edits };
    this.#send({ ...request, id });
  }

  /** Uploads a small file, and announces it; half of the time after its line has broken. */
  async #upload(room: string): Promise<void> {
    const { damages } = this;
    this.#uploads++;
    const id = `${this.#name}-${++this.#ids}`;
    try {
      const response = await fetch(`http://127.0.0.1:${this.#line.port}/files?name=${id}.txt`, {
        method: "POST",
        body: `the file ${id}`,
        headers: { authorization: `Bearer ${this.#session}` },
      });
      if (!response.ok) await response.body?.cancel();
      else {
        const file: FileInfo = await response.json();
        if (this.#random.chance(0.5)) this.#line.cut();
        this.#request({ type: "file", room, content: file.id, id }, damages);
      }
    } catch {
      // The line broke: nothing is known to have been uploaded.
    }
    this.#uploads--;
    this.#changed.notify();
  }
}
