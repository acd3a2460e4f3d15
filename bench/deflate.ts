/**
 * What permessage-deflate costs and saves: bytes on the wire, deliveries and the server's processor time, with
 * and without `--deflate`, for messages as people write them. The members say so many at a time; they take what
 * they are sent, compressed or not, and count its bytes.
 *
 *     deno run -A bench/deflate.ts [--members COUNT]
 *
 * Takes two minutes. Linux only: processor time is read from /proc.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { decodeFrame } from "../protocol.ts";
import { formatCount, formatRatio } from "./report/words.ts";
import { runCommand } from "./run/command.ts";
import { hubbub } from "./run/contestants.ts";
import { cpuSeconds } from "./run/proc.ts";
import { ServerProcess } from "./run/processes.ts";

/** Messages that are said at once, and mostly share a frame. */
const AT_ONCE = [1, 3, 10, 100, 1000];

const WARM_UP_MS = 1000;
const COUNT_MS = 3000;
/** Nothing arrives for this long, in milliseconds: everybody has entered. */
const QUIET_MS = 500;

/** Words by their rank: the first ones are said most often. */
const WORDS =
  ("the to I you a it and that is of in for we on have be do not this with at can but my so if are " +
    "just what they me was now get there about will one all up out know like when how think see here time good " +
    "need want work then meeting tomorrow thanks please maybe deploy server review coffee ticket weekend " +
    "screenshot release branch database customer yesterday question tonight train dinner holiday budget invoice " +
    "schedule document password calendar onboarding kubernetes accessibility").split(" ");

/** Something like what people write: a few words to a few sentences, by a generator that is always the same. */
function* sentences(): Generator<string, never> {
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (;;) {
    const words = Array.from(
      { length: 2 + Math.floor(30 * random() ** 2) },
      () => WORDS[Math.floor(WORDS.length * random() ** 2)] ?? "",
    );
    yield words.join(" ");
  }
}

/** What was counted. */
interface Result {
  readonly atOnce: number;
  readonly deliveries: number;
  /** Bytes of frames and their headers, for each delivery. */
  readonly bytes: number;
  /** Deliveries for each second of the server's processor time. */
  readonly efficiency: number;
}

const encoder = new TextEncoder();

/** A member that reads and does not look. */
class Member {
  bytes = 0;
  readonly #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    void this.#read();
  }

  static async enter(port: number, name: string): Promise<Member> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const member = new Member(connection);
    const head = [
      ...["GET /ws HTTP/1.1", `Host: 127.0.0.1:${port}`, "Upgrade: websocket"],
      ...["Connection: Upgrade", "Sec-WebSocket-Version: 13"],
      ...["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: hubbub.v1"],
      ...["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", "", ""],
    ];
    await connection.write(encoder.encode(head.join("\r\n")));
    await member.send({ type: "login", content: name });
    return member;
  }

  /** Sends a request, in a frame of 64 KiB at most. */
  async send(request: object): Promise<void> {
    const text = encoder.encode(JSON.stringify(request));
    const frame = new Uint8Array(8 + text.length);
    frame.set([0x81, 0x80 | 126, text.length >> 8, text.length & 255]);
    frame.set(text, 8);
    await this.#connection.write(frame);
  }

  close(): void {
    this.#connection.close();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(256 * 1024);
    try {
      for (;;) this.bytes += await this.#connection.read(buffer) ?? NaN;
    } catch {
      // Closed.
    }
  }
}

/** Sees which messages come, and has the members say as many again when all are there. */
class Observer {
  received = 0;
  readonly #socket: WebSocket;
  readonly #members: readonly Member[];
  readonly #sentences = sentences();
  readonly #atOnce: number;
  #said = 0;

  /** @param atOnce messages that are said together, when all before them have come */
  constructor(port: number, members: readonly Member[], atOnce: number) {
    this.#members = members;
    this.#atOnce = atOnce;
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, "hubbub.v1");
    this.#socket.onopen = () => this.#socket.send('{"type":"login","content":"observer"}');
    this.#socket.onmessage = ({ data }) => {
      const count = decodeFrame(String(data)).filter(({ type }) => type === "user");
      this.received += count.length;
      if (count.length > 0 && this.received === this.#said) this.say(this.#atOnce);
    };
  }

  /** Has the next members say something each. */
  say(count: number): void {
    for (let left = count; left > 0; left--) {
      const member = this.#members[this.#said++ % this.#members.length];
      // The end of the measurement closes what it is sent over.
      member?.send({ type: "user", content: this.#sentences.next().value }).catch(() => {});
    }
  }

  close(): void {
    this.#socket.close();
  }
}

async function measure(
  flags: readonly string[],
  members: number,
  atOnce: number,
): Promise<Result> {
  const data = await Deno.makeTempDir({ prefix: "hubbub-bench-" });
  const server = await ServerProcess.start(hubbub("node", { flags }).command(data));
  try {
    const everybody: Member[] = [];
    while (everybody.length < members) {
      everybody.push(await Member.enter(server.port, `member-${everybody.length}`));
    }
    const observer = new Observer(server.port, everybody, atOnce);
    const bytes = () => everybody.reduce((sum, member) => sum + member.bytes, 0);
    for (let before = -1; before !== bytes();) {
      before = bytes();
      await pause(QUIET_MS);
    }
    observer.say(atOnce);
    await pause(WARM_UP_MS);
    const look = () => ({
      bytes: bytes(),
      received: observer.received,
      cpu: cpuSeconds(server.pid) ?? NaN,
      time: performance.now(),
    });
    const before = look();
    await pause(COUNT_MS);
    const after = look();
    observer.close();
    for (const member of everybody) member.close();
    const deliveries = (after.received - before.received) * members;
    return {
      atOnce,
      deliveries: deliveries / (after.time - before.time) * 1000,
      bytes: (after.bytes - before.bytes) / deliveries,
      efficiency: deliveries / (after.cpu - before.cpu),
    };
  } finally {
    await server.stop();
    await Deno.remove(data, { recursive: true });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { members: { type: "string", default: "100" } } });
  const members = Number(values.members);
  console.log(
    "| messages at once | | deliveries a second | deliveries a second of processor time | bytes a delivery |",
  );
  console.log("| ---: | --- | ---: | ---: | ---: |");
  for (const atOnce of AT_ONCE) {
    for (const flags of [[], ["--deflate"]]) {
      const result = await measure(flags, members, atOnce);
      const cells = [
        String(atOnce),
        flags.map((flag) => `\`${flag}\``).join(""),
        formatCount(result.deliveries),
        formatCount(result.efficiency),
        formatRatio(result.bytes),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
}

if (import.meta.main) await runCommand(main);
