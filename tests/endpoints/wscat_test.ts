import config from "../../deno.json" with { type: "json" };
import { assertEquals, assertMatch } from "../support/assert.ts";
import { startTestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";
import { DEADLINE, within } from "../support/within.ts";

/** npm's `wscat`, as a person runs it, with its keyboard and its screen in our hands. */
class Wscat implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #screen: ReadableStreamDefaultReader<string>;
  #shown = "";

  constructor(...args: string[]) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", config.imports.wscat, "--no-color", ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#keyboard = this.#process.stdin.getWriter();
    this.#screen = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Types a line and presses Enter. */
  types(line: string): Promise<void> {
    return this.#keyboard.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Waits until this is shown, and forgets what was shown before and with it. */
  sees(pattern: RegExp): Promise<string> {
    const what = () => `wscat to show ${pattern}, after ${JSON.stringify(this.#shown)}`;
    return within(DEADLINE, what, this.#see(pattern));
  }

  async #see(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#shown);
      if (match !== null) {
        this.#shown = this.#shown.slice(match.index + match[0].length);
        return match[0];
      }
      const { value, done } = await this.#screen.read();
      if (done) throw new Error(`wscat has ended; it showed ${JSON.stringify(this.#shown)}`);
      this.#shown += value;
    }
  }

  /** Its exit code, once it has ended by itself. */
  async ended(): Promise<number> {
    return (await within(DEADLINE, "the end of wscat", this.#process.status)).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The end of the input ends wscat.
    await this.#keyboard.close().catch(() => {});
    await this.#process.status;
    await this.#screen.cancel();
  }
}

Deno.test("wscat chats through hubbub.text.v1", async () => {
  await using server = await startTestServer();
  await using ann = await WsClient.open(server.ws("/ws"), "hubbub.v1");
  await ann.send(JSON.stringify({ type: "login", content: "ann" }));
  await ann.until(/"type":"login"/);
  await using wscat = new Wscat("-s", "hubbub.text.v1", "-c", server.ws("/ws"));
  await wscat.sees(/Welcome to Hubbub/);
  await wscat.sees(/You are guest-2 in #lobby/);
  await wscat.types("hello from wscat");
  await ann.until(/"from":"guest-2","content":"hello from wscat"/);
  await wscat.sees(/\[\d\d:\d\d\] guest-2: hello from wscat/);
  await ann.send(JSON.stringify({ type: "user", content: "hello yourself" }));
  await wscat.sees(/\[\d\d:\d\d\] ann: hello yourself/);
  await wscat.types("1:psst");
  await ann.until(/"type":"user","room":"@[\w-]+","from":"guest-2","content":"psst"/);
  await wscat.types("99:psst");
  assertMatch(await wscat.sees(/!.*99.*/), /there is no connection number 99/);
  await wscat.types("/quit");
  assertEquals(await wscat.ended(), 0);
});

Deno.test("wscat chats in JSON without a subprotocol", async () => {
  await using server = await startTestServer();
  await using wscat = new Wscat("-c", server.ws("/ws"));
  await wscat.sees(/"type":"handshake"/);
  await wscat.types('{"type":"login","content":"ann"}');
  await wscat.sees(/"type":"login","room":"lobby","content":"ann"/);
  await wscat.types('{"type":"user","content":"hi"}');
  await wscat.sees(/"type":"user","room":"lobby","from":"ann","content":"hi"/);
});

Deno.test("wscat hears its echo, and others through a relay", async () => {
  await using server = await startTestServer();
  // What is typed before the connection is open goes nowhere; --execute waits for it.
  const talking = ["--wait", "-1", "--execute", "Zoë", "--execute", "你好"];
  await using echo = new Wscat("-c", server.ws("/echo"), ...talking);
  await echo.sees(/Zoë\n你好/);
  await using other = await WsClient.open(server.ws("/relay/tea"));
  await using wscat = new Wscat("-c", server.ws("/relay/tea"), ...talking);
  assertEquals(await other.take(2), ["Zoë", "你好"]);
  await other.send("indeed");
  await wscat.sees(/indeed/);
});
