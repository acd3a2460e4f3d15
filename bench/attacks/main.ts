/**
 * What one attacker does to a server with its default limits, and to the others on it: for each attack the
 * memory that the server holds at its peak, the processor time that it burns, and how long a message of
 * members takes meanwhile, who are on another address.
 *
 *   deno task bench:attacks [--transport deno|node] [--seconds N] [--rounds N] [--only TEXT] [--command "… {PORT} {DATA}"]
 *
 * @module
 */
import { parseArgs } from "node:util";
import WebSocket from "ws";
import { cpuSeconds, residentBytes } from "../run/proc.ts";
import { ATTACKS, CONTROLS } from "./attacks.ts";

/** Those who speak in turn, and how often one of them does, in milliseconds: each within the rate of a connection. */
const SPEAKERS = ["Ann", "Cat", "Dan"];
const EVERY_MS = 20;

/** How long a server is watched at least before it is attacked, in seconds. */
const QUIET_SECONDS = 5;

/** How often memory is read, in milliseconds. */
const SAMPLE_MS = 100;

const MIB = 1024 * 1024;

const { values: flags } = parseArgs({
  options: {
    transport: { type: "string" },
    seconds: { type: "string", default: "15" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    command: {
      type: "string",
      default: "deno run -A main.ts serve --addr :{PORT} --transport {TRANSPORT} --data {DATA}",
    },
  },
});

/** What was seen for a time: of messages, milliseconds; bytes; processor seconds a second. */
interface Watched {
  readonly p99: number;
  readonly slowest: number;
  readonly peak: number;
  readonly cpu: number;
}

/** A server with members who talk. */
class Scene {
  readonly pid: number;
  readonly #server: Deno.ChildProcess;
  readonly #data: string;
  readonly #port: number;
  #times: number[] = [];
  #sent = new Map<string, number>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #members: WebSocket[] = [];

  private constructor(server: Deno.ChildProcess, port: number, data: string) {
    this.#server = server;
    this.pid = server.pid;
    this.#port = port;
    this.#data = data;
  }

  static async open(transport: string): Promise<Scene> {
    const data = await Deno.makeTempDir({ prefix: "hubbub-attacks-" });
    const free = Deno.listen({ port: 0 });
    const { port } = free.addr;
    free.close();
    const command = flags.command.replace("{PORT}", String(port)).replace("{DATA}", data)
      .replace("{TRANSPORT}", transport);
    const [program = "", ...args] = command.split(" ");
    const server = new Deno.Command(program, { args, stdout: "null", stderr: "null" }).spawn();
    const scene = new Scene(server, port, data);
    await scene.#ready();
    await scene.#enter();
    return scene;
  }

  async #ready(): Promise<void> {
    for (let n = 0; n < 300; n++) {
      const response = await fetch(`http://[::1]:${this.#port}/healthz`).catch(() => undefined);
      await response?.body?.cancel();
      if (response?.ok) return;
      await pause(100);
    }
    throw new Error("The server does not start");
  }

  async #enter(): Promise<void> {
    for (const content of [...SPEAKERS, "Bob"]) {
      const socket = new WebSocket(`ws://[::1]:${this.#port}/ws`, ["hubbub.v1"]);
      const entered = Promise.withResolvers<void>();
      socket.on("open", () => socket.send(JSON.stringify({ type: "login", content, room: "den" })));
      socket.on("message", (data) => {
        const lines = String(data).split("\n").map((line) => JSON.parse(line));
        if (lines.some(({ type }) => type === "login")) entered.resolve();
        if (content === "Bob") { for (const line of lines) this.#heard(line.content); }
      });
      socket.on("error", entered.reject);
      await entered.promise;
      this.#members.push(socket);
    }
    let count = 0;
    this.#timer = setInterval(() => {
      const speaker = this.#members[++count % SPEAKERS.length];
      const content = `message ${count}`;
      this.#sent.set(content, performance.now());
      speaker?.send(JSON.stringify({ type: "user", content, room: "den" }));
    }, EVERY_MS);
  }

  #heard(content: string): void {
    const sent = this.#sent.get(content);
    if (sent === undefined) return;
    this.#sent.delete(content);
    this.#times.push(performance.now() - sent);
  }

  /** Watches for a time. What is under way at the end counts with how long it has taken so far. */
  async watch(seconds: number): Promise<Watched> {
    this.#times = [];
    const cpu = cpuSeconds(this.pid) ?? 0;
    let peak = 0;
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      peak = Math.max(peak, residentBytes(this.pid) ?? 0);
      await pause(SAMPLE_MS);
    }
    const late = [...this.#sent.values()].map((sent) => performance.now() - sent);
    const times = [...this.#times, ...late.filter((ms) => ms > EVERY_MS)].sort((a, b) => a - b);
    return {
      p99: times[Math.ceil(times.length * 0.99) - 1] ?? Infinity,
      slowest: times.at(-1) ?? Infinity,
      peak,
      cpu: ((cpuSeconds(this.pid) ?? 0) - cpu) / seconds,
    };
  }

  attack(name: string, seconds: number): Deno.ChildProcess {
    const script = new URL("./attacker.ts", import.meta.url).pathname;
    const args = ["-n", "19", "deno", "run", "-A", "--no-check", script];
    return new Deno.Command("nice", {
      args: [...args, name, "127.0.0.1", String(this.#port), String(seconds)],
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#members) socket.terminate();
    this.#server.kill("SIGKILL");
    await this.#server.status;
    await Deno.remove(this.#data, { recursive: true });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What one run has shown. */
interface Result {
  /** MiB that the server held at its peak beyond those before. */
  readonly more: number;
  /** Processor seconds a second. */
  readonly cpu: number;
  /** 99th percentile before the attack and during it, and the slowest message during it: milliseconds. */
  readonly quiet: number;
  readonly p99: number;
  readonly slowest: number;
}

/** Attacks a server of its own once. Measures from the start of the attack, its opening burst included. */
async function measure(name: string, transport: string, seconds: number): Promise<Result> {
  const scene = await Scene.open(transport);
  try {
    await scene.watch(2);
    const quiet = await scene.watch(Math.max(QUIET_SECONDS, seconds / 2));
    const attacker = scene.attack(name, seconds);
    const under = await scene.watch(seconds + 1);
    await attacker.status;
    const more = (under.peak - quiet.peak) / MIB;
    const { cpu, p99, slowest } = under;
    return { more, cpu, quiet: quiet.p99, p99, slowest };
  } finally {
    await scene.close();
  }
}

/** The median, with the range if there is one. */
function spread(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const show = (value = NaN) => value.toFixed(digits);
  const median = show(sorted[Math.floor(sorted.length / 2)]);
  if (values.length === 1) return median;
  return `${median} (${show(sorted[0])} to ${show(sorted.at(-1))})`;
}

const seconds = Number(flags.seconds);
const transports = flags.transport === undefined ? ["node", "deno"] : [flags.transport];
for (const transport of transports) {
  console.log(`\n\`--transport ${transport}\`\n`);
  console.log("| attack | MiB more | processor s/s | p99 quiet, ms | p99, ms | slowest, ms |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (
    const name of Object.keys({ ...CONTROLS, ...ATTACKS }).filter((one) => one.includes(flags.only))
  ) {
    const results: Result[] = [];
    for (let n = 0; n < Number(flags.rounds); n++) {
      results.push(await measure(name, transport, seconds));
    }
    const cells = [
      spread(results.map(({ more }) => more), 0),
      spread(results.map(({ cpu }) => cpu), 2),
      spread(results.map(({ quiet }) => quiet), 1),
      spread(results.map(({ p99 }) => p99), 1),
      spread(results.map(({ slowest }) => slowest), 0),
    ];
    console.log(`| ${[name, ...cells].join(" | ")} |`);
  }
}
Deno.exit(0);
