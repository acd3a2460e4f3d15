/**
 * What accounts ask of the hub: memberships that come with an invitation, and the end of what a user has
 * said when the user goes.
 *
 * @module
 */
import type { Principal } from "../people/principal.ts";
import { Refused, type ServerMessage, type User, type UserId } from "../protocol.ts";
import type { Store } from "../store/store.ts";
import type { Requester } from "./batch.ts";
import { ask, type HubCommands } from "./commands.ts";

/**
 * Whether somebody may let others into a room: who may invite to it there. Only admins may invite to a room
 * that is not there yet, since nobody counts the rooms that invitations make.
 */
export function mayInviteTo(
  hub: HubCommands,
  principal: Principal,
  room: string,
): Promise<boolean> {
  return ask(
    hub,
    ({ policy, memberships, makers }) =>
      (makers.isKept(room) || principal.user?.role === "admin") &&
      policy.may(principal, "invite", memberships.access(room, principal.user?.id)),
  );
}

/** Makes a user, who is kept, a member of rooms. Resolves once it is committed. */
export function joinRooms(
  hub: HubCommands,
  user: UserId,
  rooms: readonly string[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    hub.command({
      run(batch, { memberships }) {
        for (const room of rooms) {
          if (memberships.member(room, user) !== undefined) continue;
          batch.changeRoom(memberships, { kind: "member", room, user, role: "member" });
        }
        batch.afterFailure(() => {
          const problem = "the store is unavailable; nothing was changed";
          reject(new Refused("unavailable", `Cannot join rooms: ${problem}`, 1000));
        });
        batch.afterCommit(resolve);
      },
      refused: reject,
    });
  });
}

/**
 * Deletes everything that a user has said, as if the user had done it message by message. Resolves once all
 * of it is committed, to the number of messages.
 *
 * @throws {Refused} `unavailable`; a part may be deleted then
 */
export async function forgetMessages(
  hub: HubCommands,
  store: Store,
  user: Pick<User, "id" | "name">,
): Promise<number> {
  let deleted = 0;
  let after: number | undefined;
  do {
    const { messages, next } = await store.authored(user.id, after);
    if (messages.length > 0) await deleteAll(hub, user, messages);
    deleted += messages.length;
    after = next;
  } while (after !== undefined);
  return deleted;
}

function deleteAll(
  hub: HubCommands,
  { id: by, name: from }: Pick<User, "id" | "name">,
  messages: readonly { room: string; seq: number }[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const requester: Requester = {
      withholds: () => false,
      answer: (answers) => {
        const error = answers.find((answer) => answer.type === "error");
        // The user, or a moderator, was faster.
        if (error === undefined || error.code === "no_such_message") return;
        reject(new Refused(error.code, error.content, error.retry_ms));
      },
      repeat: () => {},
    };
    hub.command({
      run(batch, { registry, files }) {
        for (const { room: name, seq } of messages) {
          const event: ServerMessage & { type: "delete" } = {
            type: "delete",
            room: name,
            seq,
            from,
            by,
            change: 0,
          };
          batch.add({ kind: "delete", room: name, seq, by }, event, requester);
          registry.openByName(name).record(event);
          batch.afterCommit(() => {
            if (!batch.dropped.has(event)) files?.withdraw(name, seq);
          });
        }
        batch.afterCommit(resolve);
      },
      refused: reject,
    });
  });
}
