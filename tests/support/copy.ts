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
import { type Pending, Said } from "./copy_said.ts";
import { type ChangeRequest, chooseAction } from "./copy_traffic.ts";
import type { FaultLine } from "./fault_line.ts";
import type { Random } from "./random.ts";

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

const BACKOFF_MS = 20;

/** See above. Stops at the end of its scope. */
export class Copy implements AsyncDisposable {
  readonly name: string;
  readonly withRun: boolean;
  readonly rooms: ReadonlyMap<string, RoomCopy>;
  readonly said = new Said();
  readonly complaints: Complaints = noComplaints();
  /** How many messages it has received, and how many actions it still has to do. */
  heard = 0;
  quota = 0;
  /** The name and id of the user that it is. */
  user = { id: "", name: "" };
  readonly #line: FaultLine;
  readonly #random: Random;
  readonly #traits: Traits;
  readonly #changed = new Condition();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #done: Promise<void>;
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
  #isSilent = false;
  #isStopping = false;

  constructor(
    name: string,
    rooms: readonly string[],
    { line, random, traits }: { line: FaultLine; random: Random; traits: Traits },
  ) {
    this.name = name;
    this.#line = line;
    this.#random = random;
    this.#traits = traits;
    this.withRun = traits.withRun;
    this.rooms = new Map(rooms.map((room) => [room, new RoomCopy(room, this.complaints)]));
    this.#done = this.#run();
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

  /** Has this much more to do; if it is silent, only to change what there is. */
  give(quota: number, isSilent = false): void {
    this.quota += quota;
    this.#isSilent = isSilent;
    this.#act();
  }

  /** Forgets what it has of a room. No effect on what it was acknowledged. */
  forget(room: string): void {
    this.rooms.get(room)?.forget();
    this.said.forgetChange(room);
  }

  /** Waits until something is so, looking after each thing that happens to it. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    await this.#changed.until(() => `${what}; ${this}`, () => isSo() || undefined);
  }

  /** Waits until it is back everywhere, has done all that it had to do, and everything is acknowledged. */
  idle(): Promise<void> {
    return this.until("everything to be acknowledged", () => this.isIdle);
  }

  toString(): string {
    const waits = [...this.rooms.values()].filter(({ isCaughtUp }) => !isCaughtUp);
    return `${this.name}: connected ${this.#chatter !== undefined}, quota ${this.quota}, ` +
      `unacknowledged ${
        [...this.said.pending.keys()].slice(0, 5)
      }, change ${this.said.change?.id}, ` +
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

  get isIdle(): boolean {
    return this.#chatter !== undefined && this.quota === 0 && this.said.pending.size === 0 &&
      this.said.change === undefined && this.#uploads === 0 && this.#paging.size === 0 &&
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
      if (chatter === undefined) await new Promise((done) => setTimeout(done, BACKOFF_MS));
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
    for (const copy of this.rooms.values()) {
      copy.isCaughtUp = false;
      if (copy.isTorn) this.forget(copy.room);
    }
    // A reaction is taken back if it is sent again.
    if (this.said.change?.request.type === "react") this.said.change = undefined;
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
      ...copy.position(this.withRun),
    }));
    const who = this.#session === undefined
      ? { content: this.#freshName(), remember: true }
      : { session: this.#session };
    const joins = others.map((seen) => ({ type: "join", id: `enter ${seen.room}`, ...seen }));
    this.#send({ type: "login", id: "login", ...first, ...who }, ...joins);
    if (this.#traits.eager && this.#session !== undefined) this.#send(...this.said.again);
  }

  /** If the answer to a login was lost, another guest has the name. */
  #freshName(): string {
    return this.#logins++ === 0 ? this.name : `${this.name}+${this.#logins}`;
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
        if (message.by === this.user.id) this.said.changed(message.id);
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
      this.complaints.other.push(`${this.name}: ${this.user.id} became ${user.id}`);
    }
    this.user = user;
    this.#session ??= session;
    for (const copy of this.rooms.values()) copy.me = user.id;
  }

