/**
 * Bans, mutes and closed rooms. That they hold, the doors and the hub see to: whoever is banned is put out
 * when the list changes.
 *
 * @module
 */
import { formatDuration } from "../../config/units.ts";
import { findUser } from "../../hub/rooms.ts";
import type { NewSanction, Target } from "../../people/sanction_list.ts";
import type { SanctionRecord } from "../../people/store.ts";
import { noContent } from "../accounts/session.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import { type Act, entryOf, logAct, targetOf } from "./acts.ts";
import { type Body, readBody } from "./fields.ts";
import type { AdminHandler } from "./handler.ts";
import type { Admin, AdminServices } from "./services.ts";

/** Makes the handlers. */
export function sanctionHandlers(services: AdminServices): {
  readonly mute: AdminHandler;
  readonly ban: AdminHandler;
  readonly close: AdminHandler;
  readonly list: AdminHandler;
  readonly lift: AdminHandler;
} {
  const { visits, sanctions, now } = services;

  const impose = async (
    kind: SanctionRecord["kind"],
    aim: (body: Body) => Target | Promise<Target>,
    request: Request,
    admin: Admin,
  ): Promise<Response> => {
    const body = await readBody(request, kind);
    const target = await aim(body);
    const [duration, reason] = [body.sanctionTime(), body.reason()];
    const sanction: NewSanction = {
      ...{ kind, target, reason, by: admin.user.id, ip: admin.ip },
      ...duration !== undefined && { duration },
    };
    const act: Act = { act: kind, ...named(target), detail: describe(duration, reason) };
    const imposed = await sanctions.add(sanction, entryOf(act, admin, now()));
    logAct(act, admin);
    return jsonResponse(201, shown(imposed));
  };

  const user = async (body: Body, verb: string) => ({
    user: await findUser(body.user(), verb, visits),
  });

  return {
    mute: ({ req }, admin) => impose("mute", (body) => user(body, "mute"), req.raw, admin),

    ban: ({ req }, admin) =>
      impose(
        "ban",
        (body) => {
          const by = body.oneOf("user", "name", "address");
          if (by === "user") return user(body, "ban");
          return by === "name" ? { name: body.name() } : { address: body.address() };
        },
        req.raw,
        admin,
      ),

    close: ({ req }, admin) => impose("close", (body) => ({ room: body.room() }), req.raw, admin),

    list: () => Promise.resolve(jsonResponse(200, { bans: sanctions.list().map(shown) })),

    async lift({ req }, admin) {
      const id = req.param("id") ?? "";
      const found = sanctions.list().find((one) => one.id === id);
      if (found === undefined) throw unknown();
      const act: Act = { act: "lift", ...labelled(found), detail: found.kind };
      const lifted = await sanctions.remove(id, entryOf(act, admin, now()));
      if (lifted === undefined) throw unknown();
      logAct(act, admin);
      return noContent();
    },
  };
}

function unknown(): Problem {
  return new Problem(404, "Cannot lift: there is no ban, mute or closed room with this id");
}

/** The target of a new sanction, for the audit log. */
function named(target: Target): Pick<Act, "target" | "logged"> {
  if ("user" in target) return targetOf(target.user);
  if ("name" in target) return { target: target.name, logged: "a name" };
  if ("room" in target) return { target: target.room, logged: "a room" };
  return { target: target.address };
}

/** The target of a sanction that is there. */
function labelled({ target, label }: SanctionRecord): Pick<Act, "target" | "logged"> {
  if ("user" in target) return { target: `${label} (@${target.user})`, logged: `@${target.user}` };
  if ("name" in target) return { target: label, logged: "a name" };
  return "room" in target ? { target: label, logged: "a room" } : { target: label };
}

function describe(duration: number | undefined, reason: string): string {
  const time = duration === undefined ? "for ever" : `for ${formatDuration(duration)}`;
  return reason === "" ? time : `${time}: ${reason}`;
}

/** A sanction as it is answered: what it is imposed on, by the member that says what kind of thing that is. */
function shown({ target, ...sanction }: SanctionRecord): object {
  const { id, kind, label, until, reason, by, created } = sanction;
  return {
    id,
    kind,
    ...("network" in target
      ? { address: target.network }
      : "name" in target
      ? { name: label }
      : target),
    label,
    ...(until !== undefined && { until }),
    reason,
    by,
    created,
  };
}
