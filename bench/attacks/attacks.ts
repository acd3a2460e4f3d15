/**
 * What an attacker does to a server: each attack is a function that goes on until it is told to end. All come
 * from one address, with as many connections as they get.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** Where to attack, and for how long. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

type Attack = (target: Target) => Promise<void>;

/** Connections of an attack: as many as one address may have. */
const CONNECTIONS = 100;

/** Connections of an attack that sends much on each. */
const LOUD = 20;

const MIB = 1024 * 1024;

/** What is no attack: shows what the machine adds by itself. */
export const CONTROLS: Readonly<Record<string, Attack>> = {
  "nothing": ({ signal }) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
  "connections to another program": async (target) => {
    const listener = Deno.listen({ hostname: target.host, port: 0 });
    target.signal.addEventListener("abort", () => listener.close());
    const closing = async () => {
      for await (const connection of listener) connection.close();
    };
    await Promise.all([closing(), connectInVain({ ...target, port: listener.addr.port })]);
  },
};

/** Attacks by name. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  "unfinished frames of 63 MiB": (target) =>
    many(CONNECTIONS, target, async (pipe) => {
      await pipe.upgrade("/ws");
      await pipe.write(frameHeader(0x81, 63 * MIB));
      await pipe.pour(() => new Uint8Array(65_536));
    }),
  "fragments without end": (target) =>
    many(CONNECTIONS, target, async (pipe) => {
      await pipe.upgrade("/ws");
      await pipe.write(frame(0x01, new Uint8Array(1000)));
      await pipe.pour(() => frame(0x00, new Uint8Array(32_768)));
    }),
  "brackets before the login": (target) =>
    many(LOUD, target, async (pipe) => {
      await pipe.upgrade("/ws");
      await pipe.pour(() => text("[".repeat(60_000)));
    }),
  "brackets after the login": (target) =>
    loggedIn(LOUD, target, (pipe) => pipe.pour(() => text("[".repeat(250_000)))),
  "reactions": (target) =>
    loggedIn(LOUD, target, async (pipe) => {
      await pipe.write(request({ type: "user", content: "x" }));
      const emoji = ["👍", "🎉", "😀", "🚀", "❤️"];
      let n = 0;
      await pipe.pour(() => request({ type: "react", seq: 1, content: emoji[n++ % 5] }));
    }),
  "messages": (target) =>
    loggedIn(LOUD, target, (pipe) => pipe.pour(() => request({ type: "user", content: "spam" }))),
  "rooms": (target) =>
    loggedIn(
      LOUD,
      target,
      (pipe) =>
        pipe.pour(() =>
          request({ type: "join", room: `r${Math.random().toString(36).slice(2, 12)}` })
        ),
    ),
  "joining and leaving": (target) =>
    loggedIn(
      LOUD,
      target,
      (pipe) =>
        pipe.pour(() => request({ type: "join", room: "here" }, { type: "leave", room: "here" })),
    ),
  "searches": (target) =>
    loggedIn(LOUD, target, (pipe) => pipe.pour(() => request({ type: "search", content: "a" }))),
  "pages of history": (target) =>
    loggedIn(LOUD, target, (pipe) => pipe.pour(() => request({ type: "history", limit: 200 }))),
  "names": (target) =>
    loggedIn(
      LOUD,
      target,
      (pipe) =>
        pipe.pour(() =>
          request({ type: "rename", content: `n${Math.random().toString(36).slice(2, 9)}` })
        ),
    ),
  "pings of the protocol": (target) =>
    loggedIn(LOUD, target, (pipe) => pipe.pour(() => frame(0x89, new Uint8Array(125)))),
  "logins and logouts": (target) =>
    loggedIn(LOUD, target, (pipe) =>
      pipe.pour(() =>
        request({ type: "logout" }, {
          type: "login",
          content: `l${Math.random().toString(36).slice(2, 9)}`,
        })
      )),
  "connections": connectInVain,
  "silent TCP connections": (target) => many(400, target, (pipe) => pipe.rest()),
  "heads by the byte": (target) =>
    many(CONNECTIONS, target, async (pipe) => {
      await pipe.write("GET / HTTP/1.1\r\nHost: x\r\n");
      await pipe.drip("x-filler: ");
    }),
  "bodies by the byte": (target) =>
    many(CONNECTIONS, target, async (pipe) => {
      const head = "POST /api/session HTTP/1.1\r\nHost: HOST\r\ncontent-type: application/json\r\n";
      await pipe.write(`${head}content-length: 10000\r\n\r\n`);
      await pipe.drip("{");
    }),
  "sign-ins with wrong passwords": (target) =>
    repeat(target, 20, async (pipe) => {
      const name = `u${Math.floor(Math.random() * 1000)}`;
      await pipe.ask("POST", "/api/session", { name, password: "wrong password" });
    }),
  "closes": (target) =>
    many(LOUD, target, async (pipe) => {
      await pipe.upgrade("/ws");
      await pipe.write(frame(0x88, new Uint8Array([3, 232])));
      await pipe.rest();
    }),
  "typing": (target) =>
    loggedIn(LOUD, target, (pipe) => pipe.pour(() => request({ type: "typing" }))),
  "uploads in no message": (target) =>
    repeat(target, 4, async (pipe) => {
      const name = `f${Math.random().toString(36).slice(2, 9)}`;
      const { session } = JSON.parse(await pipe.ask("POST", "/api/session", { name }));
      for (let n = 0; n < 20; n++) await pipe.upload(session, new Uint8Array(MIB).fill(n));
    }),
  "pages and files of the page": (target) =>
    repeat(target, 20, async (pipe) => void await pipe.ask("GET", "/static/page/main.js")),
  "readers that do not read": (target) =>
    loggedIn(CONNECTIONS, target, async (pipe) => {
      pipe.pause();
      await pipe.pour(() => request({ type: "history", limit: 200 }));
    }),
};

/** Opens and closes connections. */
function connectInVain(target: Target): Promise<void> {
  return repeat(target, 50, async (pipe) => {
    await pipe.upgrade("/ws").catch(() => {});
    pipe.end();
  });
}

