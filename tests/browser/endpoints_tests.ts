import type { Page } from "playwright-core";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { browserTest, until } from "./harness.ts";

browserTest("a page hears its echo, text and binary", async (stage) => {
  const server = await stage.server();
  const { page } = await stage.visitor(`${server.url}healthz`);
  const echoes = page.evaluate(async () => {
    const socket = new WebSocket("/echo");
    socket.binaryType = "arraybuffer";
    const frames = ["", "Zoë 你好\0\n", new Uint8Array([0, 255, 10]), new Blob(["blob"]), "end"];
    socket.onopen = () => frames.forEach((frame) => socket.send(frame));
    return await new Promise<(string | number[])[]>((resolve) => {
      const received: (string | number[])[] = [];
      socket.onmessage = ({ data }) => {
        received.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
        if (data === "end") resolve(received);
      };
    });
  });
  const expected = ["", "Zoë 你好\0\n", [0, 255, 10], [98, 108, 111, 98], "end"];
  assertEquals(await within(DEADLINE, "the echoes", echoes), expected);
});

browserTest("two pages talk through a relay", async (stage) => {
  const server = await stage.server();
  const [ann, bob] = [
    await stage.visitor(`${server.url}healthz`),
    await stage.visitor(`${server.url}healthz`),
  ];
  const open = (path: string) =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(path);
      const received: unknown[] = [];
      Object.assign(globalThis, { socket, received });
      socket.onmessage = ({ data }) => received.push(data);
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("refused"));
    });
  const heard = (page: Page, count: number) =>
    until(page, (count) => Reflect.get(globalThis, "received").length === count, count);
  await within(DEADLINE, "a relay", ann.page.evaluate(open, "/relay/tea"));
  await within(DEADLINE, "a relay", bob.page.evaluate(open, "/relay/tea?self=true"));
  await ann.page.evaluate("socket.send('from ann')");
  await heard(bob.page, 1);
  await bob.page.evaluate("socket.send('from bob')");
  await heard(ann.page, 1);
  await heard(bob.page, 2);
  assertEquals(await ann.page.evaluate("received"), ["from bob"]);
  assertEquals(await bob.page.evaluate("received"), ["from ann", "from bob"]);
});

browserTest("a page chats in plain text", async (stage) => {
  const server = await stage.server();
  const { page } = await stage.visitor(`${server.url}healthz`);
  const closed = page.evaluate(async () => {
    const socket = new WebSocket("/ws", ["hubbub.text.v1"]);
    const lines: string[] = [];
    return await new Promise<{ protocol: string; lines: string[]; code: number }>((resolve) => {
      socket.onopen = () => socket.send("/nick ann\nhello\n/quit");
      socket.onmessage = ({ data }) => lines.push(data);
      socket.onclose = ({ code }) => resolve({ protocol: socket.protocol, lines, code });
    });
  });
  const talk = await within(DEADLINE, "the end of the conversation", closed);
  assertEquals({ ...talk, lines: [] }, { protocol: "hubbub.text.v1", lines: [], code: 1000 });
  assertMatch(talk.lines.join("\n"), /^Welcome to Hubbub/);
});
