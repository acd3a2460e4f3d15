/**
 * `/api/account`: becoming a member, the password, and leaving for good.
 *
 * @module
 */
import type { Handler } from "hono";
import type { AppEnv } from "../base_app.ts";
import { jsonResponse } from "../json.ts";
import { noCookie } from "./cookie.ts";
import { readFields, readOptionalFields } from "./fields.ts";
import type { AccountRouteServices } from "./services.ts";
import { recordSignIn } from "./sign_in_record.ts";
import { deviceOf, noContent, renewedCookie, signedInResponse } from "./session.ts";

/** Makes the handlers. */
export function accountHandlers(services: AccountRouteServices): {
  readonly create: Handler<AppEnv, "/api/account">;
  readonly remove: Handler<AppEnv, "/api/account">;
  readonly changePassword: Handler<AppEnv, "/api/account/password">;
} {
  const { accounts, checkSite, forget, signIns } = services;
  return {
    /** A guest who is there becomes a member; without a session, a new member is made. */
    async create(c) {
      checkSite(c.req.raw);
      signIns.take(c.env.ip);
      const fields = await readFields(c.req.raw, "register");
      const password = fields.requiredText("password");
      const { principal } = c.env;
      if (principal.user === undefined) {
        const name = fields.text("name");
        const register = () => accounts.register({ name, password }, deviceOf(c));
        const member = await recordSignIn(c, services, "registration", register);
        return signedInResponse(c, member, services);
      }
      const user = await accounts.claim(principal, password, deviceOf(c));
      return jsonResponse(201, { user }, await renewedCookie(c, services));
    },

    async remove(c) {
      checkSite(c.req.raw);
      const fields = await readOptionalFields(c.req.raw, "remove account");
      const password = fields.text("password");
      const messages = fields.flag("messages") ?? false;
      await accounts.remove(c.env.principal, { password, messages }, { ...deviceOf(c), forget });
      return noContent({ "set-cookie": noCookie(c.req.raw) });
    },

    async changePassword(c) {
      checkSite(c.req.raw);
      const fields = await readFields(c.req.raw, "change password");
      const passwords = { old: fields.text("old"), next: fields.requiredText("new") };
      await accounts.changePassword(c.env.principal, passwords, deviceOf(c));
      return noContent();
    },
  };
}
