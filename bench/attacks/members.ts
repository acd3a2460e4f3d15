/**
 * The well-behaved members beside an attack: a pair at another address that exchanges messages.
 *
 * @module
 */
import { connect } from "node:net";
import WebSocket from "ws";
import { decodeFrame } from "../../protocol.ts";

/** The members' address; the attacker's is 127.0.0.1. */
const ADDRESS = "127.0.0.2";

/** Messages a second, half of them by each member: within the default `--rate`. */
const RATE = 20;

/** A pair of members. */
export class Pair {
  readonly #members: readonly WebSocket[];
  /** When each message was sent that has not arrived yet. */
  readonly #sent = new Map<string, number>();
  #latencies: number[] = [];
  #number = 0;
  #cut: string | undefined;
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(members: readonly WebSocket[]) {
    this.#members = members;
    // Each member waits for what the other says.
    members.forEach((member, at) => {
      member.on("close", (code, reason) => this.#cut ??= `cut with ${code} ${reason}`.trim());
      member.on("message", (data) => {
        for (const event of decodeFrame(String(data))) {
          if (event.type === "user") this.#receive(event.from, event.content, `m${1 - at}`);
        }
      });
    });
    this.#timer = setInterval(() => this.#say(), 1000 / RATE);
  }

  /** Connects both and logs them in. */
  static async enter(port: number): Promise<Pair> {
    const members = await Promise.all(["m0", "m1"].map((name) => logIn(port, name)));
    return new Pair(members);
  }

  /** Forgets what was measured. */
  reset(): void {
    this.#latencies = [];
    this.#sent.clear();
  }

  /** The 99th percentile in milliseconds; a message that has not arrived counts with its age. */
  p99(): number {
    const now = performance.now();
    const all = [...this.#latencies, ...[...this.#sent.values()].map((at) => now - at)];
    all.sort((a, b) => a - b);
    return all[Math.ceil(all.length * 0.99) - 1] ?? NaN;
  }

  /** How the server has disconnected a member, if it has: then the latency says nothing. */
  get cut(): string | undefined {
    return this.#cut;
  }

  leave(): void {
    clearInterval(this.#timer);
    for (const member of this.#members) member.terminate();
  }

  #say(): void {
    const content = `hello ${++this.#number}`;
    this.#sent.set(content, performance.now());
    const member = this.#members[this.#number % 2];
    if (member?.readyState !== WebSocket.OPEN) return;
    member.send(JSON.stringify({ type: "user", content }));
  }

  #receive(sender: string | undefined, content: string, from: string): void {
    const at = this.#sent.get(content);
    if (sender !== from || at === undefined) return;
    this.#latencies.push(performance.now() - at);
    this.#sent.delete(content);
  }
}

function logIn(port: number, name: string): Promise<WebSocket> {
  const createConnection = () => connect({ host: "127.0.0.1", port, localAddress: ADDRESS });
  const member = new WebSocket(`ws://127.0.0.1:${port}/ws`, ["hubbub.v1"], { createConnection });
  member.on("open", () => member.send(JSON.stringify({ type: "login", content: name })));
  return new Promise((resolve, reject) => {
    member.on("error", reject);
    member.on("message", (data) => {
      if (String(data).includes(`"type":"login"`)) resolve(member);
    });
  });
}
