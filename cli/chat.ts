/**
 * `hubbub chat`: a chat on the terminal, or a filter where there is none.
 *
 * @module
 */
import { LOBBY } from "../protocol.ts";
import { chatAsFilter } from "./chat/filter.ts";
import type { Terminal } from "./chat/terminal.ts";
import { findIdentity } from "./client.ts";
import type { Input } from "./command.ts";
import { serverOperand } from "./server_operand.ts";
import type { CHAT_FLAGS } from "./client_flags.ts";

/** What ends a chat from outside. Ctrl-C on a terminal in raw mode is a key, not a signal. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Chats until somebody has enough. */
export async function run({ flags, operands }: Input<typeof CHAT_FLAGS>): Promise<number> {
  const url = serverOperand(operands[0]);
  const { name, token, json, listen } = flags;
  const stop = new AbortController();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, () => stop.abort());
  const options = {
    url,
    room: flags.room ?? url.room ?? LOBBY,
    ...findIdentity(url, { name, token }),
    mayChangeName: name === undefined,
    signal: stop.signal,
  };
  if (!json && !listen && Deno.stdin.isTerminal() && Deno.stdout.isTerminal()) {
    // Loaded only here: a filter needs no line editor.
    const { chatOnTerminal } = await import("./chat/terminal.ts");
    const { exitCode, text } = await chatOnTerminal(thisTerminal(), options);
    if (text !== "") console.error(`hubbub: ${text}`);
    return exitCode;
  }
  return await chatAsFilter({
    ...options,
    json,
    write: (line) => console.log(line),
    complain: (line) => console.error(`hubbub: ${line}`),
    ...(!listen && { input: Deno.stdin.readable }),
  });
}

/** The terminal that the process was started on. */
function thisTerminal(): Terminal {
  return {
    input: Deno.stdin.readable,
    output: Deno.stdout,
    size() {
      const { columns, rows } = Deno.consoleSize();
      // Pseudo-terminals that nobody gave a size have none.
      return { columns: columns || 80, rows: rows || 24 };
    },
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    onResize(run) {
      Deno.addSignalListener("SIGWINCH", run);
      return () => Deno.removeSignalListener("SIGWINCH", run);
    },
    colors: !Deno.noColor,
  };
}
