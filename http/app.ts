/**
 * Which path leads where, but for the WebSockets'.
 *
 * @module
 */
import type { ServeConfig } from "../config/config.ts";
import type { HubCommands } from "../hub/commands.ts";
import type { FileStore } from "../files/store.ts";
import type { Store } from "../store/store.ts";
import { Access } from "./access.ts";
import { readHandlers } from "./api/read.ts";
import { sayHandler } from "./api/say.ts";
import type { Assets } from "./assets.ts";
import { downloadHandler } from "./files/download.ts";
import { uploadHandler } from "./files/upload.ts";
import { healthHandler, readyHandler } from "./health.ts";
import type { Policy } from "../people/policy.ts";
import { Problem } from "./problem.ts";
import type { Handler, Route } from "./router.ts";

/** What of the configuration concerns the routes. */
export type TableConfig = Pick<
  ServeConfig,
  "allowOrigins" | "apiTokens" | "burst" | "maxFile" | "maxMessage" | "rate"
>;

/** What the routes lead to. */
export interface TableTargets {
  readonly assets: Assets;
  readonly hub: HubCommands;
  readonly store: Store;
  readonly files: FileStore;
  readonly policy: Policy;
  /** Whether the server is about to stop. */
  isDraining(): boolean;
}

/** Makes the table. */
export function routeTable(config: TableConfig, targets: TableTargets): Route[] {
  const { allowOrigins, maxFile } = config;
  const { assets, files } = targets;
  const crossOrigin = allowOrigins.kind === "any" || allowOrigins.origins.size > 0;
  const access = new Access({ ...config, ...targets });
  const read = readHandlers({ ...targets, access });
  const say = sayHandler({ ...config, ...targets, access });
  return [
    { path: "/", get: assetHandler(assets, () => "page/index.html") },
    { path: "/static/*path", get: assetHandler(assets, (param) => param("path")) },
    { path: "/healthz", get: healthHandler() },
    { path: "/readyz", get: readyHandler(targets) },
    { path: "/files", post: uploadHandler({ files, access, maxFile }) },
    { path: "/files/:id/:name", get: downloadHandler({ files, access, crossOrigin }) },
    { path: "/api/rooms", get: read.rooms },
    { path: "/api/rooms/:room/messages", get: read.messages, post: say },
    { path: "/api/search", get: read.search },
  ];
}

function assetHandler(
  assets: Assets,
  nameOf: (param: (name: string) => string) => string,
): Handler {
  return async (request, { param }) => {
    const asset = await assets.respond(request, nameOf(param));
    if (asset !== undefined) return asset;
    throw new Problem(404, "Cannot serve request: there is nothing at this path");
  };
}
