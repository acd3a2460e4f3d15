/**
 * A whole server for tests, on a free port of the loopback interface, with nothing kept on disk unless
 * told so.
 *
 * @module
 */
import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { serveConfig } from "../../config/config.ts";
import { startServer } from "../../server/server.ts";
import { DEADLINE, within } from "./within.ts";

/** The transports that this runtime carries: with the node:http of Deno 2.5 the second one cannot work. */
export const TRANSPORTS: readonly string[] = Deno.version.deno.startsWith("2.5.")
  ? ["deno"]
  : ["deno", "node"];

/** A server that stops at the end of its scope: close the clients before. */
export interface TestServer extends AsyncDisposable {
  /** Ends in `/`. */
  readonly url: string;
  /** The same with `ws:`, for a path. */
  ws(path: string): string;
  /** The link that makes the first admin. */
  readonly adminLink: string;
  drain(): Promise<void>;
  stop(reason: string): Promise<void>;
}

/** What holds unless a test says otherwise: no rate binds, nothing is kept. */
const DEFAULTS = { "--addr": "127.0.0.1:0", "--rate": "0", "--data": ":memory:" };

/** Starts a server with these flags of `hubbub serve`, each followed by its value. */
export async function startTestServer(...flags: string[]): Promise<TestServer> {
  const defaults = Object.entries(DEFAULTS).filter(([flag]) => !flags.includes(flag)).flat();
  const input = parseInput("serve", COMMANDS.serve, [...defaults, ...flags], {});
  let printed = "";
  const starting = startServer(serveConfig(input.flags), (line) => printed += line);
  const server = await within(DEADLINE, "a server to start", starting);
  const stop = (reason: string) => within(DEADLINE, "a server to stop", server.stop(reason));
  return {
    url: server.url,
    ws: (path) => new URL(path, server.url).href.replace(/^http/, "ws"),
    get adminLink() {
      return /http\S+#invite=\S+/.exec(printed)?.[0] ?? "";
    },
    drain: () => server.drain(),
    stop,
    [Symbol.asyncDispose]: () => stop("the test is over"),
  };
}
