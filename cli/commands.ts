/**
 * All commands of `hubbub`. A new one is an entry here and a module with a `run` that takes what its
 * flags come to; the module is loaded only when the command is picked.
 *
 * @module
 */
import { BENCH_FLAGS } from "./bench_flags.ts";
import { command, type Commands } from "./command.ts";
import { SERVE_FLAGS } from "../config/serve_flags.ts";
import { OPTIONAL_SERVER, SERVER } from "./server_operand.ts";
import { CHAT_FLAGS, HEALTH_FLAGS, SEND_FLAGS } from "./talk_flags.ts";

/** By name, in the order of `--help`. */
export const COMMANDS = {
  serve: command({
    summary: "runs the server; the command when none is named",
    operands: [],
    flags: SERVE_FLAGS,
    examples: ["serve --addr 127.0.0.1:8080 --data /var/lib/hubbub", "serve --retain 90d"],
    load: () => import("./serve.ts"),
  }),
  chat: command({
    summary: "chats in the terminal; elsewhere, says what it reads and writes what it hears",
    operands: [OPTIONAL_SERVER],
    flags: CHAT_FLAGS,
    examples: [
      "chat https://chat.example.org --room kitchen",
      "chat localhost:8080 --room builds --json --listen",
    ],
    load: () => import("./chat.ts"),
  }),
  send: command({
    summary: "says one thing: exit code 0 if it is kept, 1 if it was refused or nobody is there",
    operands: [SERVER, {
      name: "TEXT",
      help: "what to say; - or none: standard input",
      optional: true,
    }],
    flags: SEND_FLAGS,
    examples: [
      'send chat.example.org --room builds --name ci "Build 42 is green"',
      "send localhost:8080 --room ops < report.txt",
    ],
    load: () => import("./send.ts"),
  }),
  health: command({
    summary: "asks whether a server is alive: exit code 0 if it is, else 1",
    operands: [{
      ...OPTIONAL_SERVER,
      help: "the server; none: the one on this machine, at --addr",
    }],
    flags: HEALTH_FLAGS,
    load: () => import("./health.ts"),
  }),
  bench: command({
    summary: "measures how much a server delivers, and how fast",
    operands: [SERVER],
    flags: BENCH_FLAGS,
    examples: [
      "bench localhost:8080 --clients 1000 --window 1000",
      "bench localhost:8080 --clients 100 --rate 200 --duration 30s --json",
    ],
    load: () => import("./bench.ts"),
  }),
  completions: command({
    summary: "prints what teaches a shell to complete these commands",
    operands: [{ name: "SHELL", help: "bash, zsh or fish", choices: ["bash", "zsh", "fish"] }],
    flags: {},
    examples: ["completions bash > ~/.local/share/bash-completion/completions/hubbub"],
    load: () => import("./completions.ts"),
  }),
} as const satisfies Commands;

/** The command when none is named. */
export const DEFAULT_COMMAND = "serve";
