/**
 * `hubbub send`: says one thing and is gone. Exit code 0 means that the server keeps it.
 *
 * @module
 */
import { LOBBY, type UserMessage } from "../protocol.ts";
import { RefusedError } from "../sdk/hubbub.js";
import { StartError, UsageError } from "../config/errors.ts";
import { harmlessJson } from "../text/harmless.ts";
import type { Input } from "./command.ts";
import { nextName } from "./default_name.ts";
import { serverOperand } from "./server_operand.ts";
import type { SEND_FLAGS } from "./client_flags.ts";
import { sessionPath } from "./session_file.ts";
import { type ClientOptions, createClient, findIdentity, stopReason } from "./client.ts";

/** What is read of standard input at most, in bytes: no server takes a longer message. */
const MAX_INPUT = 16 * 1024 * 1024;

/** What the command works with. */
export interface SendContext {
  /** The file that keeps sessions. */
  readonly path: string;
  /** Takes a line of standard output. */
  readonly print: (line: string) => void;
}

/** Says it; resolves to 0 once it is kept. */
export function run(input: Input<typeof SEND_FLAGS>): Promise<number> {
  return send(input, { path: sessionPath(), print: (line) => console.log(line) });
}

/**
 * Says something. Resolves to the exit code, which is 0.
 *
 * @throws {StartError | UsageError} with a message of one line
 */
export async function send(
  { flags, operands }: Pick<Input<typeof SEND_FLAGS>, "flags" | "operands">,
  { path, print }: SendContext,
): Promise<number> {
  const [address, text = "-"] = operands;
  const url = serverOperand(address);
  const content = text === "-" ? await readAll(Deno.stdin.readable) : text;
  if (content.trim() === "") throw new UsageError("Cannot send: there is no text");
  const room = flags.room ?? url.room ?? LOBBY;
  const { name, token, timeout } = flags;
  const kept = await say(content, {
    url,
    room,
    ...findIdentity(url, { name, token }, path),
  }, { timeout, mayChangeName: name === undefined });
  if (flags.json) print(harmlessJson(kept));
  return 0;
}

/**
 * Says something in a room.
 *
 * @throws {StartError} if the server refuses it, or cannot be reached in time
 */
async function say(
  content: string,
  options: ClientOptions,
  { timeout, mayChangeName }: { timeout: number; mayChangeName: boolean },
): Promise<UserMessage> {
  let trouble = "no answer came in time";
  const client = createClient(options);
  client.on("status", ({ phase, code, reason }) => {
    if (client.isSignedOut) trouble = stopReason({ code, reason }, options);
    else if (phase === "waiting" || phase === "stopped") trouble = reason || trouble;
  });
  client.on("join-refused", ({ error }) => {
    trouble = error.message;
    client.close();
  });
  client.on("refused", ({ code, content }) => {
    if (code === "name_taken" && mayChangeName) return client.login(nextName(client.name));
    trouble = content;
    client.close();
  });
  client.start();
  const giveUp = setTimeout(() => client.close(), timeout);
  try {
    return await client.say(options.room, content);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const reason = error.code === "closed" ? trouble : error.message;
    throw new StartError(`Cannot send to ${options.url.base}: ${reason}`);
  } finally {
    clearTimeout(giveUp);
    await client.close();
  }
}

/** All of a stream as text, without the line break at its end. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > MAX_INPUT) {
      throw new UsageError(`Cannot send: standard input is longer than ${MAX_INPUT} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return (text + decoder.decode()).replace(/\r?\n$/, "");
}
