/**
 * What was said and is not confirmed yet. One message is under way at a time, so that neither a
 * refusal nor a broken line can change their order; it is sent again with the same `id` until the
 * server has answered, and the server makes one message of it.
 *
 * @module
 */
import type {
  Direct,
  DirectRequest,
  ErrorMessage,
  FileRequest,
  Limits,
  UserMessage,
  UserRequest,
} from "../../protocol.ts";
import type { Clock } from "./clock.ts";

/** What waits for its confirmation. */
export type Kept = (UserRequest | FileRequest | DirectRequest) & { id: string };

/** What confirms it. */
export type Confirmation = UserMessage | Direct;

/** The server refused what was said; trying again would not help. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** As in the protocol; `lost` if the line broke before anything could be learned. */
  readonly code: ErrorMessage["code"] | "lost";

  constructor(code: ErrorMessage["code"] | "lost", message: string) {
    super(message);
    this.code = code;
  }
}

/** Refusals after which the same message may succeed. */
const PASSING: ReadonlySet<string> = new Set(["rate_limited", "unavailable"]);

/** How long to wait after a passing refusal that does not say, in milliseconds. */
const RETRY_MS = 1000;

/** Of the server's burst this part is used; the rest is left for what is asked beside messages. */
const BURST_SHARE = 0.5;

interface Entry {
  readonly request: Kept;
  resolve(confirmation: Confirmation): void;
  reject(reason: RefusedError): void;
}

/**
 * Messages in the order in which they were said.
 *
 * - {@linkcode add} waits in a line without bound: who adds in a loop must await each promise;
 * - nothing is sent until {@linkcode ready} says that the server listens;
 * - never faster than the rate that the server announced.
 */
export class Outbox {
  readonly #send: (request: Kept) => void;
  readonly #clock: Clock;
  #entries: Entry[] = [];
  #ready = false;
  #underWay = false;
  #interval = 0;
  #burst = 1;
  /** The rate is kept if nothing is sent before this time less the burst. */
  #due = 0;
  #cancel: () => void = () => {};

  constructor(send: (request: Kept) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** How many are not confirmed. */
  get size(): number {
    return this.#entries.length;
  }

  /**
   * Keeps a message until it is confirmed.
   *
   * @throws {RefusedError} (as a rejection) if the server refuses it for good
   */
  add(request: Kept): Promise<Confirmation> {
    const { promise, resolve, reject } = Promise.withResolvers<Confirmation>();
    this.#entries.push({ request, resolve, reject });
    this.#pump();
    return promise;
  }

  /** The server listens from now on, at most at this rate. */
  ready({ rate, burst }: Pick<Limits, "rate" | "burst">): void {
    this.#interval = rate > 0 ? 1000 / rate : 0;
    this.#burst = Math.max(1, Math.floor(burst * BURST_SHARE));
    this.#ready = true;
    this.#pump();
  }

  /** The line broke: what was under way goes out again when the server listens. */
  lost(): void {
    this.#ready = false;
    this.#cancel();
    const [first] = this.#entries;
    const wasUnderWay = this.#underWay;
    this.#underWay = false;
    if (!wasUnderWay || first?.request.type !== "direct") return;
    // The server keeps no direct messages, so it could not tell a second sending from a second message.
    this.#entries.shift();
    const reason = "Cannot tell whether the direct message arrived: the line broke; say it again";
    first.reject(new RefusedError("lost", reason));
  }

  /** Takes a confirmation in; what was not said here is passed over. */
  confirm(confirmation: Confirmation): void {
    const entry = this.#entries[0];
    if (entry === undefined || confirmation.id !== entry.request.id) return;
    this.#finish().resolve(confirmation);
    this.#pump();
  }

  /** Takes a refusal in. Returns whether it was about a message that was said here. */
  refuse({ id, code, content, retry_ms }: ErrorMessage): boolean {
    if (id === undefined || this.#entries[0]?.request.id !== id) return false;
    if (PASSING.has(code)) {
      this.#underWay = false;
      this.#due = this.#clock.now() + this.#burst * this.#interval;
      this.#pumpAfter(retry_ms ?? RETRY_MS);
    } else {
      this.#finish().reject(new RefusedError(code, content));
      this.#pump();
    }
    return true;
  }

  /** Gives everything up. */
  abandon(reason: RefusedError): void {
    this.#ready = false;
    this.#underWay = false;
    this.#cancel();
    for (const { reject } of this.#entries.splice(0)) reject(reason);
  }

  #finish(): Entry {
    const entry = this.#entries.shift();
    if (entry === undefined) throw new Error("Cannot finish message: none is under way");
    this.#underWay = false;
    return entry;
  }

  #pump(): void {
    this.#cancel();
    const [next] = this.#entries;
    if (next === undefined || !this.#ready || this.#underWay) return;
    const now = this.#clock.now();
    const wait = this.#due - now - (this.#burst - 1) * this.#interval;
    if (wait > 0) return this.#pumpAfter(wait);
    this.#due = Math.max(this.#due, now) + this.#interval;
    this.#underWay = true;
    this.#send(next.request);
  }

  #pumpAfter(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(Math.ceil(ms), () => this.#pump());
  }
}
