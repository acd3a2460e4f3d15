/**
 * The rule of the log: after any return, what a client holds, made of events only, equals what a fresh one
 * would read, whatever was killed, put back, removed or changed meanwhile.
 *
 * @module
 */
import fc from "fast-check";
import { applyChange, type HubbubClient } from "../../sdk/hubbub.js";
import type { UserMessage } from "../../protocol.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { FakeWorld, idOf } from "./fakes.ts";
import { ME, ModelConnection, ModelServer, PAGE } from "./model_server.ts";

const BO = { id: idOf("bo"), name: "bo" };
const EMOJI = ["👍", "🎉"];

/** What somebody who listens knows of the room. */
class Copy {
  readonly held = new Map<number, UserMessage>();
  /** What was told as `message`. */
  readonly heard: UserMessage[] = [];

  constructor(client: HubbubClient) {
    client.on("restart", () => this.held.clear());
    client.on("history", ({ messages }) => this.add(messages));
    client.on("user", (message) => this.add([message]));
    client.on("message", (message) => this.heard.push(message));
    client.on("changed", ({ messages }) => {
      this.add(messages.filter(({ seq }) => this.held.has(seq)));
    });
    for (const type of ["edit", "delete", "react"] as const) {
      client.on(type, (event) => {
        const message = this.held.get(event.seq);
        if (message) this.held.set(event.seq, applyChange(message, event, ME.id));
      });
    }
  }

  add(messages: UserMessage[]): void {
    for (const { repeat: _, ...message } of messages) this.held.set(message.seq, message);
  }

  get messages(): UserMessage[] {
    return [...this.held.values()].sort((a, b) => a.seq - b.seq);
  }
}

const STEPS = [
  "say",
  "edit",
  "delete",
  "react",
  "say lost",
  "react lost",
  "own say",
  "own edit",
  "own react",
  "older page",
  "retain",
  "back up",
  "restore",
  "restore by hand",
  "restart",
  "break",
  "come back",
  "fail",
  "read",
  "answer",
] as const;

const steps = fc.array(
  fc.record({ what: fc.constantFrom(...STEPS), dice: fc.nat(1_000) }),
  { minLength: 10, maxLength: 120 },
);

/** One client of one server, over as many connections as it takes. */
class Play {
  readonly server = new ModelServer();
  readonly #world = new FakeWorld();
  readonly #client = this.#world.client();
  readonly copy = new Copy(this.#client);
  #connection: ModelConnection | undefined;
  #count = 0;

  async start(): Promise<void> {
    this.#client.start();
    this.#connection = new ModelConnection(this.server, this.#world.socket);
    await this.settle();
  }

  async step(what: typeof STEPS[number], dice: number): Promise<void> {
    if (dice % 3 > 0) this.server.tick();
    this.#do(what, dice);
    await settle();
    this.#connection?.take();
    await settle();
  }

  /** Lets everything come that is on its way; the client is online then. */
  async settle(): Promise<void> {
    this.#comeBack();
    for (let i = 0; i < 100; i++) {
      this.#connection?.take();
      this.#connection?.work(false);
      await settle();
      this.#world.advance(10);
      await settle();
      if (this.#connection?.isBusy === false && this.#client.queue.size === 0 && i > 20) return;
    }
    throw new Error("Cannot settle: something is on its way for ever");
  }

  async breakAndSettle(): Promise<void> {
    this.#break();
    await this.settle();
  }

  #do(what: typeof STEPS[number], dice: number): void {
    const all = this.server.messages;
    const { seq = 0 } = all[dice % Math.max(1, all.length)] ?? {};
    // Nobody changes what they do not see; what is shown of lost data is not to be changed either.
    const shown = this.copy.messages.filter((message) =>
      all.some(({ seq, time }) => seq === message.seq && time === message.time)
    );
    const { seq: own = 0 } = shown[dice % Math.max(1, shown.length)] ?? {};
    const emoji = EMOJI[dice % 2] ?? "";
    const text = `text ${++this.#count}`;
    switch (what) {
      case "say":
        return this.#connection?.tell(this.server.say(BO, text));
      case "say lost":
        return void this.server.say(BO, text);
      case "edit":
      case "delete":
        return this.#amend(what, seq, text);
      case "react":
        return this.#amend(what, seq, emoji);
      case "react lost":
        return void this.server.amend("react", seq, BO, emoji);
      case "own say":
        return void this.#client.say("lobby", text);
      case "own edit":
        return this.#ask({ type: "edit", room: "lobby", seq: own, content: text });
      case "own react":
        return this.#ask({ type: "react", room: "lobby", seq: own, content: emoji });
      case "older page":
        return this.#readOlder();
      case "retain":
        return this.server.retain(dice % 8);
      case "back up":
        return this.server.backUp();
      case "restore":
      case "restore by hand":
        this.#break();
        return this.server.restore(dice, what === "restore" ? "new" : "same");
      case "restart":
        this.#break();
        return this.server.start();
      case "break":
        return this.#break();
      case "come back":
        return this.#comeBack();
      case "fail":
        if (this.#connection) this.#connection.fails = true;
        return;
      case "read":
      case "answer":
        this.#connection?.work(what === "read");
    }
  }

  #amend(type: "edit" | "delete" | "react", seq: number, content: string): void {
    const event = this.server.amend(type, seq, BO, content);
    if (event !== undefined) this.#connection?.tell(event);
  }

  #ask(question: Parameters<HubbubClient["ask"]>[0]): void {
    // Who asks while the connection breaks is told so.
    this.#client.ask(question).catch(() => {});
  }

  /** What is read belongs to what is held then, unless that was given up meanwhile. */
  #readOlder(): void {
    const [oldest] = this.copy.messages;
    if (oldest === undefined || !this.#client.isOnline) return;
    const ask = { type: "history", room: "lobby", before: oldest.seq, limit: PAGE } as const;
    this.#client.ask(ask).then(({ messages }) => {
      if (this.copy.messages[0]?.seq === oldest.seq) this.copy.add(messages);
    }, () => {});
  }

  #break(): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    this.#world.socket.break();
  }

  #comeBack(): void {
    if (this.#connection !== undefined) return;
    const { length } = this.#world.sockets;
    while (this.#world.sockets.length === length) this.#world.advance(100);
    this.#connection = new ModelConnection(this.server, this.#world.socket);
  }
}

Deno.test("a returning client holds what a fresh one would read, whatever happened meanwhile", async () => {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const play = new Play();
      await play.start();
      for (const { what, dice } of all) await play.step(what, dice);
      await play.breakAndSettle();
      const { messages: held } = play.copy;
      const fresh = play.server.messages;
      const first = held[0]?.seq ?? Infinity;
      assertEquals(held, fresh.filter(({ seq }) => seq >= first));
      assert(held.length >= Math.min(PAGE, fresh.length));
      checked += held.length;
    }),
    { numRuns: 500 },
  );
  assert(checked > 300, "hardly anything was compared");
});
