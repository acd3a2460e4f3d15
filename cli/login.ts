/**
 * `hubbub login`: signs in to a server, or enters it as a guest, and keeps the session for `chat` and `send`.
 *
 * @module
 */
import { StartError, UsageError } from "../config/errors.ts";
import { Secret } from "../config/secret.ts";
import { isLoopback } from "../config/url_values.ts";
import { checkName } from "../protocol.ts";
import { harmlessLine } from "../text/harmless.ts";
import type { LOGIN_FLAGS } from "./account_flags.ts";
import type { Input } from "./command.ts";
import { type InviteLink, inviteLink } from "./invite_link.ts";
import { InterruptedError, Prompter, type PromptTerminal } from "./prompter.ts";
import { serverOperand } from "./server_operand.ts";
import { checkSessionFile, saveSession, sessionPath } from "./session_file.ts";
import { beginSession, endSession } from "./session_request.ts";

/** The signals that end the program, and their numbers (signal(7)). */
const SIGNALS: readonly (readonly [Deno.Signal, number])[] = Deno.build.os === "windows"
  ? [["SIGINT", 2]]
  : [["SIGHUP", 1], ["SIGINT", 2], ["SIGTERM", 15]];

/** What the command works with. */
export interface LoginContext {
  readonly terminal: PromptTerminal;
  /** The file that keeps sessions; empty: there is no place for one. */
  readonly path: string;
  /** Takes a line of standard output. */
  readonly print: (line: string) => void;
  /** Takes a line of standard error. */
  readonly complain: (line: string) => void;
}

/** Signs in on the terminal that the process was started on. */
export function run(input: Input<typeof LOGIN_FLAGS>): Promise<number> {
  return login(input, {
    terminal: thisTerminal(),
    path: sessionPath(),
    print: (line) => console.log(line),
    complain: (line) => console.error(`hubbub: ${line}`),
  });
}

/**
 * Signs in. Resolves to the exit code.
 *
 * @throws {StartError | UsageError} with a message of one line
 */
export async function login(
  { flags, operands }: Pick<Input<typeof LOGIN_FLAGS>, "flags" | "operands">,
  { terminal, path, print, complain }: LoginContext,
): Promise<number> {
  const { base, invite } = findServer(operands[0], flags.invite);
  checkSessionFile(path);
  const url = new URL(base);
  if (url.protocol === "http:" && !isLoopback(url)) {
    complain(`Warning: ${base} is not encrypted, and others may read what is sent there`);
  }
  const prompter = new Prompter(terminal);
  try {
    const name = flags.name ?? await askName(prompter);
    const password = await askPassword(prompter, invite !== undefined);
    const user = await enter(base, path, {
      name,
      ...(password !== "" && { password: new Secret(password) }),
      ...(invite !== undefined && { invite }),
    });
    print(`Logged in to ${base} as ${harmlessLine(user.name)}`);
    return 0;
  } catch (error) {
    if (error instanceof InterruptedError) return error.exitCode;
    throw error;
  } finally {
    prompter.close();
  }
}

function findServer(
  operand: string | undefined,
  flag: InviteLink | undefined,
): { base: string; invite?: Secret } {
  if (flag !== undefined && operand !== undefined) {
    throw new UsageError("Cannot use URL with --invite: the link names the server; leave out URL");
  }
  const link = flag ?? (operand === undefined ? undefined : inviteLink.read(operand));
  if (link !== undefined) return { base: link.url.base, invite: link.code };
  if (operand !== undefined) return { base: serverOperand(operand).base };
  throw new UsageError(
    "Missing argument URL: name the server, or an invitation with --invite LINK",
  );
}

/** Begins a session, keeps it, and ends the one that it replaces. */
async function enter(
  base: string,
  path: string,
  signIn: Parameters<typeof beginSession>[1],
) {
  const begun = await beginSession(base, signIn);
  // If one of the two cannot be ended, it expires by itself.
  const end = (session: Secret) => endSession(base, session).catch(() => false);
  try {
    const old = saveSession(base, begun, path);
    if (old !== undefined) await end(old);
  } catch (error) {
    await end(begun.session);
    throw error;
  }
  return begun.user;
}

async function askName(prompter: Prompter): Promise<string> {
  if (!prompter.interactive) {
    throw new UsageError("Cannot ask for the name: standard input is no terminal; give --name");
  }
  const answer = await prompter.askLine("Name: ");
  if (answer === undefined) throw new StartError("Cannot log in: the input ended before the name");
  const checked = checkName(answer.trim());
  if ("name" in checked) return checked.name;
  throw new StartError(`Cannot log in: ${checked.problem}`);
}

/** Resolves to an empty text if there is none. */
async function askPassword(prompter: Prompter, isNew: boolean): Promise<string> {
  const question = isNew ? "New password (empty for none): " : "Password (empty for a guest): ";
  const password = await prompter.askSecret(question);
  if (password === undefined) {
    throw new StartError("Cannot log in: the input ended before the password");
  }
  if (!isNew || password === "" || !prompter.interactive) return password;
  if (await prompter.askSecret("Again: ") === password) return password;
  throw new StartError("Cannot log in: the two passwords differ");
}

function thisTerminal(): PromptTerminal {
  return {
    input: Deno.stdin.readable,
    interactive: Deno.stdin.isTerminal(),
    write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    onSignal(run) {
      const listeners = SIGNALS.map(([signal, number]) => [signal, () => run(number)] as const);
      for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
      };
    },
  };
}
