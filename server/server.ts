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
import { allowancesOf } from "../client/allowances.ts";
import { isLoopback } from "../config/address.ts";
import { StartError } from "../config/errors.ts";
import type { ServeConfig } from "../config/config.ts";
import { RetryLoop } from "../client/outgoing.ts";
import { Admission } from "./admission.ts";
import { Assets } from "../http/assets.ts";
import { ServerRequestHandler } from "./request_handler.ts";
import { Access } from "../http/access.ts";
import { createApp } from "../http/app.ts";
import { createMetricsApp } from "../http/metrics_app.ts";
import { connectionNumbers, sendAway } from "../hub/admin_commands.ts";
import { Hub } from "../hub.ts";
import { SearchLimit } from "../limits/search_limit.ts";
import { RefusalLog } from "../log/refusals.ts";
import { LoopDelay } from "../metrics/loop_delay.ts";
import { createMetrics } from "../metrics/prometheus.ts";
import { Drain } from "./drain.ts";
import { MemoryGuard } from "./memory_guard.ts";
import { MemoryRelief } from "./memory_relief.ts";
import { Policy } from "../people/policy.ts";
import { steadyNow } from "../clock/steady.ts";
import { registerFigures } from "./figures.ts";
import { listenForMetrics } from "./metrics_listener.ts";
import { announceFirstAdmin, createAccountServices, createAdminServices } from "./people.ts";
import { Readiness } from "./readiness.ts";
import { openStores } from "./stores.ts";
import { Upkeep } from "./upkeep.ts";
import type { Listen, Listener } from "../transport/listener.ts";

const logger = getLogger(["hubbub", "server"]);

/** Interval of the hub's sweeps, in milliseconds. */
const SWEEP_MS = 1000;

/** Time for peers to answer the closing handshake when the server stops, in milliseconds. */
const FAREWELL_MS = 1500;

/** TCP connections a second of one address, as a multiple of WebSockets: a page opens several, a program one a request. */
const ACCEPTS_PER_CONNECT = 10;

/** Unfinished messages of all clients together may hold this part of the memory. */
const HELD_SHARE = 4;

/** What everybody is told when the server cannot go on. */
const FAILED = "The server has failed and has to start again";

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
  /**
   * Resolves if the server cannot go on: what was written last may be lost, data turned out to be damaged, or
   * the hub has ended. It is stopping by then. Never rejects.
   */
  readonly failed: Promise<Error>;
  /**
   * Reads certificate and key again, for connections that are opened from now on.
   *
   * @returns whether there is TLS
   * @throws {StartError} if they cannot be used: the old ones stay in use
   */
  reloadTls(): Promise<boolean>;
  /**
   * Accepts nobody new and sends those who are connected away, over the time that `--drain-for` says; resolves
   * when that is done. To be called before `stop`. Never rejects.
   */
  drain(): Promise<void>;
  /** Stops; resolves when everything is committed and all connections are closed. Idempotent. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts a server.
 *
 * @param print takes the link for the first admin, which is a secret and must not get into the log;
 *   default: nobody is told
 * @param open opens what the server keeps
 * @throws {StartError} if the data cannot be opened, or if it cannot listen on the address
 */
