/**
 * What admins have imposed, applied to whoever is connected: bans, mutes and closed rooms. That nobody enters
 * or reads a closed room, `Memberships.access` and the policy see to.
 *
 * @module
 */
import { banOf, describeApplied, KICKED, Sanctioned } from "../people/sanctioned.ts";
import {
  type ClientRequest,
  CloseCode,
  type ErrorMessage,
  Refused,
  type User,
  verbOf,
} from "../protocol.ts";
import type { Connection } from "../client.ts";
import type { Batch } from "./batch.ts";
import type { Call, RequestContext } from "./context.ts";
import type { Participant } from "./participant.ts";
import { errorOf } from "./refused.ts";

/** What enforcing needs. */
type Enforcing = Pick<RequestContext, "sanctions" | "registry" | "disconnect" | "now">;

/** Which requests a muted user may not make: those of which others see something. */
const IS_SEEN: Readonly<Record<ClientRequest["type"], boolean>> = {
  user: true,
  direct: true,
  file: true,
  edit: true,
  react: true,
  typing: true,
  create: true,
  topic: true,
  invite: true,
  remove: true,
  role: true,
  rename: true,
  // What is gone hurts nobody.
  delete: false,
  login: false,
  logout: false,
  join: false,
  leave: false,
  users: false,
  rooms: false,
  history: false,
  search: false,
  read: false,
  ping: false,
};

/**
 * Whether nobody is shown what somebody asks for, because it is muted, nor told why.
 *
 * @throws {Sanctioned} `muted`
 */
export function isSilenced(
  type: ClientRequest["type"],
  { from: { user, connection: { ip } } }: Pick<Call, "from">,
  context: Pick<Enforcing, "sanctions" | "now">,
): boolean {
  if (!IS_SEEN[type]) return false;
  // Clients send it by themselves.
  if (type === "typing") return context.sanctions.muteOf(user, ip) !== undefined;
  refuseMuted(user, ip, verbOf(type), context);
  return false;
}

/** The refusal of a file that a muted user sends in a binary frame; `undefined` for others. */
export function uploadRefusal(
  connection: Connection,
  context: Pick<RequestContext, "sanctions" | "now" | "refused">,
): ErrorMessage | undefined {
  const { ip, membership: { user: id, name, role } } = connection;
  try {
    refuseMuted({ id, name, role }, ip, "store file", context);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    context.refused(connection, error);
    return errorOf(error);
  }
}

/**
 * Refuses what others would see.
 *
 * @throws {Sanctioned} `muted`
 */
export function refuseMuted(
  user: User,
  ip: string,
  verb: string,
  { sanctions, now }: Pick<Enforcing, "sanctions" | "now">,
): void {
  const mute = sanctions.muteOf(user, ip);
  if (mute !== undefined) throw Sanctioned.muted(verb, mute, now());
}

/**
 * Refuses a user who was banned while it was looked up.
 *
 * @throws {Sanctioned} `forbidden`
 */
export function refuseBanned(
  user: User,
  ip: string,
  verb: string,
  { sanctions, now }: Pick<Enforcing, "sanctions" | "now">,
): void {
  const [who, ban] = banOf(user, ip, sanctions);
  if (ban !== undefined) throw Sanctioned.banned(verb, who, ban, now());
}

/** Applies all sanctions anew to everybody who is connected. */
export function enforce(batch: Batch, context: Enforcing): void {
  const { registry, sanctions } = context;
  for (const participant of [...registry.participants]) endIfBanned(participant, context);
  for (const name of sanctions.closedRooms()) {
    const closure = sanctions.closureOf(name);
    const room = registry.findRoom(name);
    if (closure === undefined || room === undefined) continue;
    const content = describeApplied(`${name} was closed by an admin`, closure);
    for (const participant of registry.evict(room)) {
      batch.answer(participant, { type: "system", content });
    }
  }
}

/** Ends a connection whose user or address is banned. */
export function endIfBanned(participant: Participant, context: Enforcing): void {
  const { connection, user, isLoggedIn } = participant;
  if (connection.isClosed) return;
  const known = isLoggedIn ? user : connection.principal.user;
  const [who, ban] = banOf(known, connection.ip, context.sanctions);
  if (ban === undefined) return;
  const what = describeApplied(`${who} banned`, ban);
  kickOut(participant, what.charAt(0).toUpperCase() + what.slice(1), context);
}

/**
 * Tells somebody why, and ends the connection for good. Nothing that it has asked for and that was not served
 * yet counts.
 */
export function kickOut(
  participant: Participant,
  content: string,
  { registry, disconnect }: Pick<Enforcing, "registry" | "disconnect">,
): void {
  const { connection } = participant;
  connection.answer([{ type: "system", content }]);
  if (participant.isLoggedIn) registry.logout(participant);
  disconnect(connection, CloseCode.Kicked, KICKED);
}
