/**
 * Memory per idle connection: Hubbub on both transports, with clients that have only connected and
 * with clients that are in rooms, compared with a server that does nothing.
 *
 * `deno task bench:idle [--clients COUNT]` takes a minute and prints a table. Linux only: memory is read
 * from /proc.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { UsageError } from "../config/errors.ts";
import { ClientPool, loopbackAddress, PER_ADDRESS } from "../cli/load/client_pool.ts";
import { type Dialect, DIALECTS } from "../cli/load/dialect.ts";
import { formatRatio } from "./report/words.ts";
import { runCommand } from "./run/command.ts";
import { bareServer, type Contestant, hubbub } from "./run/contestants.ts";
import { ServerProcess } from "./run/processes.ts";
import { maxOpenFiles, residentBytes } from "./run/proc.ts";

/** Members of each room. */
const ROOM_SIZE = 10;

/** Open files that a server needs besides its connections. */
const OTHER_FILES = 100;

/** Pause after the server has started and after the clients have connected, in milliseconds. */
const REST_MS = 1000;

/** The lowest memory over this time counts; more than that is garbage to be collected. Milliseconds. */
const WATCH_MS = 5000;
const WATCH_TICK_MS = 250;

/** Nothing arrives for this long, in milliseconds: all clients have entered. */
const QUIET_MS = 500;

/** A row of the table. */
interface Setting {
  readonly name: string;
  readonly contestant: Contestant;
  readonly dialect: Dialect;
}

/** The rows of the table, the reference first. */
function settings(hostname: string): Setting[] {
  const bare = bareServer(hostname);
  const { login: _login, ...silent } = DIALECTS.hubbub;
  const unauthenticated = { ...silent, greeting: 1 };
  const flags = ["--max-connections", "0"];
  const servers = [hubbub("deno", { hostname, flags }), hubbub("node", { hostname, flags })];
  return [
    { name: bare.name, contestant: bare, dialect: DIALECTS.relay },
    ...servers.flatMap((contestant) => [
      { name: `${contestant.name}, connected`, contestant, dialect: unauthenticated },
      {
        name: `${contestant.name}, in rooms of ${ROOM_SIZE}`,
        contestant,
        dialect: DIALECTS.hubbub,
      },
    ]),
  ];
}

/** Measures the bytes of memory per connection. */
async function measure({ contestant, dialect }: Setting, clients: number): Promise<number> {
  const data = await Deno.makeTempDir({ prefix: "hubbub-bench-" });
  const server = await ServerProcess.start(contestant.command(data));
  const { port } = server;
  const rooms = clients / ROOM_SIZE;
  const pool = new ClientPool({
    url: `ws://127.0.0.1:${port}${dialect.path}`,
    hostname: loopbackAddress,
    dialect,
    clients,
    senders: clients,
    rooms,
    payload: 64,
    timed: clients,
    sampleEvery: 1,
  });
  try {
    await pause(REST_MS);
    const before = await leastMemory(server.pid);
    await Promise.race([pool.failed, pool.connect({ login: "together" })]);
    await pool.settle(QUIET_MS);
    await Promise.race([pool.failed, pause(REST_MS)]);
    const after = await Promise.race([pool.failed, leastMemory(server.pid)]);
    return (after - before) / clients;
  } finally {
    await pool.close();
    await server.stop();
    await Deno.remove(data, { recursive: true });
  }
}

async function leastMemory(pid: number): Promise<number> {
  let least = Infinity;
  for (const end = performance.now() + WATCH_MS; performance.now() < end;) {
    const bytes = residentBytes(pid);
    if (bytes === undefined) {
      throw new Error("Cannot measure memory: this system does not report it");
    }
    least = Math.min(least, bytes);
    await pause(WATCH_TICK_MS);
  }
  return least;
}

/** The number of connections: as asked for, within the limits of the system, a multiple of a room. */
function possible(asked: number): number {
  const files = maxOpenFiles() ?? Infinity;
  const clients = Math.min(asked, files - OTHER_FILES);
  if (clients < asked) console.error(`Only ${clients} connections: ulimit -n is ${files}`);
  return Math.floor(clients / ROOM_SIZE) * ROOM_SIZE;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { clients: { type: "string", default: "10000" } } });
  const clients = possible(Number(values.clients));
  if (!(clients >= ROOM_SIZE)) {
    throw new UsageError(
      `Cannot read --clients: must be at least ${ROOM_SIZE}, received ${values.clients}`,
    );
  }
  // One address has too few ports for more clients, so the server must listen on several.
  const hostname = clients > PER_ADDRESS ? "0.0.0.0" : "127.0.0.1";
  console.log(`${clients.toLocaleString("en-US")} idle connections, bytes of memory for each:`);
  let reference: number | undefined;
  for (const setting of settings(hostname)) {
    const bytes = await measure(setting, clients);
    reference ??= bytes;
    const size = Math.round(bytes).toLocaleString("en-US").padStart(8);
    console.log(`  ${setting.name.padEnd(32)}${size}   ${formatRatio(bytes / reference)} x bare`);
  }
}

if (import.meta.main) await runCommand(main);
