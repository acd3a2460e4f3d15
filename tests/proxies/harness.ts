/**
 * A proxy between clients and real servers. Where a proxy is not installed its tests are skipped and say why,
 * unless `TEST_REQUIRE` names `proxies`: then they fail.
 *
 * @module
 */
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket } from "ws";
import { decodeFrame, LINES, type ServerMessage } from "../../protocol.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { Condition } from "../support/condition.ts";
import { Program, runToEnd } from "../support/server_process.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { DEADLINE, poll, within } from "../support/within.ts";
import type { ProxyProgram, Setting } from "./programs.ts";

const required = (Deno.env.get("TEST_REQUIRE") ?? "").split(",").includes("proxies");

/** Why a proxy cannot be tested; empty if it can. */
function obstacleOf({ name, version: [command = "", ...args] }: ProxyProgram): string {
  if (Deno.build.os !== "linux") return "proxies are tested on Linux only";
  try {
    const { success } = new Deno.Command(command, { args, ...SILENT }).outputSync();
    return success ? "" : `${name} does not run`;
  } catch {
    return `${name} is not installed`;
  }
}

/** Debian has servers where only root looks for programs. */
const PATH = `${Deno.env.get("PATH")}:/usr/sbin:/sbin`;

const SILENT = { env: { PATH }, stdout: "null", stderr: "null" } as const;

/** Defines a test that needs a proxy, or several: each has a stage of its own, side by side. */
export function proxyTest(
  programs: ProxyProgram | readonly ProxyProgram[],
  name: string,
  fn: (stage: ProxyStage) => Promise<void>,
): void {
  const all = [programs].flat();
  const obstacle = all.map(obstacleOf).filter((found) => found !== "").join(", ");
  const title = `${all.map((program) => program.name).join(", ")} ${name}`;
  Deno.test({
    name: obstacle === "" || required ? title : `${title} (skipped: ${obstacle})`,
    ignore: obstacle !== "" && !required,
    async fn() {
      if (obstacle !== "") throw new Error(`Cannot run: ${obstacle}, and TEST_REQUIRE wants it`);
      await Promise.all(all.map(async (program) => {
        const folder = await Deno.makeTempDir();
        await using stage = new ProxyStage(program, folder, await makeCertificate(folder));
        await fn(stage);
      }));
    },
  });
}

/** What a test may choose about the proxy. */
export type ProxyOptions = Pick<Setting, "idle" | "path">;

/** Servers, a proxy in front of them, and clients. */
export class ProxyStage implements AsyncDisposable {
  readonly #closers = new AsyncDisposableStack();
  readonly #client: Deno.HttpClient;
  #running: Program | undefined;
  /** Where the proxy is, with the port; ends in `/`. */
  url = "";

  constructor(
    readonly program: ProxyProgram,
    readonly folder: string,
    readonly certificate: Certificate,
  ) {
    this.#closers.defer(() => Deno.remove(folder, { recursive: true }));
    this.#client = Deno.createHttpClient({ caCerts: [certificate.pem] });
    this.#closers.defer(() => this.#client.close());
  }

  /** The path of a Unix socket. */
  get socket(): string {
    return `${this.folder}/hubbub.sock`;
  }

  /** Starts a server on a free port, or where the flags say. */
  async server(...flags: string[]): Promise<TestServer> {
    const pings = flags.includes("--ping-interval") ? [] : ["--ping-interval", "1s"];
    return this.#closers.use(await startTestServer(...pings, ...flags));
  }

  /** Starts the proxy in front of these: `127.0.0.1:PORT`, or the path of a Unix socket. */
  async proxy(servers: readonly string[], options: ProxyOptions = {}): Promise<void> {
    const port = freePort();
    this.url = `https://localhost:${port}/`;
    const { folder, certificate: { cert, key } } = this;
    const command = await this.program.configure({ folder, port, cert, key, servers, ...options });
    const running = this.#closers.use(new Program([], { command, env: { PATH, HOME: folder } }));
    this.#running = running;
    const ended = running.ended().then(({ stderr }) => {
      throw new Error(`${this.program.name} has ended: ${stderr}`);
    });
    const isUp = () => connects(port).catch(() => false);
    await Promise.race([poll(`${this.program.name} to listen`, isUp, (up) => up), ended]);
    this.#closers.defer(async () => void await running.stop("SIGTERM"));
  }

