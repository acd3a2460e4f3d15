/**
 * Passwords: the rules for new ones, and their hashes (scrypt, RFC 7914).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { Refused } from "../protocol.ts";
import { hashOnThread } from "./password_thread.ts";

/** Shortest password, in code points (NIST SP 800-63B §5.1.1.2). */
export const MIN_PASSWORD_LENGTH = 8;

/** Longest password, in code points. */
export const MAX_PASSWORD_LENGTH = 256;

/** Cost of a hash. Memory: 128 · r · 2^ln bytes. */
export interface ScryptCost {
  /** Base-2 logarithm of the CPU and memory cost N. */
  readonly ln: number;
  /** Block size. */
  readonly r: number;
  /** How often the work is repeated, one after the other. */
  readonly p: number;
}

/**
 * 32 MiB and about a quarter of a second: one of the settings that the OWASP Password Storage Cheat Sheet
 * recommends as equally strong. Its first choice, ln = 17 and p = 1, takes 128 MiB.
 */
export const DEFAULT_COST: ScryptCost = { ln: 15, r: 8, p: 3 };

/** Length of salts and hashes, in bytes. */
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Hashes computed at the same time; one less than there are processors, if that is less. */
const MAX_RUNNING = Math.max(1, Math.min(2, navigator.hardwareConcurrency - 1));

/** Hashes that wait for their turn; beyond it nobody waits: it would take too long anyway. */
const MAX_WAITING = 32;

/** When to try again if too many wait, in milliseconds. */
const RETRY_MS = 2000;

/** The hash as it is stored, in the PHC string format. */
const STORED =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Computes scrypt without blocking the loop. */
export type Derive = (
  password: string,
  salt: Uint8Array,
  bytes: number,
  cost: ScryptCost,
) => Promise<Uint8Array>;

/** What {@linkcode Passwords} may be given. */
export interface PasswordsOptions {
  readonly cost?: ScryptCost;
  /** How many hashes are computed at the same time. */
  readonly concurrency?: number;
  readonly derive?: Derive;
}

/**
 * Hashes and verifies passwords.
 *
 * - Two hashes at most are computed at a time, and 32 wait: each takes 32 MiB and a thread of the lowest
 *   priority. So a crowd that signs in delays only itself.
 * - To verify takes as long without a hash as with one, so that the time does not tell who has a password.
 */
export class Passwords {
  readonly #cost: ScryptCost;
  readonly #concurrency: number;
  readonly #derive: Derive;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(
    { cost = DEFAULT_COST, concurrency = MAX_RUNNING, derive = deriveWithScrypt }:
      PasswordsOptions = {},
  ) {
    this.#cost = cost;
    this.#concurrency = concurrency;
    this.#derive = derive;
  }

  /** Number of hashes that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Hashes a new password.
   *
   * @throws {Refused} `bad_message` if it breaks the rules; `unavailable` if too many wait
   */
  async hash(password: string): Promise<string> {
    checkPassword(password);
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#queue(password, salt, HASH_BYTES, this.#cost);
    const { ln, r, p } = this.#cost;
    return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`;
  }

  /**
   * Verifies a password.
   *
   * @param stored the hash; `undefined` if there is none, which takes as long and is never right
   * @throws {Refused} `unavailable` if too many wait
   */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const { cost, salt, hash } = stored === undefined ? this.#dummy() : parse(stored);
    const actual = await this.#queue(password, salt, hash.length, cost);
    return timingSafeEqual(actual, hash) && stored !== undefined;
  }

  /** Whether a hash was made at another cost than new ones are. */
  needsRehash(stored: string): boolean {
    const { ln, r, p } = parse(stored).cost;
    return ln !== this.#cost.ln || r !== this.#cost.r || p !== this.#cost.p;
  }

  #dummy(): ParsedHash {
    const [salt, hash] = [new Uint8Array(SALT_BYTES), new Uint8Array(HASH_BYTES)];
    return { cost: this.#cost, salt, hash };
  }

  async #queue(
    password: string,
    salt: Uint8Array,
    bytes: number,
    cost: ScryptCost,
  ): Promise<Uint8Array> {
    if (this.#running < this.#concurrency) this.#running++;
    else await this.#wait();
    try {
      return await this.#derive(normalizePassword(password), salt, bytes, cost);
    } finally {
      const next = this.#waiting.shift();
      // Whoever waits takes over the place of this one.
      if (next !== undefined) next();
      else this.#running--;
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) {
      const problem = "too many people are signing in; try again in a moment";
      throw new Refused("unavailable", `Cannot check password: ${problem}`, RETRY_MS);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * Checks a new password.
 *
 * @throws {Refused} `bad_message`
 */
export function checkPassword(password: string): void {
  const problem = problemOf(password);
  if (problem !== undefined) {
    throw new Refused("bad_message", `Cannot set password: password must ${problem}`);
  }
}

function problemOf(password: string): string | undefined {
  if (!password.isWellFormed()) return "be well-formed Unicode";
  const { length } = [...normalizePassword(password)];
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH) {
    return `have ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`;
  }
  return /\p{Cc}/u.test(password) ? "not contain control characters" : undefined;
}

/**
 * The form in which passwords are compared, whichever keyboard they were typed on: the OpaqueString profile
 * (RFC 8265 §4.2.2), which maps all spaces to U+0020 and normalizes to NFC.
 */
export function normalizePassword(password: string): string {
  return password.replace(/\p{Zs}/gu, " ").normalize("NFC");
}

interface ParsedHash {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** @throws {Error} if it is no hash of ours; the message does not contain it */
function parse(stored: string): ParsedHash {
  const [, ln, r, p, salt, hash] = STORED.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new Error("Cannot read password hash: it must be a PHC string of scrypt");
  }
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

/** Base64 without padding, as the PHC string format asks for. */
function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

const deriveWithScrypt: Derive = (password, salt, bytes, { ln, r, p }) => {
  const N = 2 ** ln;
  // The default bound of 32 MiB is just too small; what is needed is a little more than 128 · N · r.
  const options = { N, r, p, maxmem: 2 * 128 * N * r };
  return hashOnThread({ password, salt, bytes, options });
};
