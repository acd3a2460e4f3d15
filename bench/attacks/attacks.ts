/**
 * What one attacker does to a server with the default limits, each as long as it is not stopped.
 *
 * @module
 */
import type { Socket } from "node:net";
import {
  CONTINUATION,
  frame,
  line,
  open,
  openWebSocket,
  PING,
  type Target,
  write,
} from "./wire.ts";

/** An attack. */
export interface Attack {
  readonly name: string;
  /** Prepares it: what it opens once, before the first step. */
  prepare?(target: Target): Promise<Socket[]>;
  /** One step; called without a pause, but the event loop turns in between. `n` counts from 0. */
  step?(target: Target, sockets: Socket[], n: number): unknown;
  /** Pause between two steps, in milliseconds. */
  readonly every: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The maximum frame of the protocol, filled with what is slowest to parse. */
const BRACKETS = frame("[".repeat(256 * KIB));

/** Connections that an attack holds. */
const MANY = 100;

/** Opens WebSockets; those that are refused are left out. */
async function webSockets(target: Target, count: number): Promise<Socket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => openWebSocket(target)));
  return sockets.filter((socket) => !socket.destroyed);
}

/** Logs in a number of guests, in one room each. */
async function guests(target: Target, count: number): Promise<Socket[]> {
  const sockets = await webSockets(target, count);
  for (const [at, socket] of sockets.entries()) {
    write(socket, line({ type: "login", content: `eve${at}`, room: `evil${at}` }));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  return sockets;
}

/** Sends one frame on every connection that takes it. */
function sendAll(sockets: Socket[], bytes: Uint8Array): void {
  for (const socket of sockets) if (socket.writableLength === 0) write(socket, bytes);
}

/** An attack of guests who send the same sort of request as fast as they can. */
function flood(name: string, request: (n: number) => object, count = 20): Attack {
  return {
    name,
    every: 2,
    prepare: (target) => guests(target, count),
    step: (_target, sockets, n) => sendAll(sockets, line(request(n))),
  };
}

/** An HTTP request that is not waited for. */
function post(target: Target, path: string, headers: string, body: string | Uint8Array): void {
  const socket = open(target);
  const length = typeof body === "string" ? new TextEncoder().encode(body).length : body.length;
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nConnection: close\r\n` +
      `${headers}Content-Length: ${length}\r\n\r\n`,
  );
  socket.write(body);
}

/** All attacks, in the order of the table. */
export const ATTACKS: readonly Attack[] = [
  { name: "nothing", every: 1000 },
  {
    name: "unfinished frames of 63 MiB",
    every: 5,
    prepare: async (target) => {
      const sockets = await webSockets(target, 20);
      sendAll(sockets, frame("", { length: 63 * MIB }));
      return sockets;
    },
    step: (_target, sockets) => sendAll(sockets, new Uint8Array(256 * KIB)),
  },
  {
    name: "endless fragments",
    every: 5,
    prepare: async (target) => {
      const sockets = await webSockets(target, 20);
      sendAll(sockets, frame("x", { fin: false }));
      return sockets;
    },
    step: (_target, sockets) =>
      sendAll(sockets, frame(new Uint8Array(32 * KIB), { opcode: CONTINUATION, fin: false })),
  },
  {
    name: "`[` floods before login",
    every: 5,
    prepare: (target) => webSockets(target, 20),
    step: (_target, sockets) => sendAll(sockets, BRACKETS),
  },
  {
    name: "`[` floods after login",
    every: 5,
    prepare: (target) => guests(target, 20),
    step: (_target, sockets) => sendAll(sockets, BRACKETS),
  },
  flood(
    "reaction flood",
    (n) => ({ type: "react", room: "lobby", seq: 1, content: n % 2 ? "👍" : "👎" }),
  ),
  flood("room flood", (n) => ({ type: "join", room: `r${n}-${Math.random()}` })),
  flood(
    "rename flood",
    (n) => ({ type: "rename", content: `eve-${n}-${Math.random()}`.slice(0, 30) }),
  ),
  flood("join and leave flood", (n) => ({ type: n % 2 ? "leave" : "join", room: "lobby" })),
  flood("search flood", (n) => ({ type: "search", content: `hello w${n % 9}` })),
  flood("history flood", () => ({ type: "history", room: "lobby", limit: 200 })),
  {
    name: "ping flood",
    every: 1,
    prepare: (target) => webSockets(target, 20),
    step: (_target, sockets) => sendAll(sockets, frame("x".repeat(100), { opcode: PING })),
  },
  {
    name: "slow readers",
    every: 2,
    prepare: async (target) => {
      const sockets = await guests(target, 20);
      for (const socket of sockets) socket.pause();
      return sockets;
    },
    step: (_target, sockets) =>
      sendAll(sockets, line({ type: "history", room: "lobby", limit: 200 })),
  },
  {
    name: "silent TCP connections",
    every: 5,
    step: (target, sockets) => {
      if (sockets.length < 20 * MANY) sockets.push(open(target));
    },
  },
  {
    name: "dripping heads",
    every: 20,
    step: (target, sockets) => {
      if (sockets.length < 3 * MANY) {
        const socket = open(target);
        socket.write("GET / HTTP/1.1\r\nHost: a\r\n");
        sockets.push(socket);
      }
      sendAll(sockets, new TextEncoder().encode("X-A: b\r\n"));
    },
  },
  {
    name: "1,000 connects a second",
    every: 10,
    step: async (target) => {
      const opened = await webSockets(target, 10);
      for (const socket of opened) socket.destroy();
    },
  },
  {
    name: "sign-in flood",
    every: 10,
    step: (target, _sockets, n) => {
      const body = JSON.stringify({ name: `user${n % 50}`, password: "wrong horse battery" });
      post(target, "/api/session", "Content-Type: application/json\r\n", body);
    },
  },
  {
    name: "upload flood",
    every: 50,
    prepare: async (target) => {
      const answer = await fetch(`http://127.0.0.1:${target.port}/api/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: "mallory" }),
      });
      cookie = answer.headers.getSetCookie().map((text) => text.split(";")[0]).join("; ");
      await answer.body?.cancel();
      return [];
    },
    step: (target) =>
      post(target, "/files?name=a.bin", `Cookie: ${cookie}\r\n`, new Uint8Array(4 * MIB)),
  },
];

/** The session of the upload flood. */
let cookie = "";
