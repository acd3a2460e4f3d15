/**
 * The routes about accounts: which path leads to which handler.
 *
 * @module
 */
import type { Hono } from "hono";
import type { AppEnv } from "../base_app.ts";
import { accountHandlers } from "./account.ts";
import { inviteHandlers } from "./invites.ts";
import type { AccountRouteServices } from "./services.ts";
import { sessionHandlers } from "./session.ts";

/** Adds the routes to an app. */
export function addAccountRoutes(app: Hono<AppEnv>, services: AccountRouteServices): void {
  const session = sessionHandlers(services);
  app.post("/api/session", session.signIn);
  app.get("/api/session", session.whoAmI);
  app.delete("/api/session", session.logOut);
  app.get("/api/sessions", session.list);
  app.delete("/api/sessions/:id", session.end);

  const account = accountHandlers(services);
  app.post("/api/account", account.create);
  app.delete("/api/account", account.remove);
  app.put("/api/account/password", account.changePassword);

  const invites = inviteHandlers(services);
  app.post("/api/invites", invites.make);
  app.get("/api/invites", invites.list);
  app.delete("/api/invites/:id", invites.revoke);
}
