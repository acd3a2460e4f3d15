/**
 * A real server for the tests of the terminal programs: in this process, on a free port, keeping
 * nothing.
 *
 * @module
 */
import { COMMANDS } from "../../cli/commands.ts";
import { Connection } from "../../cli/connection.ts";
import { parseInput } from "../../cli/parse.ts";
import { parseServerUrl, type ServerUrl } from "../../cli/server_url.ts";
import { serveConfig } from "../../config/config.ts";
import type { ServerMessage } from "../../protocol.ts";
import { startServer } from "../../server/server.ts";

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
  readonly connection: Connection;
  /** The next message of a type that was not taken yet, now or when it comes. */
  next<T extends ServerMessage["type"]>(type: T): Promise<ServerMessage & { type: T }>;
}

/** Logs somebody in. */
export async function openClient(
  url: ServerUrl,
  { name, room }: { name: string; room: string },
): Promise<TestClient> {
  const messages: ServerMessage[] = [];
  const online = Promise.withResolvers<void>();
  let wake = () => {};
  const connection = new Connection({ url, name, room }, {
    message(message) {
      messages.push(message);
      wake();
    },
    status(status) {
      if (status.kind === "online") online.resolve();
      if (status.kind === "refused") online.reject(new Error(status.error.content));
    },
  });
  connection.open();
  await online.promise;
  return {
    connection,
    async next<T extends ServerMessage["type"]>(type: T) {
      const isWanted = (one: ServerMessage): one is ServerMessage & { type: T } =>
        one.type === type;
      for (;;) {
        const found = messages.find(isWanted);
        if (found !== undefined) {
          messages.splice(messages.indexOf(found), 1);
          return found;
        }
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
