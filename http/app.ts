/**
 * Everything that is served without a WebSocket: which path leads to which handler.
 *
 * @module
 */
import type { Context } from "hono";
import type { ServeConfig } from "../config/config.ts";
import type { HubCommands } from "../hub/commands.ts";
import type { FileStore } from "../files/file_store.ts";
import type { Allowances } from "../limits/allowances.ts";
import type { Refusals } from "../log/refusals.ts";
import type { Store } from "../store/store.ts";
import type { Access } from "./access.ts";
import { type AccountServices, addAllAccountRoutes } from "./accounts/accounts.ts";
import { addAdminRoutes } from "./admin/routes.ts";
import type { AdminServices } from "./admin/services.ts";
import { readHandlers } from "./api/read.ts";
import { sayHandler } from "./api/say.ts";
import type { Assets } from "./assets.ts";
import { type AppEnv, createBaseApp } from "./base_app.ts";
import { downloadHandler } from "./files/download.ts";
import { uploadHandler } from "./files/upload.ts";
import { healthHandler, readyHandler, type ReadyOptions } from "./health.ts";
import { metricsHandler } from "./metrics.ts";
import { Problem } from "./problem.ts";
import type { PrometheusMetrics } from "../metrics/prometheus.ts";
import type { Policy } from "../people/policy.ts";
import type { Principal } from "../people/principal.ts";
import type { Visits } from "../people/visits.ts";
import type { Peer } from "../transport/socket.ts";

/** The part of the configuration that concerns the routes. */
export type AppConfig = Pick<
  ServeConfig,
  | "allowOrigins"
  | "apiTokens"
  | "burst"
  | "maxFile"
  | "maxMessage"
  | "metricsAddr"
  | "noFiles"
  | "rate"
  | "register"
>;

/** What the routes serve. */
export interface AppServices {
  readonly assets: Assets;
  readonly hub: HubCommands;
  readonly store: Store;
  readonly files: FileStore;
  readonly policy: Policy;
  readonly metrics: PrometheusMetrics;
  readonly visits: Visits;
  readonly access: Access;
  readonly accounts: AccountServices;
  readonly admin: AdminServices;
  readonly readiness: ReadyOptions["readiness"];
  readonly refusals: Refusals;
  /** Bounds the bytes of uploads by address. */
  readonly allowances: Allowances;
  /** Whether the server is about to stop. */
  isDraining(): boolean;
  /** Whether the server cannot go on. */
  hasFailed(): boolean;
}

/** Answers requests. */
export interface App {
  /** Answers on behalf of somebody. Never rejects; what goes wrong becomes a response. */
  readonly fetch: (request: Request, principal: Principal, peer: Peer) => Promise<Response>;
}

/** Answers whatever is asked of files on a server that has none. */
const noFilesHandler = (): never => {
  throw Problem.of("forbidden", "Cannot serve file: files are switched off on this server");
};

/** Makes the app. */
export function createApp(config: AppConfig, services: AppServices): App {
  const { allowOrigins, maxFile, noFiles, register } = config;
  const { assets, files, access, allowances } = services;
  const crossOrigin = allowOrigins.kind === "any" || allowOrigins.origins.size > 0;
  const read = readHandlers(services);

  const app = createBaseApp(services.refusals);
  const asset = async (c: Context<AppEnv>, path: string) =>
    await assets.respond(c.req.raw, path) ?? c.notFound();
  app.get("/", (c) => asset(c, "page/index.html"));
  app.get("/static/:path{.+}", (c) => asset(c, c.req.param("path")));
  app.get("/healthz", healthHandler(services));
  app.get("/readyz", readyHandler(services));
  if (config.metricsAddr === undefined) {
    app.get("/metrics", metricsHandler({ metrics: services.metrics, access }));
  }
  if (noFiles) app.all("/files/*", noFilesHandler);
  const takeBytes = (ip: string, count: number) => allowances.takeBytes(ip, count);
  app.post("/files", uploadHandler({ files, access, maxFile, register, takeBytes }));
  app.get("/files/:id/:name", downloadHandler({ files, access, crossOrigin }));
  app.get("/api/rooms", read.rooms);
  app.get("/api/rooms/:room/messages", read.messages);
  app.post("/api/rooms/:room/messages", sayHandler({ ...config, ...services }));
  app.get("/api/search", read.search);
  addAllAccountRoutes(app, services.accounts);
  addAdminRoutes(app, services.admin);
  return {
    fetch: async (request, principal, { ip }) => await app.fetch(request, { principal, ip }),
  };
}
