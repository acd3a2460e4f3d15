import { upgrade, type UpgradeOptions } from "../../transport/deno/socket.ts";
import { terminate } from "../../transport/deno/terminate.ts";
import type { Accepted, Socket } from "../../transport/socket.ts";
import { assertEquals } from "../support/assert.ts";
import { formatRequest, HANDSHAKE, RawLine } from "../support/raw_tcp.ts";
import { DEADLINE, within } from "../support/within.ts";
import { frame, OP } from "./rfc6455/frames.ts";

/** Whether this runtime lets go of a connection whose peer goes on sending (not Deno 2.5). */
const CUTS = !Deno.version.deno.startsWith("2.5.");

/** One socket of the transport, and the line to its peer. */
interface Pair extends AsyncDisposable {
  readonly socket: Socket;
  readonly peer: RawLine;
  /** What the listener was told. */
  readonly heard: (string | Uint8Array)[];
  /** How it ended, once `gone` was called. */
  readonly ended: Promise<{ code: number; reason: string }>;
  readonly refusals: string[];
}

async function connect(
  options: UpgradeOptions = { pingInterval: 0 },
  maxPayload = Infinity,
): Promise<Pair> {
  const opened = Promise.withResolvers<Socket>();
  const ended = Promise.withResolvers<{ code: number; reason: string }>();
  const heard: (string | Uint8Array)[] = [];
  const refusals: string[] = [];
  let how = { code: 0, reason: "" };
  const accepted: Accepted = {
    ip: "127.0.0.1",
    maxPayload,
    opened(socket) {
      socket.listen({
        message: (data) => heard.push(data),
        closed: (code, reason) => how = { code, reason },
      });
      opened.resolve(socket);
    },
    gone: () => ended.resolve(how),
  };
  const refused: UpgradeOptions["refused"] = (reason, detail) =>
    refusals.push(`${reason}: ${detail}`);
  const end = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: end.signal },
    (request) => upgrade(request, accepted, { refused, ...options }),
  );
  const peer = await RawLine.open(`http://127.0.0.1:${server.addr.port}/`);
  await peer.write(formatRequest("GET / HTTP/1.1", HANDSHAKE));
  return {
    socket: await within(DEADLINE, "a socket to open", opened.promise),
    peer,
    heard,
    ended: within(DEADLINE, "a socket to be gone", ended.promise),
    refusals,
    async [Symbol.asyncDispose]() {
      await peer.reset();
      await within(DEADLINE, "a socket to be gone", ended.promise);
      end.abort();
      await server.finished;
    },
  };
}

Deno.test("terminate() finds what it needs in this runtime, and ends a connection", async () => {
  const closed = Promise.withResolvers<void>();
  const end = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: end.signal },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onclose = () => closed.resolve();
      socket.onopen = () => terminate(socket);
      return response;
    },
  );
  const peer = await RawLine.open(`http://127.0.0.1:${server.addr.port}/`);
  await peer.write(formatRequest("GET / HTTP/1.1", HANDSHAKE));
  await within(DEADLINE, "the end of a socket", closed.promise);
  if (CUTS) await peer.ended();
  await peer.reset();
  end.abort();
  await server.finished;
});

Deno.test("Socket.close() of deno ends a connection although its peer sends fragment after fragment", async () => {
  await using pair = await connect();
  const { socket, peer } = pair;
  await peer.write(frame(OP.binary, "a", { fin: false }));
  socket.close(1008, "enough");
  if (CUTS) await peer.untilOrEnd((text) => text.includes("enough"));
  const flood = setInterval(() => peer.write(frame(OP.more, "a", { fin: false })), 10);
  await pair.ended;
  if (CUTS) await peer.ended();
  clearInterval(flood);
});

Deno.test("Socket.close() of deno ends a connection although its peer never finishes a frame", async () => {
  await using pair = await connect();
  await pair.peer.write(frame(OP.binary, "a", { length: 1_000_000n }));
  pair.socket.close(1008, "enough");
  await pair.ended;
  if (CUTS) await pair.peer.ended();
});

Deno.test("Socket of deno closes with 1009 after a message above its limit, until it is told another", async () => {
  await using pair = await connect({ pingInterval: 0 }, 4);
  const { socket, peer, heard } = pair;
  socket.limitPayload(6);
  await peer.write(frame(OP.text, "äöü"));
  await peer.write(frame(OP.binary, "1234567"));
  await peer.untilOrEnd((text) => text.includes("A frame must have at most 6 bytes"));
  await peer.write(frame(OP.close));
  assertEquals((await pair.ended).code, 1009);
  assertEquals(heard, ["äöü"]);
  assertEquals(pair.refusals, ["too_large: A frame must have at most 6 bytes"]);
});

for (
  const { name, bytes, code, refusal } of [
    {
      name: "a reserved opcode",
      bytes: frame(3),
      code: 1002,
      refusal: "protocol: 1002 Invalid value",
    },
    {
      name: "a text that is no UTF-8",
      bytes: frame(OP.text, Uint8Array.of(0xff)),
      code: 1007,
      refusal: "protocol: 1007 Invalid UTF-8",
    },
    {
      name: "a frame of 1 GiB",
      bytes: frame(OP.binary, "", { length: 1n << 30n }),
      code: 1009,
      refusal: "too_large: 1009 Frame too large",
    },
  ]
) {
  Deno.test(`Socket of deno tells the code that ${name} has, and who keeps count of refusals`, async () => {
    await using pair = await connect();
    await pair.peer.write(bytes);
    assertEquals((await pair.ended).code, code);
    assertEquals(pair.refusals, [refusal]);
  });
}

Deno.test("Socket of deno ends a connection that answers no ping, and says so", async () => {
  await using pair = await connect({ pingInterval: 1 });
  assertEquals((await pair.ended).code, 1001);
  assertEquals(pair.refusals, ["timeout: no answer to a ping"]);
});