  #hear(message: UserMessage): void {
    const wasPending = this.#acknowledge(message);
    if (message.repeat) {
      this.said.counts.repeats++;
      if (!wasPending && this.said.acknowledged.get(message.id ?? "")?.seq !== message.seq) {
        this.complaints.other.push(`a repeat of ${message.id}, which was not said again`);
      }
      return;
    }
    this.rooms.get(message.room)?.said(message);
  }

  /** Returns whether this message waited for it. */
  #acknowledge(message: UserMessage): boolean {
    const result = this.said.acknowledge(message, this.user.id);
    if (typeof result === "string") this.complaints.other.push(result);
    return result !== false;
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
    this.said.counts.returns++;
    if (!history.complete) {
      this.said.forgetChange(copy.room);
      this.#readBack(copy, this.#traits.pages);
    } else if (this.said.change?.request.room === copy.room) {
      this.#send({ ...this.said.change.request, id: this.said.change.id });
    }
    const all = [...this.rooms.values()];
    if (!all.every(({ isCaughtUp }) => isCaughtUp)) return;
    if (!this.#traits.eager) this.#send(...this.said.again);
    // As one does who has not noticed that it was acknowledged.
    const last = [...this.said.acknowledged.values()].at(-1);
    if (last !== undefined && last.by === this.user.id) this.#send(last.request);
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

  #takeError(error: ErrorMessage): void {
    const { code, content, id = "", retry_ms = 100 } = error;
    if (id === "login") return this.#loginFailed(code, content);
    const isTemporary = code === "unavailable" || code === "rate_limited";
    if (id.startsWith("page")) this.#paging.delete(id.slice("page ".length));
    else if (isTemporary && (this.said.pending.has(id) || id.startsWith("enter"))) {
      this.#later(retry_ms, () => this.#again(id));
    } else if (!this.said.refused(error) && !isTemporary) {
      this.complaints.other.push(`${this.name}: ${id}: ${code}: ${content}`);
    }
  }

  #again(id: string): void {
    const pending = this.said.pending.get(id);
    if (pending !== undefined) return this.#send(pending.request);
    const copy = this.rooms.get(id.slice("enter ".length));
    if (copy === undefined) return;
    this.#send({ type: "join", id, room: copy.room, ...copy.position(this.withRun) });
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
      this.said.abandon();
      for (const copy of this.rooms.values()) copy.forget();
    } else if (code !== "name_taken" && code !== "unavailable") {
      this.complaints.other.push(`${this.name}: login: ${code}: ${content}`);
    }
    this.#line.cut();
  }

  /** Does what there is to do. */
  #act(): void {
    const copies = [...this.rooms.values()].filter(({ isCaughtUp }) => isCaughtUp);
    if (this.#chatter === undefined || copies.length < this.rooms.size) return;
    while (this.quota > 0 && this.said.pending.size < this.#traits.ahead) {
      if (this.#isSilent && this.said.change !== undefined) return;
      this.quota--;
      const own = { me: this.user.id, edits: this.#edits + 1, isSilent: this.#isSilent };
      const action = chooseAction(this.#random, copies, own);
      if (action?.kind === "say") this.#say(action.room, action.reply_to);
      else if (action?.kind === "upload") this.#upload(action.room);
      else if (action) this.#make(action.request, action.of);
    }
  }

  #say(room: string, reply_to?: number): void {
    const id = `${this.name}-${++this.#ids}`;
    this.#request({ type: "user", room, content: id, id, ...(reply_to && { reply_to }) });
  }

  #request(request: Pending["request"], damages = this.said.damages): void {
    this.said.pending.set(request.id, { request, damages });
    this.#send(request);
  }

  #make(request: ChangeRequest, of: string): void {
    if (this.said.change !== undefined) return;
    const id = `${this.name} changes ${++this.#ids}`;
    if (request.type === "edit") this.#edits++;
    this.said.change = { request, id, of, edit: this.#edits };
    this.#send({ ...request, id });
  }

  /** Uploads a small file, and announces it; half of the time after its line has broken. */
  async #upload(room: string): Promise<void> {
    const { damages } = this.said;
    this.#uploads++;
    const id = `${this.name}-${++this.#ids}`;
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
