/**
 * What the commands behind a slash do.
 *
 * @module
 */
import { checkName, ROOM_PATTERN } from "../../protocol.ts";
import { type HubbubClient, RefusedError } from "../../sdk/hubbub.js";
import { harmlessLine } from "../../text/harmless.ts";
import { NEWLINE } from "./keys.ts";
import { expandHome } from "./paths.ts";
import type { Pending } from "./room_log.ts";
import { helpText, type Meaning, type SlashName } from "./slash.ts";
import type { ChatState } from "./state.ts";
import { progressBar, upload, UploadError } from "./upload.ts";

/** What actions work on. */
export interface ActionContext {
  readonly client: HubbubClient;
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
  join(args, { client, state }) {
    const room = args.replace(/^#/, "").toLowerCase();
    if (!ROOM_PATTERN.test(room)) {
      return state.note("A room's name has 1 to 64 of a-z, 0-9, - and _", true);
    }
    if (!state.has(room)) {
      client.join(room).catch((error: unknown) => state.note(refusal(error), true));
    }
    state.turnTo(room);
  },

  leave(args, { client, state }) {
    const room = args === "" ? state.current.name : args.replace(/^#/, "");
    if (!state.has(room)) return state.note(`You are not in ${room}`, true);
    if (state.rooms.length === 1) return state.note("This is your only room: /quit says goodbye");
    client.leave(room);
    state.forget(room);
  },

  rooms: (_args, context) => ask({ type: "rooms" }, context),

  who: (_args, context) => ask({ type: "users", room: context.state.current.name }, context),

  nick(args, context) {
    const { client, state } = context;
    const checked = checkName(args);
    if ("problem" in checked) return state.note(`Cannot change name: ${checked.problem}`, true);
    if (client.isOnline) ask({ type: "rename", content: checked.name }, context);
    else client.login(checked.name);
  },

  msg(args, context) {
    const [, to = "", content = ""] = /^(\S+)\s+(.*)$/s.exec(args) ?? [];
    keep(content, context.client.tell(to, content.replaceAll(NEWLINE, "\n")), context);
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

type Question = Parameters<HubbubClient["ask"]>[0];

/** Asks the server and shows its answer. What changes something is shown when it is told to everybody. */
async function ask(
  question: Question,
  { client, state, changed }: ActionContext,
): Promise<void> {
  try {
    const answer = await client.ask(question);
    if (answer.type === "users" || answer.type === "rooms" || answer.type === "search") {
      state.apply(answer);
    }
  } catch (error) {
    state.note(refusal(error), true);
  }
  changed();
}

function newestOwn({ state: { current, name } }: ActionContext) {
  return current.findLast(({ from, deleted, file }) => from === name && !deleted && !file);
}

function say(text: string, context: ActionContext, replyTo?: number): void {
  const { current } = context.state;
  const content = text.replaceAll(NEWLINE, "\n");
  const pending: Pending = { text: content };
  current.pending.push(pending);
  const options = replyTo === undefined ? {} : { replyTo };
  keep(content, context.client.say(current.name, content, options), context).then(() => {
    current.pending.splice(current.pending.indexOf(pending), 1);
    context.changed();
  });
}

/** Tells in the room on the screen if what was said there was refused. Never rejects. */
async function keep(
  content: string,
  said: Promise<unknown>,
  { state: { current }, changed }: ActionContext,
): Promise<void> {
  try {
    await said;
  } catch (error) {
    current.note(`${refusal(error)}: ${content}`, Date.now(), true);
    changed();
  }
}

/** @throws whatever else it is */
function refusal(error: unknown): string {
  if (!(error instanceof RefusedError)) throw error;
  return error.code === "offline" ? "There is no connection now" : harmlessLine(error.message);
}

async function sendFile(path: string, context: ActionContext): Promise<void> {
  const { client, state, base, signal, showHint, changed } = context;
  const { session, limits } = client;
  if (session === "" || limits === undefined) {
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
  await keep(name, client.announce(room, id), context);
}
