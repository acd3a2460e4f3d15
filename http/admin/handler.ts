/**
 * What a handler of a route for admins is.
 *
 * @module
 */
import type { Context } from "hono";
import type { AppEnv } from "../base_app.ts";
import type { Admin } from "./services.ts";

/** Answers a request of somebody who was found to be an admin. */
export type AdminHandler = (c: Context<AppEnv>, admin: Admin) => Promise<Response>;
