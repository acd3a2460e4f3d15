/**
 * A real server for the tests of the terminal programs: in this process, on a free port, keeping
 * nothing.
 *
 * @module
 */
import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { parseServerUrl, type ServerUrl } from "../../cli/server_url.ts";
import { serveConfig } from "../../config.ts";
import { startServer } from "../../server.ts";

/** Runs `test` with a server started with these flags, and stops it whatever happens. */
export async function withServer(
  flags: readonly string[],
  test: (url: ServerUrl) => Promise<void>,
): Promise<void> {
  const args = ["--addr", "127.0.0.1:0", "--data", ":memory:", ...flags];
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