  /** Has the proxy read its configuration again. */
  async reload(): Promise<void> {
    const command = await this.program.reload(this.folder, this.#running?.pid ?? 0);
    if (command === undefined) return;
    const { code, stderr } = await runToEnd([], { command, env: { PATH, HOME: this.folder } });
    if (code !== 0) throw new Error(`${this.program.name} was not reloaded: ${stderr}`);
  }

  /** Requests something through the proxy. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const request = fetch(new URL(path, this.url), {
      redirect: "manual",
      ...init,
      client: this.#client,
    });
    return within(DEADLINE, `an answer to ${path}`, request);
  }

  /** Opens the chat as the page does. */
  async talk(
    path = "ws",
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Talk> {
    const url = new URL(path, this.url);
    const socket = new WebSocket(url.href.replace(/^http/, "ws"), [LINES], {
      ca: this.certificate.pem,
      origin: headers["origin"] ?? url.origin,
      headers,
    });
    const talk = new Talk(socket);
    this.#closers.use(talk);
    await talk.opened;
    return talk;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closers.disposeAsync();
  }
}

/** A connection to the chat. */
export class Talk implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #changed = new Condition();
  readonly #messages: ServerMessage[] = [];
  /** When pings came, in milliseconds of a steady clock. */
  readonly #pings: number[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const opened = Promise.withResolvers<void>();
    socket.on("open", opened.resolve);
    socket.on("error", opened.reject);
    this.opened = within(DEADLINE, "a WebSocket through the proxy", opened.promise);
    this.closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("close", () => this.#changed.notify());
    socket.on("message", (data) => {
      this.#messages.push(...decodeFrame(String(data)));
      this.#changed.notify();
    });
    socket.on("ping", () => {
      this.#pings.push(performance.now());
      this.#changed.notify();
    });
  }

  /** The next message of a type. */
  next<T extends ServerMessage["type"]>(type: T): Promise<ServerMessage & { type: T }> {
    const isWanted = (message: ServerMessage): message is ServerMessage & { type: T } =>
      message.type === type;
    return this.#changed.until(`a ${type}`, () => {
      const index = this.#messages.findIndex(isWanted);
      const message = index < 0 ? undefined : this.#messages.splice(index, 1)[0];
      return message !== undefined && isWanted(message) ? message : undefined;
    });
  }

  send(request: object): void {
    this.#socket.send(JSON.stringify(request));
  }

  /** Enters the lobby. */
  async enter(name: string): Promise<void> {
    this.send({ type: "login", content: name, room: "lobby" });
    await this.next("login");
  }

  /** Says something, and hears it. */
  async says(content: string): Promise<void> {
    this.send({ type: "user", room: "lobby", content });
    const heard = await this.next("user");
    if (heard.content !== content) throw new Error(`Heard ${heard.content} instead of ${content}`);
  }

  /** Waits until pings have come over so many seconds in which nothing else did. */
  async idles(seconds: number): Promise<void> {
    const start = performance.now();
    const deadline = seconds * 1000 + DEADLINE;
    await this.#changed.until(`pings over ${seconds} s`, () => {
      if (this.#socket.readyState !== WebSocket.OPEN) throw new Error("The connection has ended");
      return this.#pings.find((time) => time > start + seconds * 1000);
    }, deadline);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await within(DEADLINE, "the end of a WebSocket", this.closed);
  }
}

/** A port on which nothing listens: none of the proxies tells which one it got. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function connects(port: number): Promise<boolean> {
  using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
  return true;
}
