/**
 * All commands of `hubbub`. A new one is an entry here and a module with a `run` that takes what its
 * flags come to; the module is loaded only when the command is picked.
 *
 * @module
 */
import { command, type Commands } from "./flags.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";

/** By name, in the order of `--help`. */
export const COMMANDS = {
  serve: command({
    summary: "runs the server; the command when none is named",
    operands: [],
    flags: SERVE_FLAGS,
    examples: ["serve --addr 127.0.0.1:8080 --data /var/lib/hubbub", "serve --retain 90d"],
    load: () => import("./serve.ts"),
  }),
} as const satisfies Commands;

/** The command when none is named. */
export const DEFAULT_COMMAND = "serve";