export async function startServer(
  config: ServeConfig,
  print: (line: string) => void = () => {},
  open: typeof openStores = openStores,
): Promise<Server> {
  const assets = await Assets.load(ASSETS);
  const stores = await open(config);
  const { store, rooms, files, people, clock } = stores;
  const { visits, authenticate } = people;
  const { access: mode, password } = config;
  // Whoever does not know the shared password gets nothing either.
  const policy = new Policy(password === undefined ? mode : "members");
  const metrics = createMetrics();
  const refusals = new RefusalLog(metrics);
  const loopDelay = new LoopDelay();
  const loops = { chat: new RetryLoop(), echo: new RetryLoop(), relay: new RetryLoop() };
  const allowances = allowancesOf(config, steadyNow);
  const searches = new SearchLimit(config);
  const hub = new Hub(store, {
    ...config,
    allowances,
    searches,
    visits,
    rooms,
    files,
    policy,
    metrics,
    refusals,
    sanctions: people.sanctions,
    retryLoop: loops.chat,
  });
  const running = hub.run();
  const admission = new Admission(config);
  const memory = new MemoryGuard({ ...config, metrics });
  const relief = new MemoryRelief();
  memory.addRelief(() => relief.closeUnauthenticated());
  // With the other transport nobody can make the server hold much.
  if (config.transport === "deno") {
    memory.addRelief(() => relief.closeGuests());
    memory.addRelief(() => relief.closeAll());
  }
  const readiness = new Readiness({
    store,
    people: people.store,
    ...(config.maxFile > 0 && { files }),
    isDamaged: () => stores.isDamaged(),
    now: () => clock.now(),
    steady: steadyNow,
  });
  registerFigures(metrics, { ...config, admission, readiness, store, files, loopDelay, loops });
  const endpoints = [
    chatEndpoint(hub),
    ...(config.noEcho ? [] : [echoEndpoint(config, allowances, loops.echo, people.sanctions)]),
    ...(config.noRelay ? [] : [relayEndpoint(config, allowances, loops.relay, people.sanctions)]),
  ];
  const drain = new Drain({
    connections: () => connectionNumbers(hub),
    sendAway: (connections, reason) => sendAway(hub, connections, reason),
    closeOthers: (reason) => endpoints.forEach((endpoint) => endpoint.stop?.(reason)),
    metrics,
  });
  let isStopping = false;
  const isDraining = () => isStopping || drain.isDraining;
  let hasFailed = false;
  const access = new Access({
    ...config,
    hub,
    policy,
    files,
    searches,
    sanctions: people.sanctions,
    clock: () => clock.now(),
  });
  const accounts = createAccountServices(config, people, {
    hub,
    messages: store,
    access,
    metrics,
    refusals,
    now: () => clock.now(),
  });
  const health = { readiness, isDraining, hasFailed: () => hasFailed };
  const admin = createAdminServices(config, people, { hub, messages: store, access, drain, clock });
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
    admin,
    ...health,
    refusals,
    allowances,
  });
  const requests = new ServerRequestHandler({
    ...config,
    isDraining,
    authenticate,
    policy,
    admission,
    sanctions: people.sanctions,
    memory,
    relief,
    allowances,
    refusals,
    now: () => clock.now(),
    endpoints,
    fetch: app.fetch,
  });
  let upkeep: Upkeep | undefined;
  const sweeps = setInterval(() => hub.sweep(), SWEEP_MS);
  let listener: Listener | undefined;
  let metricsListener: Listener | undefined;
  let stopped: Promise<void> | undefined;
  const stop = (reason: string) => stopped ??= stopEverything(reason);
  const failed = Promise.race([stores.failed, failureOf(running)]).then((error) => {
    hasFailed = true;
    logger.error("The server cannot go on: {reason}", { reason: error.message });
    void stop(FAILED);
    return error;
  });

  async function stopEverything(reason: string): Promise<void> {
    logger.info("Stopping: {reason}", { reason, connections: admission.count });
    await release(reason);
    await listener?.close(FAREWELL_MS);
    await metricsListener?.close(0);
    refusals.summarize();
    logger.info("Stopped");
  }

  async function release(reason: string): Promise<void> {
    isStopping = true;
    clearInterval(sweeps);
    memory.stop();
    loopDelay.stop();
    for (const endpoint of endpoints) endpoint.stop?.(reason);
    hub.stop(reason);
    await running.catch(() => {});
    await upkeep?.stop();
    await stores.close();
  }

  try {
    const listen = await loadTransport(config);
    const { metricsAddr } = config;
    if (metricsAddr !== undefined) {
      const watched = createMetricsApp({ ...health, metrics });
      metricsListener = await listenForMetrics(metricsAddr, listen, watched);
    }
    listener = await listen({
      ...config,
      maxAcceptRate: ACCEPTS_PER_CONNECT * config.connectRate,
      maxHeldBytes: config.maxMemory / HELD_SHARE,
      refusals,
      metrics,
    }, requests);
  } catch (error) {
    await (stopped ??= release(""));
    await metricsListener?.close(0);
    throw error;
  }
  const isUnix = listener.url.startsWith("unix:");
  const url = isUnix ? listener.url : new URL(`${config.basePath}/`, listener.url).href;
  logger.info("Listening on {url}", { url });
  if (config.transport === "deno" && !isLoopback(config.addr)) {
    logger.warn(
      "Whoever can reach the port can make the server hold memory: use --transport node on the open internet",
    );
  }
  if (!hasFailed) memory.start();
  if (!hasFailed) upkeep = new Upkeep({ ...config, store, files, visits, hub, clock });
  await announceFirstAdmin(people, config.publicUrl ?? url, print);
  const reloadTls = async () => {
    await listener?.reloadTls();
    return config.tls !== undefined;
  };
  const drainFirst = async () => {
    if (config.drainFor === 0 || hasFailed) return;
    drain.start(config.drainFor);
    await Promise.race([drain.finished, failed]);
  };
  return { url, failed, drain: drainFirst, reloadTls, stop };
}

/** Resolves with the error that ends a loop; never, if none does. */
function failureOf(loop: Promise<void>): Promise<Error> {
  return new Promise((resolve) => {
    loop.catch((error: unknown) =>
      resolve(error instanceof Error ? error : new Error(String(error)))
    );
  });
}

/** Loads the selected transport; the other one costs nothing. */
/** @throws {StartError} if the runtime does not carry the transport */
async function loadTransport({ transport }: ServeConfig): Promise<Listen> {
  const { deno } = Deno.version;
  if (transport === "node" && /^2\.[0-5]\./.test(deno)) {
    const reason = `its runtime is Deno ${deno}, whose node:http does not tell who connects`;
    throw new StartError(`Cannot serve with --transport node: ${reason}; use --transport deno`);
  }
  return transport === "node"
    ? (await import("../transport/node/listen.ts")).listen
    : (await import("../transport/deno/listen.ts")).listen;
}
