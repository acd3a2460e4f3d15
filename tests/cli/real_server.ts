/**
 * A real server for the tests of the terminal programs: in this process, on a free port, keeping
 * nothing.
 *
 * @module
 */
import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { parseServerUrl, type ServerUrl } from "../../cli/server_url.ts";
import { serveConfig } from "../../config/config.ts";
import type { ServerMessage } from "../../protocol.ts";
import { connect, type HubbubClient } from "../../sdk/hubbub.js";
import { startServer } from "../../server/server.ts";
import { Condition } from "../support/condition.ts";
import { DEADLINE, within } from "../support/within.ts";

/** Runs `test` with a server started with these flags, and stops it whatever happens. */
export async function withServer(
  flags: readonly string[],
  test: (url: ServerUrl) => Promise<void>,
): Promise<void> {
  const addr = flags.includes("--addr") ? [] : ["--addr", "127.0.0.1:0"];
  const args = [...addr, "--data", ":memory:", ...flags];
  const config = serveConfig(parseInput("serve", COMMANDS.serve, args, {}).flags);
  const server = await startServer(config);
  try {
    const url = parseServerUrl(server.url);
    if (url === undefined) throw new Error(`Cannot read URL of the server: ${server.url}`);
    await test(url);
  } finally {
    await server.stop("The test is over");
  }
}

/** Somebody who is logged in and listens. */
export interface TestClient extends AsyncDisposable {
  readonly client: HubbubClient;
  /** The next message of a type that was not taken yet, now or when it comes. */
  next<T extends ServerMessage["type"]>(type: T): Promise<ServerMessage & { type: T }>;
}

/** Logs somebody in. */
export async function openClient(
  url: ServerUrl,
  { room, ...who }: { room: string } & ({ name: string } | { session: string }),
): Promise<TestClient> {
  const messages: ServerMessage[] = [];
  const condition = new Condition();
  const client = connect(url.socket, { ...who, rooms: [room] });
  client.on("event", (message) => {
    messages.push(message);
    condition.notify();
  });
  await within(DEADLINE, `somebody to be let into ${room}`, client.join(room));
  return {
    client,
    next<T extends ServerMessage["type"]>(type: T) {
      const isWanted = (one: ServerMessage): one is ServerMessage & { type: T } =>
        one.type === type;
      return condition.until(`a message of type ${type}`, () => {
        const found = messages.find(isWanted);
        if (found !== undefined) messages.splice(messages.indexOf(found), 1);
        return found;
      });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
