/**
 * The routes for admins, below `/api/admin/`. All of them take an admin, and none a page of another site.
 *
 * @module
 */
import type { Handler, Hono } from "hono";
import type { AppEnv } from "../base_app.ts";
import type { AdminHandler } from "./handler.ts";
import { listHandlers } from "./lists.ts";
import { liveHandlers } from "./live.ts";
import { sanctionHandlers } from "./sanctions.ts";
import type { AdminServices } from "./services.ts";

/** Adds the routes to an app. */
export function addAdminRoutes(app: Hono<AppEnv>, services: AdminServices): void {
  /** The verb completes "Cannot VERB: …". */
  const admins = (verb: string, handle: AdminHandler): Handler<AppEnv> => async (c) => {
    const { principal, ip } = c.env;
    const user = services.access.admin(c.req.raw, principal, verb);
    return await handle(c, { user, ip });
  };

  const lists = listHandlers(services);
  app.get("/api/admin/connections", admins("list connections", lists.connections));
  app.get("/api/admin/users", admins("list users", lists.users));
  app.get("/api/admin/rooms", admins("list rooms", lists.rooms));
  app.get("/api/admin/audit", admins("read the audit log", lists.audit));

  const sanctions = sanctionHandlers(services);
  app.get("/api/admin/bans", admins("list bans", sanctions.list));
  app.post("/api/admin/bans", admins("ban", sanctions.ban));
  app.delete("/api/admin/bans/:id", admins("lift", sanctions.lift));
  app.post("/api/admin/mute", admins("mute", sanctions.mute));
  app.post("/api/admin/close", admins("close", sanctions.close));

  const live = liveHandlers(services);
  app.post("/api/admin/kick", admins("kick", live.kick));
  app.post("/api/admin/delete", admins("delete", live.remove));
  app.post("/api/admin/announce", admins("announce", live.announce));
  app.post("/api/admin/drain", admins("drain", live.drain));
  app.delete("/api/admin/drain", admins("end drain", live.endDrain));
}
