/**
 * The server: opens the store, starts the hub, listens, and stops everything in order. The one place that
 * knows all parts.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { chatEndpoint } from "../endpoints/chat.ts";
import { echoEndpoint } from "../endpoints/echo.ts";
import { relayEndpoint } from "../endpoints/relay.ts";
import type { ServeConfig } from "../config/config.ts";
import { Admission } from "./admission.ts";
import { Assets } from "../http/assets.ts";
import { ServerRequestHandler } from "./request_handler.ts";
import { Access } from "../http/access.ts";
import { createApp } from "../http/app.ts";
import { Hub } from "../hub.ts";
import { createMetrics } from "../metrics/prometheus.ts";
import { Policy } from "../people/policy.ts";
import type { FileStore } from "../files/file_store.ts";
import { openFiles } from "../files/open.ts";
import {
  announceFirstAdmin,
  createAccountServices,
  openPeopleServices,
  type People,
} from "./people.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import type { Listen, Listener } from "../transport/listener.ts";

const logger = getLogger(["hubbub", "server"]);

/** Interval of the hub's sweeps, in milliseconds. */
const SWEEP_MS = 1000;

/** Interval at which guests and sessions whose time is over are removed, in milliseconds. */
const PEOPLE_SWEEP_MS = 5000;

/** Interval of retention, in milliseconds. */
const RETAIN_MS = 60_000;

/** Time for peers to answer the closing handshake when the server stops, in milliseconds. */
const FAREWELL_MS = 1500;

/**
 * What is served under `/static/`. The paths mirror the repository, so that a relative import in the
 * page leads to the same module in a browser as on disk.
 */
const ASSETS = {
  "page/": new URL("../static/", import.meta.url),
  "protocol/wire.js": new URL("../protocol/wire.js", import.meta.url),
  "sdk/": new URL("../sdk/", import.meta.url),
};

