/**
 * What the commands behind a slash do.
 *
 * @module
 */
import { type Confirmation, type Connection, RefusedError, type Said } from "../connection.ts";
import { checkName, ROOM_PATTERN } from "../../protocol.ts";
import { NEWLINE } from "./keys.ts";
import { expandHome } from "./paths.ts";
import type { Pending } from "./room_log.ts";
import { helpText, type Meaning, type SlashName } from "./slash.ts";
import type { ChatState } from "./state.ts";
import { progressBar, upload, UploadError } from "./upload.ts";

/** What actions work on. */
export interface ActionContext {
  readonly connection: Connection;
  readonly state: ChatState;
  /** What the server's paths are relative to. */
  readonly base: string;
  /** Shows something between log and input; empty: nothing. */
  showHint(text: string): void;
  clear(): void;
  quit(): void;
  /** Must be called when something has changed later than the call. */
  changed(): void;
  /** Ends uploads. */
  readonly signal: AbortSignal;
}

type Action = (args: string, context: ActionContext) => void;

/** Does what a line means. */
export function act(meaning: Meaning, context: ActionContext): void {
  switch (meaning.kind) {
    case "text":
      return say(meaning.text, context);
    case "problem":
      return context.state.note(meaning.problem, true);
    case "command":
      return ACTIONS[meaning.command.name](meaning.command.args, context);
  }
}

const ACTIONS: Readonly<Record<SlashName, Action>> = {
  join(args, { connection, state }) {
    const room = args.replace(/^#/, "").toLowerCase();
    if (!ROOM_PATTERN.test(room)) {
      return state.note("A room's name has 1 to 64 of a-z, 0-9, - and _", true);
    }
    if (!state.has(room)) connection.join(room);
    state.turnTo(room);
  },

  leave(args, { connection, state }) {
    const room = args === "" ? state.current.name : args.replace(/^#/, "");
    if (!state.has(room)) return state.note(`You are not in ${room}`, true);
    if (state.rooms.length === 1) return state.note("This is your only room: /quit says goodbye");
    connection.leave(room);
    state.forget(room);
  },

  rooms: (_args, context) => ask({ type: "rooms" }, context),

  who: (_args, context) => ask({ type: "users", room: context.state.current.name }, context),

  nick(args, { connection, state }) {
    const checked = checkName(args);
    if ("problem" in checked) return state.note(`Cannot change name: ${checked.problem}`, true);
    const { name } = checked;
    if (connection.ask({ type: "rename", content: name }) === undefined) connection.login(name);
  },

  msg(args, context) {
    const [, to = "", content = ""] = /^(\S+)\s+(.*)$/s.exec(args) ?? [];
    keep({ type: "direct", to, content: content.replaceAll(NEWLINE, "\n") }, context);
  },

  reply(args, context) {
    const { current, name } = context.state;
    const target = current.findLast(({ from, deleted }) => from !== name && !deleted);
    if (target === undefined) return context.state.note("There is nothing to answer", true);
    say(args, context, target.seq);
  },

  edit(args, context) {
    const target = newestOwn(context);
    if (target === undefined) return context.state.note("You have said nothing here", true);
    const { room, seq } = target;
    ask({ type: "edit", room, seq, content: args.replaceAll(NEWLINE, "\n") }, context);
  },

  delete(_args, context) {
    const target = newestOwn(context);
    if (target === undefined) return context.state.note("You have said nothing here", true);
    ask({ type: "delete", room: target.room, seq: target.seq }, context);
  },

  react(args, context) {
    const target = context.state.current.findLast(({ deleted }) => !deleted);
    if (target === undefined) return context.state.note("There is nothing to react to", true);
    ask({ type: "react", room: target.room, seq: target.seq, content: args }, context);
  },

  file(args, context) {
    sendFile(expandHome(args), context).catch((error: unknown) => {
      if (!(error instanceof UploadError)) throw error;
      context.state.note(error.message, true);
    }).finally(() => {
      context.showHint("");
      context.changed();
    });
  },

  search: (args, context) => ask({ type: "search", content: args, limit: 20 }, context),

  clear: (_args, { clear }) => clear(),

  help: (_args, { state }) => state.note(helpText()),

  quit: (_args, { quit }) => quit(),
};

type AskRequest = Parameters<Connection["ask"]>[0];

function ask(request: AskRequest, { connection, state }: ActionContext): void {
  if (connection.ask(request) === undefined) state.note("There is no connection now", true);
}

function newestOwn({ state: { current, name } }: ActionContext) {
  return current.findLast(({ from, deleted, file }) => from === name && !deleted && !file);
}

function say(text: string, context: ActionContext, replyTo?: number): void {
  const { current } = context.state;
  const content = text.replaceAll(NEWLINE, "\n");
  const pending: Pending = { text: content };
  current.pending.push(pending);
  const said: Said = { type: "user", room: current.name, content };
  keep(replyTo === undefined ? said : { ...said, reply_to: replyTo }, context).then(() => {
    current.pending.splice(current.pending.indexOf(pending), 1);
    context.changed();
  });
}

/** Says something and tells in its room if it was refused. Never rejects. */
async function keep(said: Said, context: ActionContext): Promise<Confirmation | undefined> {
  const { current } = context.state;
  try {
    return await context.connection.say(said);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    current.note(`${error.message}: ${said.content}`, Date.now(), true);
    context.changed();
    return undefined;
  }
}

async function sendFile(path: string, context: ActionContext): Promise<void> {
  const { connection, state, base, signal, showHint, changed } = context;
  const { session, limits } = connection;
  if (session === undefined || limits === undefined) {
    throw new UploadError("Cannot send file: there is no connection now");
  }
  const room = state.current.name;
  const name = path.split("/").at(-1) ?? path;
  const id = await upload(path, {
    base,
    session,
    maxBytes: limits.file_bytes,
    signal,
    progress(sent, total) {
      showHint(progressBar(name, sent, total));
      changed();
    },
  });
  await keep({ type: "file", room, content: id }, context);
}
