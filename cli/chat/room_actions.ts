/**
 * What the commands behind a slash do that are about rooms, their members, and who the user is.
 *
 * @module
 */
import { ROOM_PATTERN, type RoomRole } from "../../protocol.ts";
import { sameName } from "../../sdk/names.js";
import { harmlessLine } from "../../text/harmless.ts";
import { type Action, type ActionContext, attempt } from "./action.ts";
import { membersText } from "./phrases.ts";
import type { RoomLog } from "./room_log.ts";

const ROLES: readonly RoomRole[] = ["owner", "moderator", "member"];

export const ROOM_ACTIONS = {
  join(args, context) {
    if (args.startsWith("@")) return openConversation(unquoted(args.slice(1)), context);
    const { client, state } = context;
    const room = args.replace(/^#/, "").toLowerCase();
    if (!isRoomName(room, context)) return;
    // A refusal is told with the event `join-refused`.
    if (!client.rooms.includes(room)) client.join(room).catch(() => {});
    state.turnTo(room);
    learnTopic(state.current, context).then(context.changed, () => {});
  },

  leave(args, { client, state }) {
    const room = args === "" ? state.current : findRoom(args, state);
    if (room === undefined) return state.note(`You are not in ${harmlessLine(args)}`, true);
    if (state.rooms.length === 1) return state.note("This is your only room: /quit says goodbye");
    client.leave(room.name);
    state.forget(room.name);
  },

  members(_args, context) {
    const { client, state } = context;
    const { current } = state;
    attempt(context, async () => {
      const { users } = await client.users(current.name, { all: true });
      current.note(membersText(state.titleOf(current.name), users), Date.now());
    });
  },

  whoami(_args, { client: { user }, state, base }) {
    if (user === undefined) return state.note("You are not logged in", true);
    const { id, name, role } = user;
    const kind = role === "admin" ? "an admin" : `a ${role}`;
    state.note(harmlessLine(`You are ${name}, ${kind} of ${base}, with the id ${id}`));
  },

  private(args, context) {
    const [, room = "", topic = ""] = /^#?(\S+)\s*(.*)$/s.exec(args) ?? [];
    if (!isRoomName(room, context)) return;
    attempt(context, async () => {
      await context.client.create(room, { private: true, ...(topic !== "" && { topic }) });
      context.state.turnTo(room);
    });
  },

  invite: (args, context) =>
    inRoom(context, (room) => context.client.invite(room.name, person(args))),

  remove: (args, context) =>
    inRoom(context, (room) => context.client.remove(room.name, person(args))),

  role(args, context) {
    const [, name = "", word = ""] = /^(.*)\s(\S+)$/s.exec(args) ?? [];
    const role = ROLES.find((one) => one === word.toLowerCase());
    if (role === undefined) {
      const problem = `There is no role ${harmlessLine(word)}: write owner, moderator or member`;
      return context.state.note(problem, true);
    }
    inRoom(context, (room) => context.client.role(room.name, person(name), role));
  },

  topic(args, context) {
    const { client, state } = context;
    inRoom(context, async (room) => {
      if (args !== "") {
        await client.topic(room.name, args);
        return;
      }
      await learnTopic(room, context);
      state.note(room.topic === "" ? "There is no topic" : harmlessLine(`Topic: ${room.topic}`));
    });
  },
} as const satisfies Readonly<Record<string, Action>>;

/** Asks what a room is about: neither an invitation nor an entry tells. */
async function learnTopic(room: RoomLog, { client }: ActionContext): Promise<void> {
  // The page begins shortly before the room.
  const after = room.name.slice(0, -1);
  const { rooms } = await client.listRooms({
    content: room.name,
    ...(after !== "" && { after }),
  });
  const entry = rooms.find((one) => one.room === room.name);
  if (entry !== undefined) room.topic = entry.topic ?? "";
}

/** Turns to the direct conversation with somebody, who may be away. */
function openConversation(name: string, context: ActionContext): void {
  const { client, state } = context;
  const known = findRoom(`@${name}`, state);
  if (known !== undefined) return state.turnTo(known.name);
  attempt(context, async () => {
    const room = await client.direct(name);
    state.room(room).isOpened = true;
    state.turnTo(room);
  });
}

/** The room or direct conversation that is called so on the screen. */
function findRoom(title: string, state: ActionContext["state"]): RoomLog | undefined {
  return state.rooms.find(({ name, isDirect }) =>
    isDirect ? sameName(state.titleOf(name), title) : name === title.replace(/^#/, "")
  );
}

/** Does something about the room on the screen, which must not be a direct conversation. */
function inRoom(context: ActionContext, run: (room: RoomLog) => Promise<unknown>): void {
  const { current } = context.state;
  if (!current.isDirect) return attempt(context, () => run(current));
  context.state.note("This is a direct conversation: turn to a room first", true);
}

function isRoomName(room: string, { state }: ActionContext): boolean {
  if (ROOM_PATTERN.test(room)) return true;
  state.note(
    "A room's name has 1 to 64 of a-z, 0-9, - and _, and begins with none of the last two",
    true,
  );
  return false;
}

/** Whom a command names: `ann`, `@ann`, or in quotes where another word follows. */
function person(text: string): string {
  return unquoted(text.trim().replace(/^@/, ""));
}

function unquoted(text: string): string {
  return /^"(.+)"$/s.exec(text)?.[1] ?? text;
}
