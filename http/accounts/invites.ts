/**
 * `/api/invites`: making, listing and revoking invitations. They are used with `POST /api/session`.
 *
 * @module
 */
import type { Handler } from "hono";
import type { AppEnv } from "../base_app.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import { readOptionalFields } from "./fields.ts";
import type { AccountRouteServices } from "./services.ts";
import { noContent } from "./session.ts";

/** Makes the handlers. */
export function inviteHandlers({ invites, checkSite }: AccountRouteServices): {
  readonly make: Handler<AppEnv, "/api/invites">;
  readonly list: Handler<AppEnv, "/api/invites">;
  readonly revoke: Handler<AppEnv, "/api/invites/:id">;
} {
  return {
    /** The link is relative to the server, whose address the client knows best. */
    async make(c) {
      checkSite(c.req.raw);
      const fields = await readOptionalFields(c.req.raw, "invite");
      const { code, invite } = await invites.make(c.env.principal, {
        role: fields.text("role"),
        rooms: fields.texts("rooms"),
        uses: fields.number("uses"),
        expires: fields.number("expires"),
      });
      return jsonResponse(201, { ...invite, code, url: `/#invite=${code}` });
    },

    async list(c) {
      return jsonResponse(200, { invites: await invites.list(c.env.principal) });
    },

    async revoke(c) {
      checkSite(c.req.raw);
      if (await invites.revoke(c.env.principal, c.req.param("id"))) return noContent();
      throw new Problem(404, "Cannot revoke invitation: there is none with this id");
    },
  };
}
