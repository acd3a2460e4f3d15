/**
 * What the commands behind a slash do.
 *
 * @module
 */
import { checkName } from "../../protocol.ts";
import type { HubbubClient } from "../../sdk/hubbub.js";
import { type Action, type ActionContext, attempt, refusal } from "./action.ts";
import { NEWLINE } from "./keys.ts";
import { expandHome } from "./paths.ts";
import { directText } from "./phrases.ts";
import type { Pending } from "./room_log.ts";
import { ROOM_ACTIONS } from "./room_actions.ts";
import { helpText, type Meaning, type SlashName } from "./slash.ts";
import { progressBar, upload, UploadError } from "./upload.ts";

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
  ...ROOM_ACTIONS,

  rooms: (args, context) => ask({ type: "rooms", ...(args !== "" && { content: args }) }, context),

  who: (_args, context) => ask({ type: "users", room: context.state.current.name }, context),

  nick(args, context) {
    const { client, state } = context;
    const checked = checkName(args);
    if ("problem" in checked) return state.note(`Cannot change name: ${checked.problem}`, true);
    if (client.isOnline) ask({ type: "rename", content: checked.name }, context);
    else client.login(checked.name);
  },

  msg(args, context) {
    const [, quoted, word = "", content = ""] = /^(?:"([^"]+)"|@?(\S+))\s+(.*)$/s.exec(args) ?? [];
    tell(quoted ?? word, content.replaceAll(NEWLINE, "\n"), context);
  },

  reply(args, context) {
    const { state } = context;
    const target = state.current.findLast((one) => !state.isOwn(one) && !one.deleted);
    if (target === undefined) return state.note("There is nothing to answer", true);
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
function ask(question: Question, context: ActionContext): void {
  const { client, state } = context;
  attempt(context, async () => {
    const answer = await client.ask(question);
    if (answer.type === "users" || answer.type === "rooms" || answer.type === "search") {
      state.apply(answer);
    }
  });
}

function newestOwn({ state }: ActionContext) {
  return state.current.findLast((one) => state.isOwn(one) && !one.deleted && !one.file);
}

/** Says something to one person, and shows it where the user is. */
function tell(to: string, content: string, context: ActionContext): void {
  const { client, state } = context;
  const { current } = state;
  const told = client.tell(to, content).then((message) => {
    if (message.room === state.current.name) return;
    current.note(directText(message, client.nameOf(message.room.slice(1), to)), Date.now());
    context.changed();
  });
  keep(content, told, context);
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
