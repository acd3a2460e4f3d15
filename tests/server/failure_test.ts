/** How a server ends that cannot go on, with both transports. */
import { parseInput } from "../../cli/parse.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { serveConfig } from "../../config/config.ts";
import { EXIT } from "../../config/errors.ts";
import { exitCodeOf } from "../../server/run.ts";
import { type Server, startServer } from "../../server/server.ts";
import { openStores } from "../../server/stores.ts";
import { DamageError, LostWriteError } from "../../sqlite/data_error.ts";
import type { Change, Outcome } from "../../store/store.ts";
import { assertEquals } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";
import { GatedStore } from "../support/gated_store.ts";
import { TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

/** A memory store whose disk fails when the test says so. */
class FailingStore extends GatedStore {
  override gatesCommits = false;
  readonly #failure = Promise.withResolvers<Error>();
  works = true;

  override get failed(): Promise<Error> {
    return this.#failure.promise;
  }

  override commit(batch: readonly Change[]): Promise<Outcome[]> {
    if (this.works) return super.commit(batch);
    const error = new LostWriteError("The disk has failed");
    this.#failure.resolve(error);
    return Promise.reject(error);
  }
}

/** A server with such a store. */
interface Harness {
  readonly server: Server;
  readonly store: FailingStore;
  /** Lets the stores be closed, and so the server end. */
  close(): void;
}

async function start(transport: string): Promise<Harness> {
  const flags = ["--addr", "127.0.0.1:0", "--data", ":memory:", "--transport", transport];
  const { flags: values } = parseInput("serve", COMMANDS.serve, flags, {});
  const store = new FailingStore();
  const mayClose = Promise.withResolvers<void>();
  const server = await startServer(serveConfig(values), () => {}, async (config) => {
    const stores = await openStores(config);
    const close = async () => {
      await mayClose.promise;
      await stores.close();
    };
    return { ...stores, store, failed: store.failed, close };
  });
  return { server, store, close: mayClose.resolve };
}

for (const transport of TRANSPORTS) {
  Deno.test(`a server with ${transport} tells everybody and stops after a lost write`, async () => {
    using logs = new CapturedLogs();
    const { server, store, close } = await start(transport);
    const client = await WsClient.open(new URL("/ws", server.url).href.replace(/^http/, "ws"));
    await client.send(`{"type":"login","content":"ann"}`);
    await client.until(/"type":"login"/);
    store.works = false;
    await client.send(`{"type":"user","content":"is it there?","id":"1"}`);
    await client.until(/"code":"unavailable"/);
    const failure = await within(DEADLINE, "the server to fail", server.failed);
    assertEquals([failure.message, exitCodeOf(failure)], ["The disk has failed", EXIT.disk]);
    for (const path of ["healthz", "readyz"]) {
      const response = await fetch(new URL(path, server.url));
      assertEquals([response.status, (await response.json()).problems], [503, [
        "the server has failed and has to start again",
      ]]);
    }
    const { code, reason } = await within(DEADLINE, "the connection to close", client.closed);
    assertEquals([code, reason], [1001, "The server has failed and has to start again"]);
    close();
    await within(DEADLINE, "the server to stop", server.stop("The test is over"));
    const told = logs.lines.filter((line) => /cannot go on/.test(line));
    assertEquals(told.length, 1, told.join("\n"));
  });
}

Deno.test("exitCodeOf() tells a supervisor a failed disk from a defect", () => {
  assertEquals(exitCodeOf(new LostWriteError("gone")), 74);
  assertEquals(exitCodeOf(new DamageError("row 7")), 74);
  assertEquals(exitCodeOf(new TypeError("undefined is not a function")), 1);
});
