/**
 * Measures the latency of the chat in a thread of its own: pings a server every few milliseconds,
 * sends a message now and then, and records the round-trip times. Used by `uploads.ts`.
 *
 * @module
 */
/// <reference lib="deno.worker" />

/** One of this many pings is a message instead, which is committed before it comes back. */
const MESSAGE_EVERY = 10;

/** Round trips since the last reset, in milliseconds. */
let times: { pings: number[]; messages: number[] } = { pings: [], messages: [] };

self.onmessage = ({ data }) => {
  if (data.reset) {
    self.postMessage(times);
    times = { pings: [], messages: [] };
  } else start(data);
};

function start({ url, every }: { url: string; every: number }): void {
  const socket = new WebSocket(url, ["hubbub.v1"]);
  const sent = new Map<string, number>();
  let count = 0;
  socket.onopen = () => {
    socket.send(JSON.stringify({ type: "login", content: "pinger", room: "pings" }));
    setInterval(() => {
      const id = String(++count);
      sent.set(id, performance.now());
      const request = count % MESSAGE_EVERY === 0
        ? { type: "user", content: "still here?" }
        : { type: "ping" };
      socket.send(JSON.stringify({ ...request, id }));
    }, every);
    self.postMessage(times);
  };
  socket.onmessage = ({ data }) => {
    for (const line of data.split("\n")) {
      const { id, type } = JSON.parse(line);
      const at = sent.get(id);
      if (at === undefined) continue;
      (type === "pong" ? times.pings : times.messages).push(performance.now() - at);
      sent.delete(id);
    }
  };
}
