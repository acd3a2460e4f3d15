/**
 * The cost of uploads and downloads: the server's memory for one large file, and the latency of the
 * chat during many uploads. Starts the server as users do, on a free port with a directory of its own,
 * and transfers the files with curl. Linux only: memory is read from /proc.
 *
 *     deno run -A bench/uploads.ts [--transport node] [--rate 2M]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "node:path";

const FILE_MIB = 25;
const UPLOADS = 20;
/** The number of simultaneous uploads that the server allows a connection. */
const UPLOADS_EACH = 4;
const PING_EVERY_MS = 5;

const { transport, rate } = parseArgs(Deno.args, { string: ["transport", "rate"] });
const root = join(import.meta.dirname ?? ".", "..");
const dir = await Deno.makeTempDir({ prefix: "hubbub-uploads-" });

const server = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "-A", "--config", join(root, "deno.json"), join(root, "main.ts"), "serve"],
    ...["--addr", "127.0.0.1:0", "--data", join(dir, "data"), "--rate", "0"],
    ...["--log-format", "json", "--transport", String(transport ?? "deno")],
  ],
  stderr: "piped",
}).spawn();

/** One logged-in connection. */
interface Member {
  readonly socket: WebSocket;
  readonly session: string;
}

try {
  const url = await listening();
  const files = await makeFiles();
  const members: Member[] = [];
  while (members.length < UPLOADS / UPLOADS_EACH) {
    members.push(await logIn(url, `member-${members.length}`));
  }
  await measureMemory(url, members[0]!, files);
  await measureLatency(url, members, files);
  for (const { socket } of members) socket.close();
} finally {
  server.kill("SIGTERM");
  await server.status;
  await Deno.remove(dir, { recursive: true });
}

/** The URL of the server, once it listens. */
async function listening(): Promise<string> {
  let log = "";
  const lines = server.stderr.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`The server ended: ${log}`);
    log += value;
    const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(log) ?? [];
    if (found === undefined) continue;
    (async () => {
      while (!(await lines.read()).done);
    })();
    return found;
  }
}

/** Makes files that differ, so that each must be written. */
async function makeFiles(): Promise<string[]> {
  const paths = [];
  const bytes = new Uint8Array(FILE_MIB * 1024 * 1024);
  for (let index = 0; index <= UPLOADS; index++) {
    for (let at = 0; at < bytes.length; at += 65_536) {
      crypto.getRandomValues(bytes.subarray(at, at + 64));
    }
    const path = join(dir, `${index}.bin`);
    await Deno.writeFile(path, bytes);
    paths.push(path);
  }
  return paths;
}

function logIn(url: string, name: string): Promise<Member> {
  const socket = new WebSocket(new URL("/ws", url.replace("http", "ws")));
  return new Promise((resolve, reject) => {
    let session = "";
    socket.onerror = () => reject(new Error("Cannot connect"));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "handshake") {
        session = message.session;
        socket.send(JSON.stringify({ type: "login", content: name }));
      } else if (message.type === "login") resolve({ socket, session });
    };
  });
}

async function curl(...args: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command("curl", {
    args: ["--silent", "--show-error", "--fail", ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function upload(url: string, { session }: Member, path: string): Promise<{ url: string }> {
  const limit = typeof rate === "string" ? ["--limit-rate", rate] : [];
  const authorization = `authorization: Bearer ${session}`;
  const target = new URL(`/files?name=${path.split("/").at(-1)}`, url).href;
  const method = ["--request", "POST", "--upload-file", path];
  return JSON.parse(await curl(...limit, ...method, "--header", authorization, target));
}

/** The server's memory in MiB: now, and its peak since `resetPeak`. */
async function memory(): Promise<{ rss: number; peak: number }> {
  const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
  const read = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { rss: read("VmRSS"), peak: read("VmHWM") };
}

async function resetPeak(): Promise<void> {
  await Deno.writeTextFile(`/proc/${server.pid}/clear_refs`, "5");
}

async function measureMemory(url: string, member: Member, files: string[]): Promise<void> {
  // The first upload loads and compiles the code of all uploads.
  const small = join(dir, "small.txt");
  await Deno.writeTextFile(small, "hello");
  await upload(url, member, small);
  for (const round of [1, 2, 3]) {
    const path = files[round % files.length]!;
    await resetPeak();
    const before = await memory();
    const started = performance.now();
    const kept = await upload(url, member, path);
    const took = performance.now() - started;
    const uploaded = await memory();
    member.socket.send(
      JSON.stringify({ type: "file", content: new URL(kept.url, url).pathname.split("/")[2] }),
    );
    await resetPeak();
    const between = await memory();
    const authorization = `authorization: Bearer ${member.session}`;
    await curl("--header", authorization, "--output", "/dev/null", new URL(kept.url, url).href);
    const downloaded = await memory();
    const grown = (from: { rss: number }, to: { rss: number; peak: number }) =>
      `${(to.rss - from.rss).toFixed(1)} MiB (at most ${(to.peak - from.rss).toFixed(1)})`;
    console.log(
      `${FILE_MIB} MiB, round ${round}: from ${before.rss.toFixed(0)} MiB, upload +${
        grown(before, uploaded)
      } in ${took.toFixed(0)} ms, download +${grown(between, downloaded)}`,
    );
  }
}

/** The round-trip times of `pinger.ts`, in milliseconds. */
interface Times {
  readonly pings: number[];
  readonly messages: number[];
}

async function measureLatency(url: string, members: Member[], files: string[]): Promise<void> {
  const pinger = new Worker(new URL("./pinger.ts", import.meta.url), { type: "module" });
  const ask = (message: object): Promise<Times> =>
    new Promise((resolve) => {
      pinger.onmessage = ({ data }) => resolve(data);
      pinger.postMessage(message);
    });
  await ask({ url: new URL("/ws", url.replace("http", "ws")).href, every: PING_EVERY_MS });
  for (const round of [1, 2, 3]) {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 3000));
    await pause();
    await ask({ reset: true });
    await pause();
    const quiet = await ask({ reset: true });
    const before = await memory();
    const started = performance.now();
    // Files that the server has already are written all the same.
    await Promise.all(
      files.slice(0, UPLOADS).map((path, index) =>
        upload(url, members[index % members.length]!, path)
      ),
    );
    const took = performance.now() - started;
    const busy = await ask({ reset: true });
    const after = await memory();
    console.log(
      `${UPLOADS} uploads at once, round ${round}: ${(took / 1000).toFixed(1)} s, memory +${
        (after.rss - before.rss).toFixed(1)
      } MiB`,
    );
    console.log(`  ping    without: ${describe(quiet.pings)}`);
    console.log(`  ping    with:    ${describe(busy.pings)}`);
    console.log(`  message without: ${describe(quiet.messages)}`);
    console.log(`  message with:    ${describe(busy.messages)}`);
  }
  pinger.terminate();
}

function describe(times: number[]): string {
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? NaN).toFixed(2);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)} ms, of ${times.length}`;
}