/** Runs one attack on many connections, each of which begins anew when it is cut. */
async function many(
  count: number,
  target: Target,
  attack: (pipe: Pipe) => Promise<void>,
): Promise<void> {
  await repeat(target, count, attack, 100);
}

/** The same, as guests in the lobby. */
function loggedIn(count: number, target: Target, attack: (pipe: Pipe) => Promise<void>) {
  return many(count, target, async (pipe) => {
    await pipe.upgrade("/ws");
    const content = `a${Math.random().toString(36).slice(2, 10)}`;
    await pipe.write(request({ type: "login", content }));
    await attack(pipe);
  });
}

/** Does something again and again, so many at a time. */
async function repeat(
  target: Target,
  count: number,
  attack: (pipe: Pipe) => Promise<void>,
  pauseMs = 0,
): Promise<void> {
  const worker = async () => {
    while (!target.signal.aborted) {
      const pipe = new Pipe(target);
      await attack(pipe).catch(() => {});
      pipe.end();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
}

/** A TCP connection of the attacker. */
class Pipe {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #host: string;
  readonly #closed: Promise<void>;
  #isClosed = false;

  constructor({ host, port, signal }: Target) {
    this.#host = `${host}:${port}`;
    this.#signal = signal;
    this.#socket = connect(port, host);
    this.#closed = new Promise((resolve) => {
      const close = () => {
        this.#isClosed = true;
        resolve();
      };
      this.#socket.on("error", close).on("close", close);
      signal.addEventListener("abort", close);
    });
    this.#socket.on("data", () => {});
  }

  /** Asks for a WebSocket; rejects if it is refused. */
  async upgrade(path: string): Promise<void> {
    const key = randomBytes(16).toString("base64");
    const answer = new Promise<string>((resolve) =>
      this.#socket.once("data", (data) => resolve(String(data)))
    );
    await this.write(
      `GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: hubbub.v1\r\n\r\n`,
    );
    const head = await Promise.race([answer, this.#closed]);
    if (typeof head !== "string" || !head.startsWith("HTTP/1.1 101")) throw new Error("Refused");
  }

  /** Sends a request on a connection of its own; resolves to the body of the answer. */
  async ask(method: string, path: string, body?: object): Promise<string> {
    const response = await fetch(`http://${this.#host}${path}`, {
      method,
      signal: this.#signal,
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    return await response.text();
  }

  /** Uploads a file on a connection of its own. */
  async upload(session: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const response = await fetch(`http://${this.#host}/files?name=a.bin`, {
      method: "POST",
      signal: this.#signal,
      headers: { authorization: `Bearer ${session}` },
      body,
    });
    await response.body?.cancel();
  }

  /** Sends, and waits while the system takes no more. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#isClosed) throw new Error("Closed");
    if (this.#socket.write(data)) return;
    const drained = new Promise<void>((resolve) => this.#socket.once("drain", () => resolve()));
    await Promise.race([drained, this.#closed]);
  }

  /** Sends one thing after the other, as fast as they are taken. */
  async pour(next: () => Uint8Array): Promise<void> {
    for (let n = 0; !this.#isClosed && !this.#signal.aborted; n++) {
      await this.write(next());
      // Lets the other connections have their turn.
      if (n % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Sends one thing a second. */
  async drip(data: string): Promise<void> {
    while (!this.#isClosed && !this.#signal.aborted) {
      await this.write(data);
      await Promise.race([this.#closed, new Promise((resolve) => setTimeout(resolve, 1000))]);
    }
  }

  /** Does nothing until it is cut. */
  async rest(): Promise<void> {
    await this.#closed;
  }

  pause(): void {
    this.#socket.pause();
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** A masked frame (RFC 6455 §5.2), with a mask of zeros. */
function frame(first: number, payload: Uint8Array): Uint8Array {
  const header = frameHeader(first, payload.length);
  const whole = new Uint8Array(header.length + payload.length);
  whole.set(header);
  whole.set(payload, header.length);
  return whole;
}

function frameHeader(first: number, length: number): Uint8Array {
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const header = new Uint8Array(size + 4);
  const view = new DataView(header.buffer);
  header[0] = first;
  header[1] = 0x80 | (size === 2 ? length : size === 4 ? 126 : 127);
  if (size === 4) view.setUint16(2, length);
  if (size === 10) view.setBigUint64(2, BigInt(length));
  return header;
}

function text(content: string): Uint8Array {
  return frame(0x81, new TextEncoder().encode(content));
}

function request(...requests: object[]): Uint8Array {
  return text(requests.map((one) => JSON.stringify(one)).join("\n"));
}
