/**
 * A server with one room, as small as its promises: a log of messages and changes with retention, runs and
 * backups, and connections whose answers come when a test says so.
 *
 * @module
 */
import { applyChange } from "../../sdk/hubbub.js";
import type { Delete, Edit, History, React, UserMessage } from "../../protocol.ts";
import { type FakeSocket, idOf, presence } from "./fakes.ts";

/** Messages in a newest page. */
export const PAGE = 4;

/** Maximum number of messages, and of changed ones, that a resume replays. */
export const REPLAY = 9;

/** What a client says of itself when it comes back. */
type Request = FakeSocket["sent"][number];

type Event = UserMessage | Edit | Delete | React;

/** What survives the process, and is in a backup. */
interface Data {
  epoch: string;
  messages: UserMessage[];
  last: number;
  change: number;
  trimmed: number;
  /** `seq` → number of the last change to that message. */
  changedAt: Record<number, number>;
  runs: { run: string; before?: { last: number; change: number } }[];
}

/** Who reads and says what the client of the test does; all others are `bo`. */
export const ME = { id: idOf("ann"), name: "ann" };

export class ModelServer {
  #data: Data;
  #names = 0;
  #time = 1_000_000;
  readonly #backups: Data[] = [];

  constructor() {
    this.#data = {
      epoch: this.#name("epoch"),
      ...{ messages: [], last: 0, change: 0, trimmed: 0, changedAt: {}, runs: [] },
    };
    this.start();
  }

  get epoch(): string {
    return this.#data.epoch;
  }

  get run(): string {
    return this.#data.runs.at(-1)?.run ?? "";
  }

  get change(): number {
    return this.#data.change;
  }

  /** What is there, as a fresh reader sees it. */
  get messages(): UserMessage[] {
    return structuredClone(this.#data.messages);
  }

  /** The process is started on its data. */
  start(): void {
    this.tick();
    this.#data.runs.push({ run: this.#name("run") });
  }

  backUp(): void {
    this.#backups.push(structuredClone(this.#data));
  }

  /** Puts a backup back, by hand or so that the epoch is replaced. */
  restore(dice: number, epoch: "same" | "new"): void {
    const backup = this.#backups[dice % Math.max(1, this.#backups.length)];
    if (backup === undefined) return this.start();
    this.#data = structuredClone(backup);
    if (epoch === "new") this.#data.epoch = this.#name("epoch");
    this.start();
  }

  /** Time passes; not between all that happens. */
  tick(): void {
    this.#time++;
  }

  say(by: { id: string; name: string }, content: string, id?: string): UserMessage {
    const known = this.#data.messages.find((message) => message.by === by.id && message.id === id);
    if (id !== undefined && known !== undefined) return { ...known, repeat: true };
    this.#write();
    const message: UserMessage = {
      type: "user",
      room: "lobby",
      from: by.name,
      content,
      seq: ++this.#data.last,
      time: this.#time,
      by: by.id,
      ...(id !== undefined && { id }),
    };
    this.#data.messages.push(message);
    return { ...message };
  }

  /** Edits, deletes or reacts to a message, if there is one. */
  amend(
    type: "edit" | "delete" | "react",
    seq: number,
    by: { id: string; name: string },
    content: string,
  ): Edit | Delete | React | undefined {
    const { messages } = this.#data;
    const index = messages.findIndex((message) => message.seq === seq);
    const message = messages[index];
    if (message === undefined || message.deleted) return undefined;
    this.#write();
    const about = { room: "lobby", seq, from: by.name, by: by.id, change: ++this.#data.change };
    const before = message.reactions?.[content];
    const on = !before?.names.includes(by.name);
    const count = (before?.count ?? 0) + (on ? 1 : -1);
    const event: Edit | Delete | React = type === "edit"
      ? { type, ...about, content, time: this.#time }
      : type === "delete"
      ? { type, ...about }
      : { type, ...about, content, on, count };
    messages[index] = applyChange(message, event, ME.id);
    this.#data.changedAt[seq] = about.change;
    return event;
  }

  /** Removes the oldest messages but so many. Nobody is told. */
  retain(most: number): void {
    const { messages } = this.#data;
    if (messages.length <= most) return;
    this.#write();
    messages.splice(0, messages.length - most);
    this.#data.trimmed = ++this.#data.change;
  }

  /** The page that a `history` request asks for. */
  page({ before = Infinity, after, limit = PAGE, id }: Request): History {
    const range = this.messages.filter(({ seq }) => seq < before && seq > (after ?? 0));
    const messages = after === undefined ? range.slice(-limit) : range.slice(0, limit);
    return { ...this.#history(messages), complete: messages.length === range.length, id };
  }

  /** The answer to a claim. */
  resume(claim: Request): History {
    const messages = this.messages.filter(({ seq }) => seq > claim.since);
    const changed = this.messages.filter(({ seq }) =>
      seq <= claim.since && (this.#data.changedAt[seq] ?? 0) > (claim.changes ?? 0)
    );
    const fits = messages.length <= REPLAY && changed.length <= REPLAY;
    if (!fits || !this.#vouches(claim)) {
      return { ...this.#history(this.messages.slice(-PAGE)), complete: false };
    }
    return { ...this.#history(messages), complete: true, changed };
  }

  #vouches({ since, at, changes = 0, epoch, run }: Request): boolean {
    const { last, change, trimmed, messages, runs } = this.#data;
    const index = runs.findIndex((one) => one.run === run);
    if (epoch !== this.epoch || index < 0) return false;
    const limit = runs.slice(index + 1).find(({ before }) => before)?.before ?? { last, change };
    const known = messages.find(({ seq }) => seq === since);
    return since <= limit.last && changes <= limit.change && changes >= trimmed &&
      (known === undefined || at === undefined || known.time === at);
  }

  #history(messages: UserMessage[]): Omit<History, "complete"> {
    const { last, change } = this.#data;
    const ends = { first: messages[0]?.seq ?? 0, last: messages.at(-1)?.seq ?? last };
    return { type: "history", room: "lobby", messages, ...ends, change };
  }

  /** Notes what the room was before the first write of this run. */
  #write(): void {
    const run = this.#data.runs.at(-1);
    if (run) run.before ??= { last: this.#data.last, change: this.#data.change };
  }

  #name(kind: string): string {
    return `${kind}${++this.#names}`;
  }
}

/** An answer that is read from the log first and sent later. */
interface Answer {
  read(): void;
  send(): void;
  isRead: boolean;
}

/** The server's end of one connection of the client. */
export class ModelConnection {
  readonly #server: ModelServer;
  readonly #socket: FakeSocket;
  #taken = 0;
  #isInside = false;
  /** What happens while the answer to a claim is on its way. */
  #buffered: Event[] | undefined;
  readonly #answers: Answer[] = [];
  /** The next answer to a claim is that it cannot be read. */
  fails = false;

  constructor(server: ModelServer, socket: FakeSocket) {
    this.#server = server;
    this.#socket = socket;
    socket.greet(server.epoch, { rate: 0 }, undefined, server.run);
  }

  /** Takes the requests that have come, and tells others' clients what they did. */
  take(): void {
    while (this.#taken < this.#socket.sent.length) {
      const request = this.#socket.sent[this.#taken++];
      if (request !== undefined) this.#handle(request);
    }
  }

  /** Tells the client what somebody did. */
  tell(event: Event, id?: string): void {
    if (!this.#isInside) return;
    // The client's own changes are answered at once, whatever is on its way.
    const isOwnChange = id !== undefined && event.type !== "user";
    if (this.#buffered !== undefined && !isOwnChange) this.#buffered.push(event);
    else this.#socket.say({ ...event, ...(id !== undefined && { id }) });
  }

  /** Gets on with the answers: reads the first that is not read yet, or sends the first one. */
  work(readsFirst: boolean): void {
    const next = this.#answers.find(({ isRead }) => !isRead);
    if (readsFirst && next !== undefined) return next.read();
    const first = this.#answers.shift();
    if (first === undefined) return;
    if (!first.isRead) first.read();
    first.send();
  }

  get isBusy(): boolean {
    return this.#answers.length > 0 || this.#taken < this.#socket.sent.length;
  }

  #handle(request: Request): void {
    const { type, id, seq, content } = request;
    switch (type) {
      case "login":
      case "join":
        return this.#enter(request);
      case "history":
        return this.#answer(
          () => this.#server.page(request),
          (page) => this.#socket.say({ ...page }),
        );
      case "user":
        return this.tell(this.#server.say(ME, content, id), id);
      case "edit":
      case "delete":
      case "react": {
        const event = this.#server.amend(type, seq, ME, content);
        if (event === undefined) this.#socket.say({ type: "error", code: "no_such_message", id });
        else this.tell(event, id);
      }
    }
  }

  #enter(request: Request): void {
    const { id, type } = request;
    const user = { ...ME, role: "guest" };
    const answer = presence("login", "lobby", ME.name, [ME.name], id);
    this.#socket.say({ ...answer, ...(type === "login" && { user }) });
    this.#isInside = true;
    this.#buffered ??= [];
    this.#answer(() => this.fails ? undefined : this.#server.resume(request), (history) => {
      this.fails = false;
      const waiting = this.#buffered ?? [];
      this.#buffered = undefined;
      const failed = { type: "error", code: "unavailable", content: "", id, retry_ms: 100 };
      this.#socket.say({ ...history ?? failed });
      const { last, change } = history ?? { last: 0, change: 0 };
      for (const event of waiting) {
        // Whoever has said something is answered, whether the page has it or not.
        const isNews = "change" in event
          ? event.change > change
          : event.seq > last || event.by === ME.id;
        if (isNews) this.tell(event);
      }
    });
  }

  #answer<T>(read: () => T, send: (value: T) => void): void {
    let value: T;
    const answer: Answer = {
      isRead: false,
      read: () => {
        value = read();
        answer.isRead = true;
      },
      send: () => send(value),
    };
    this.#answers.push(answer);
  }
}