/** A running server. */
export interface Server {
  /** Where it listens, as a browser would write it, or `unix:PATH`. */
  readonly url: string;
  /** Stops; resolves when everything is committed and all connections are closed. Idempotent. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts a server.
 *
 * @param print takes the link for the first admin, which is a secret and must not get into the log;
 *   default: nobody is told
 * @throws {StartError} if the data cannot be opened, or if it cannot listen on the address
 */
export async function startServer(
  config: ServeConfig,
  print: (line: string) => void = () => {},
): Promise<Server> {
  const assets = await Assets.load(ASSETS);
  const store = await openStore(config);
  const files = await openFilesOrClose(config, store);
  const people = await openPeopleOrClose(config, [files, store]);
  const { visits, authenticate } = people;
  const { access: mode, password } = config;
  // Whoever does not know the shared password gets nothing either.
  const policy = new Policy(password === undefined ? mode : "members");
  const metrics = createMetrics();
  const rooms = await store.roomsState();
  const hub = new Hub(store, { ...config, visits, rooms, files, policy, metrics });
  const running = hub.run();
  const admission = new Admission(config);
  metrics.register({
    name: "hubbub_connections",
    help: "WebSocket connections that are not gone yet, on all endpoints",
    type: "gauge",
    read: () => admission.count,
  });
  const endpoints = [chatEndpoint(hub), echoEndpoint(config), relayEndpoint(config)];
  const isDraining = () => requests.draining;
  const access = new Access({ ...config, hub, policy, files });
  const accounts = createAccountServices(config, people, { hub, messages: store, access });
  const app = createApp(config, {
    assets,
    hub,
    store,
    files,
    policy,
    metrics,
    visits,
    access,
    accounts,
    isDraining,
  });
  const requests: ServerRequestHandler = new ServerRequestHandler({
    ...config,
    authenticate,
    policy,
    admission,
    endpoints,
    fetch: app.fetch,
  });
  const timers = [
    setInterval(() => hub.sweep(), SWEEP_MS),
    setInterval(() => visits.sweep(), PEOPLE_SWEEP_MS),
    ...startRetention(store, config),
    startCollection(files),
  ];
  let listener: Listener;
  try {
    const listen = await loadTransport(config);
    listener = await listen(config, requests);
  } catch (error) {
    for (const timer of timers) clearInterval(timer);
    hub.stop("");
    await running;
    await people.store.close();
    await files.close();
    await store.close();
    throw error;
  }
  logger.info("Listening on {url}", { url: listener.url });
  await announceFirstAdmin(people, config.publicUrl ?? listener.url, print);

  async function stop(reason: string): Promise<void> {
    logger.info("Stopping: {reason}", { reason, connections: admission.count });
    requests.draining = true;
    for (const timer of timers) clearInterval(timer);
    for (const endpoint of endpoints) endpoint.stop?.(reason);
    hub.stop(reason);
    await running;
    await people.store.close();
    await files.close();
    await store.close();
    await listener.close(FAREWELL_MS);
    logger.info("Stopped");
  }
  let stopped: Promise<void> | undefined;
  return { url: listener.url, stop: (reason) => stopped ??= stop(reason) };
}

/** Loads the selected transport; the other one costs nothing. */
async function loadTransport({ transport }: ServeConfig): Promise<Listen> {
  return transport === "node"
    ? (await import("../transport/node/listen.ts")).listen
    : (await import("../transport/deno/listen.ts")).listen;
}

/** Starts retention, if there is a limit to enforce. */
function startRetention(
  store: Store,
  { retention }: ServeConfig,
): ReturnType<typeof setInterval>[] {
  if (retention.maxAge === undefined && retention.maxMessages === undefined) return [];
  const retain = () => {
    store.retain(retention, Date.now()).then((removed) => {
      if (removed > 0) logger.info("Removed {removed} old messages", { removed });
    }, (error: unknown) => logger.error("Removing old messages failed: {error}", { error }));
  };
  retain();
  return [setInterval(retain, RETAIN_MS)];
}

/** Opens the file store; closes the message store if that fails. */
async function openFilesOrClose(config: ServeConfig, store: Store): Promise<FileStore> {
  try {
    return openFiles(config, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens what knows people; closes the other stores if that fails. */
async function openPeopleOrClose(
  config: ServeConfig,
  stores: readonly { close(): Promise<void> }[],
): Promise<People> {
  try {
    return await openPeopleServices(config);
  } catch (error) {
    for (const store of stores) await store.close();
    throw error;
  }
}

/** Starts to remove files that no message refers to any more. */
function startCollection(files: FileStore): ReturnType<typeof setInterval> {
  const collect = () => {
    files.collect(Date.now()).then((removed) => {
      if (removed > 0) logger.info("Removed {removed} files", { removed });
    }, (error: unknown) => logger.error("Removing files failed: {error}", { error }));
  };
  collect();
  return setInterval(collect, RETAIN_MS);
}

/** Signals that stop the server. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** Time after which the process ends even if stopping is not done, in milliseconds. */
const STOP_DEADLINE_MS = 4500;

/**
 * Serves until a signal says to stop. A second signal ends the process at once.
 *
 * @returns the process's exit code
 * @throws {StartError} if the data cannot be opened, or if it cannot listen on the address
 */
export async function runServe(
  config: ServeConfig,
  print: (line: string) => void,
): Promise<number> {
  const signal = Promise.withResolvers<Deno.Signal>();
  let signals = 0;
  for (const name of SIGNALS) {
    Deno.addSignalListener(name, () => {
      if (++signals > 1) Deno.exit(1);
      signal.resolve(name);
    });
  }
  const server = await startServer(config, print);
  await signal.promise;
  const deadline = setTimeout(() => {
    logger.error("Could not stop within {ms} ms: uncommitted changes are lost", {
      ms: STOP_DEADLINE_MS,
    });
    Deno.exit(1);
  }, STOP_DEADLINE_MS);
  await server.stop("The server is shutting down");
  clearTimeout(deadline);
  return 0;
}
