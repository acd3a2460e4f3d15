/**
 * Everything about accounts that is served over HTTP.
 *
 * @module
 */
import type { Hono } from "hono";
import type { AppEnv } from "../base_app.ts";
import { addOidcRoutes, type OidcServices } from "./oidc.ts";
import { addPasskeyRoutes, type PasskeyServices } from "./passkeys.ts";
import { addAccountRoutes } from "./routes.ts";
import type { AccountRouteServices } from "./services.ts";

/** What all of it needs. */
export type AccountServices =
  & AccountRouteServices
  & PasskeyServices
  & Omit<OidcServices, "oidc">
  /** Absent: there is no provider to sign in with. */
  & Partial<Pick<OidcServices, "oidc">>;

/** Adds the routes to an app. */
export function addAllAccountRoutes(app: Hono<AppEnv>, services: AccountServices): void {
  addAccountRoutes(app, services);
  addPasskeyRoutes(app, services);
  const { oidc } = services;
  if (oidc !== undefined) addOidcRoutes(app, { ...services, oidc });
}
