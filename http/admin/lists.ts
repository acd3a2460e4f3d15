/**
 * What admins look at: connections, users, rooms, and what admins have done.
 *
 * @module
 */
import { countConnections, listConnections } from "../../hub/admin_commands.ts";
import { ask } from "../../hub/commands.ts";
import { listRooms } from "../../hub/room_list.ts";
import { foldName, isDirectRoom } from "../../protocol.ts";
import { jsonResponse } from "../json.ts";
import { numberedPageOf, pageOf } from "./fields.ts";
import type { AdminHandler } from "./handler.ts";
import type { AdminServices } from "./services.ts";

/** Makes the handlers. */
export function listHandlers({ hub, messages, people, sanctions }: AdminServices): {
  readonly connections: AdminHandler;
  readonly users: AdminHandler;
  readonly rooms: AdminHandler;
  readonly audit: AdminHandler;
} {
  return {
    async connections({ req }) {
      const { limit, from: after = 0 } = numberedPageOf(req, "list connections", "after");
      return jsonResponse(200, await listConnections(hub, { after, limit }));
    },

    async users({ req }) {
      const { limit, after = "", content = "" } = pageOf(req, "list users");
      const page = { after: foldName(after), containing: foldName(content), limit: limit + 1 };
      const found = await people.list(page);
      const listed = found.slice(0, limit);
      const counts = await countConnections(hub, listed.map(({ id }) => id));
      const users = listed.map(({ id, name, role, created, seen, disabled }) => {
        const connections = counts.get(id) ?? 0;
        return { id, name, role, online: connections > 0, created, seen, disabled, connections };
      });
      return jsonResponse(200, { users, complete: found.length <= limit });
    },

    /** Those in which something was said, and those that somebody is in. */
    async rooms({ req }) {
      const request = pageOf(req, "list rooms");
      const { limit, after = "", content = "" } = request;
      const query = { limit, after, containing: content, also: "private" } as const;
      const page = await messages.rooms(query);
      const times = new Map(page.rooms.map(({ room, time }) => [room, time]));
      const isVisible = (room: string) => !isDirectRoom(room);
      const { rooms, complete } = await ask(
        hub,
        ({ registry, memberships }) =>
          listRooms(page, { limit, after, content }, registry, memberships, {
            only: undefined,
            isVisible,
          }),
      );
      return jsonResponse(200, {
        rooms: rooms.map(({ room, user_count: online, last, ...settings }) => ({
          room,
          online,
          last,
          time: times.get(room) ?? 0,
          ...settings,
          ...(sanctions.closureOf(room) !== undefined && { closed: true }),
        })),
        complete,
      });
    },

    async audit({ req }) {
      const { limit, from: before } = numberedPageOf(req, "read the audit log", "before");
      const page = { limit: limit + 1, ...(before !== undefined && { before }) };
      const found = await people.audit(page);
      return jsonResponse(200, {
        entries: found.slice(0, limit),
        complete: found.length <= limit,
      });
    },
  };
}
