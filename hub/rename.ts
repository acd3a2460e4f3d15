/**
 * Renaming: everybody in all rooms of the user is told, so nobody may do it all the time.
 *
 * @module
 */
import { KeyedBuckets } from "../limits/keyed_buckets.ts";
import { Refused, type RenameRequest, type UserId } from "../protocol.ts";
import type { Call, Continuation, RequestContext } from "./context.ts";

/** Renames that a user may do at once, and in how many seconds one more comes. */
const BURST = 5;
const SECONDS_EACH = 30;

/** A rename counts once for each so many connections that are told of it, once for each room. */
const TOLD_EACH = 1000;

/**
 * How often each user may rename itself.
 *
 * @param rate of requests; 0: nothing that counts by the second applies
 * @param now a steady clock, in milliseconds
 */
export function renameLimit(rate: number, now?: () => number): KeyedBuckets {
  return new KeyedBuckets({
    rate: rate === 0 ? Infinity : 1 / SECONDS_EACH,
    burst: BURST,
    ...(now !== undefined && { now }),
  });
}

/**
 * Counts a rename.
 *
 * @param verb for the error message: "Cannot VERB: …"
 * @throws {Refused} `rate_limited`
 */
export function countRename(
  verb: string,
  id: UserId,
  { registry, renames }: Pick<RequestContext, "registry" | "renames">,
): void {
  const user = registry.findUser(id);
  const cost = user === undefined ? 1 : Math.ceil(registry.audienceOf(user) / TOLD_EACH);
  const wait = renames.take(id, Math.min(Math.max(1, cost), BURST));
  if (wait === 0) return;
  const allowed = `${BURST} times at once, and then every ${SECONDS_EACH} s, in large rooms less`;
  throw new Refused("rate_limited", `Cannot ${verb}: you may do it ${allowed}`, wait);
}

/** Gives the requester another name. */
export async function rename(
  { content: name, id }: RenameRequest,
  { from }: Call,
  context: RequestContext,
): Promise<Continuation> {
  const { id: by, name: before } = from.user;
  countRename("rename", by, context);
  const renamed = await context.visits.rename(by, name);
  return {
    serve({ from, batch }, { registry }) {
      const { user, currentRoom } = from;
      // Whoever watches the people store may have shown it to the rooms already.
      const isNews = user.name !== renamed.name;
      if (isNews) registry.rename(user, renamed.name, id);
      if (isNews && currentRoom !== undefined) return;
      batch.answer(from, {
        type: "rename",
        room: currentRoom?.name ?? "",
        from: before,
        content: renamed.name,
        by,
        ...(currentRoom?.presence() ?? { user_count: 0 }),
        ...(id !== undefined && { id }),
      });
    },
  };
}
