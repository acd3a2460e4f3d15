/**
 * The end of rooms in which nothing was ever said, once nobody is there and none but guests are members. A room
 * in which anything was said stays, because its numbers must never start over.
 *
 * @module
 */
import type { Visits } from "../people/visits.ts";
import type { UserId } from "../protocol.ts";
import { ask, type HubCommands } from "./commands.ts";
import type { RequestContext } from "./context.ts";

/** Rooms that are looked at in one batch. */
const ROOMS_AT_ONCE = 200;

/** A room that may be over, and its members. */
interface Candidate {
  readonly room: string;
  readonly members: readonly UserId[];
}

/**
 * Removes rooms that are over, and the memberships of guests in them.
 *
 * @param before when they must have been made, in milliseconds since 1970
 * @returns the number of rooms removed
 */
export async function expireRooms(
  hub: HubCommands,
  visits: Pick<Visits, "describe">,
  before: number,
): Promise<number> {
  let removed = 0;
  const candidates = await ask(hub, (context) => candidatesOf(before, context));
  for (let index = 0; index < candidates.length; index += ROOMS_AT_ONCE) {
    const portion = candidates.slice(index, index + ROOMS_AT_ONCE);
    const users = await visits.describe(new Set(portion.flatMap(({ members }) => members)));
    const isGuest = (id: UserId) => (users.get(id)?.role ?? "guest") === "guest";
    removed += await remove(hub, portion.filter(({ members }) => members.every(isGuest)));
  }
  return removed;
}

function candidatesOf(before: number, { makers, registry, memberships }: RequestContext) {
  return Array.from(makers.silent(before))
    .filter((room) => registry.findRoom(room) === undefined)
    .map((room): Candidate => ({
      room,
      members: memberships.members(room).map(({ user }) => user),
    }));
}

/** Removes rooms in which nothing has happened meanwhile. */
function remove(hub: HubCommands, candidates: readonly Candidate[]): Promise<number> {
  return new Promise((resolve, reject) => {
    hub.command({
      run(batch, { makers, registry, memberships }) {
        const isUnchanged = ({ room, members }: Candidate) =>
          registry.findRoom(room) === undefined &&
          memberships.members(room).every(({ user }) => members.includes(user));
        const over = candidates.filter(isUnchanged);
        for (const { room } of over) makers.expire(room, batch, memberships);
        batch.afterFailure(() => reject(new Error("The store is unavailable")));
        batch.afterCommit(() => resolve(over.length));
      },
      refused: reject,
    });
  });
}
