/**
 * What admins do to whoever is connected, and to what was said: kick, delete, announce, drain.
 *
 * @module
 */
import { formatDuration } from "../../config/units.ts";
import {
  announce,
  type ConnectionRecord,
  deleteMessage,
  kick,
  listConnections,
} from "../../hub/admin_commands.ts";
import { forgetMessages } from "../../hub/people_commands.ts";
import { findUser } from "../../hub/rooms.ts";
import { Refused, type User } from "../../protocol.ts";
import type { Store } from "../../store/store.ts";
import { quote } from "../../text/wording.ts";
import { noContent } from "../accounts/session.ts";
import { jsonResponse } from "../json.ts";
import { type Act, carryOut, targetOf } from "./acts.ts";
import { readBody } from "./fields.ts";
import type { AdminHandler } from "./handler.ts";
import type { Admin, AdminServices } from "./services.ts";

/** Who said something, under which name. */
type Author = Pick<User, "id" | "name">;

/** Makes the handlers. */
export function liveHandlers(services: AdminServices): {
  readonly kick: AdminHandler;
  readonly remove: AdminHandler;
  readonly announce: AdminHandler;
  readonly drain: AdminHandler;
  readonly endDrain: AdminHandler;
} {
  const { hub, messages, visits, drain } = services;

  const kickUser = async (user: User, reason: string, admin: Admin) => {
    refuseAdmin(user);
    const act: Act = { act: "kick", ...targetOf(user), detail: reason };
    return await carryOut(act, admin, services, () => kick(hub, { user: user.id }, reason));
  };

  const kickConnection = async (connection: number, reason: string, admin: Admin) => {
    const { connections } = await listConnections(hub, { after: connection - 1, limit: 1 });
    const found = connections.find(({ number }) => number === connection);
    if (found === undefined) {
      throw new Refused("no_such_user", `Cannot kick: there is no connection number ${connection}`);
    }
    if (found.user !== undefined) refuseAdmin(found.user);
    const act: Act = { act: "kick", ...targetOfConnection(found), detail: reason };
    return await carryOut(act, admin, services, () => kick(hub, { connection }, reason));
  };

  return {
    async kick({ req }, admin) {
      const body = await readBody(req.raw, "kick");
      const by = body.oneOf("user", "connection");
      const reason = body.reason();
      const connections = by === "connection"
        ? await kickConnection(body.connection(), reason, admin)
        : await kickUser(await findUser(body.user(), "kick", visits), reason, admin);
      return jsonResponse(200, { connections });
    },

    async remove({ req }, admin) {
      const body = await readBody(req.raw, "delete");
      if (body.oneOf("room", "user") === "room") {
        const [room, seq] = [body.room(), body.seq()];
        const act: Act = {
          ...{ act: "delete", target: `${room}/${seq}`, logged: `message ${seq} of a room` },
          detail: "",
        };
        const message = { room, seq };
        await carryOut(act, admin, services, () => deleteMessage(hub, message, admin.user));
        return jsonResponse(200, { deleted: 1 });
      }
      const reference = body.user();
      const user = await visits.find(reference) ?? await findGone(reference, messages) ??
        await findUser(reference, "delete", visits);
      const act: Act = { act: "delete", ...targetOf(user), detail: "everything that was said" };
      const deleted = await carryOut(
        act,
        admin,
        services,
        () => forgetMessages(hub, messages, user),
      );
      return jsonResponse(200, { deleted });
    },

    async announce({ req }, admin) {
      const content = (await readBody(req.raw, "announce")).announcement();
      const act: Act = { act: "announce", target: "", detail: content };
      await carryOut(act, admin, services, () => announce(hub, content));
      return noContent();
    },

    async drain({ req }, admin) {
      const time = (await readBody(req.raw, "drain")).drainTime() ?? services.drainFor;
      const act: Act = { act: "drain", target: "", detail: `for ${formatDuration(time)}` };
      await carryOut(act, admin, services, () => Promise.resolve(drain.start(time)));
      return noContent();
    },

    async endDrain(_c, admin) {
      if (drain.isDraining) {
        const act: Act = { act: "end drain", target: "", detail: "" };
        await carryOut(act, admin, services, () => Promise.resolve(drain.callOff()));
      }
      return noContent();
    },
  };
}

/**
 * Whoever said something and may be gone: a guest is soon, and what it said remains.
 *
 * @param reference `@ID`; by a name nobody who is gone is found
 */
async function findGone(
  reference: string,
  messages: Pick<Store, "authored" | "read">,
): Promise<Author | undefined> {
  if (!reference.startsWith("@")) return undefined;
  const id = reference.slice(1);
  const { messages: [first] } = await messages.authored(id);
  if (first === undefined) return undefined;
  const page = await messages.read(first.room, { after: first.seq - 1, limit: 1 });
  const [message] = page.messages;
  return message && { id, name: message.from };
}

/** Names a connection by its number, which means nothing any more after a restart, and by what is known of it. */
function targetOfConnection(
  { number, ip, user }: ConnectionRecord,
): { target: string; logged: string } {
  const known = user && targetOf(user);
  const join = (...parts: (string | undefined)[]) => parts.filter((part) => part).join(" ");
  return {
    target: join(`#${number}`, ip, known?.target),
    logged: join(`#${number}`, known?.logged),
  };
}

/** Admins get rid of each other with `hubbub users`, on the server's machine. */
function refuseAdmin({ name, role }: User): void {
  if (role !== "admin") return;
  const problem = `${quote(name)} is an admin; make it a member first`;
  throw new Refused("forbidden", `Cannot kick: ${problem}`);
}
