/**
 * Somebody who talks without a pause through a line that breaks: connects again, resumes, and sends
 * again what was not shown to it. Remembers everything that it was shown.
 *
 * @module
 */
import type { ServerMessage, UserMessage } from "../../protocol.ts";
import type { Chatter } from "./chatter.ts";
import { Condition } from "./condition.ts";
import { DEADLINE, within } from "./within.ts";

/** Messages that are said ahead of what has come back. */
const AHEAD = 20;

/** See above. */
export class Talker {
  readonly name: string;
  /** Every message that it was shown, by `seq`. */
  readonly shown = new Map<number, UserMessage>();
  /** What was wrong with what it was shown. */
  readonly complaints: string[] = [];
  /** How many messages it has said. */
  said = 0;
  readonly #done: Promise<void>;
  readonly #connect: () => Promise<Chatter>;
  readonly #pending = new Map<string, object>();
  #last = 0;
  #epoch: string | undefined;
  #session: string | undefined;
  #user: string | undefined;
  /** Logins without a session. */
  #logins = 0;
  #stopping = false;
  readonly #progress = new Condition();

  /** @param connect waits until the server can be reached, and connects */
  constructor(name: string, connect: () => Promise<Chatter>) {
    this.name = name;
    this.#connect = connect;
    this.#done = this.#run();
  }

  /** Says nothing new any more. */
  stop(): void {
    this.#stopping = true;
  }

  /** Waits until it has been shown so many messages. */
  async reached(count: number): Promise<void> {
    await this.#progress.until(
      () => `${count} messages shown to ${this.name}, after ${this.shown.size}`,
      () => this.shown.size >= count || undefined,
    );
  }

  /** Waits until it has ended, with nothing left that it said and was not shown. */
  done(): Promise<void> {
    const what = () => `${this.name} to be shown ${[...this.#pending.keys()]}`;
    return within(DEADLINE, what, this.#done);
  }

  async #run(): Promise<void> {
    while (!this.#stopping || this.#pending.size > 0) {
      // The server may be killed before it answers.
      const chatter = await this.#connect().catch(() => undefined);
      if (chatter !== undefined) await this.#talkUntilBroken(chatter);
    }
  }

  async #talkUntilBroken(chatter: Chatter): Promise<void> {
    try {
      await this.#talk(chatter);
    } catch (error) {
      // Only a line that breaks excuses a failure.
      await chatter.socket.closed.catch(() => {
        throw error;
      });
    }
  }

  async #talk(chatter: Chatter): Promise<void> {
    const { epoch } = await chatter.next("handshake");
    await this.#enter(chatter, this.#epoch ?? epoch);
    this.#epoch = epoch;
    const again = [...this.#pending.values()];
    if (again.length > 0) await chatter.send(...again);
    while (!this.#stopping || this.#pending.size > 0) {
      await this.#say(chatter);
      this.#take(await chatter.message());
    }
    await chatter[Symbol.asyncDispose]();
  }

  /** Logs in, as the same user each time. */
  async #enter(chatter: Chatter, epoch: string): Promise<void> {
    await chatter.send({
      type: "login",
      since: this.#last,
      epoch,
      ...(this.#session === undefined
        ? { content: this.#freshName() }
        : { session: this.#session }),
    });
    const { user, session } = await chatter.next("login", ({ user }) => user !== undefined);
    this.#session ??= session;
    this.#user ??= user?.id;
    if (user?.id !== this.#user) this.complaints.push(`${this.#user} became ${user?.id}`);
  }

  /** The guest of a login whose answer was lost has the name until the server has seen the line break. */
  #freshName(): string {
    return this.#logins++ === 0 ? this.name : `${this.name}+${this.#logins}`;
  }

  async #say(chatter: Chatter): Promise<void> {
    while (!this.#stopping && this.#pending.size < AHEAD) {
      const id = `${this.name}-${++this.said}`;
      const request = { type: "user", content: `says ${id}`, id };
      this.#pending.set(id, request);
      await chatter.send(request);
    }
  }

  #take(message: ServerMessage): void {
    if (message.type === "error") this.complaints.push(`${message.code}: ${message.content}`);
    if (message.type === "user") this.#see(message);
    if (message.type === "history") {
      if (!message.complete) this.complaints.push("a resume was not complete");
      for (const one of message.messages) this.#see(one);
    }
    this.#progress.notify();
  }

  #see({ repeat: _repeat, ...message }: UserMessage): void {
    const { seq, by, id } = message;
    if (by === this.#user) this.#pending.delete(id ?? "");
    const earlier = this.shown.get(seq);
    if (earlier !== undefined && earlier.id !== id) {
      this.complaints.push(`${seq} was ${earlier.id} and became ${id}`);
    }
    if (seq > this.#last + 1) this.complaints.push(`${seq} came after ${this.#last}`);
    this.shown.set(seq, message);
    this.#last = Math.max(this.#last, seq);
  }
}
