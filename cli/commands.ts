/**
 * All commands of `hubbub`. To add one, add an entry here and a module with a `run` that takes the
 * parsed flags. The module is loaded only when the command runs.
 *
 * @module
 */
import { BENCH_FLAGS } from "./bench_flags.ts";
import { CHAT_FLAGS, HEALTH_FLAGS, SEND_FLAGS } from "./client_flags.ts";
import { command, type Commands } from "./command.ts";
import { SERVE_FLAGS } from "../config/serve_flags.ts";
import { OPTIONAL_SERVER, SERVER } from "./server_operand.ts";

/** By name, in the order of `--help`. */
export const COMMANDS = {
  serve: command({
    summary: "runs the server; this is the default command",
    operands: [],
    flags: SERVE_FLAGS,
    examples: ["serve --addr 127.0.0.1:8080 --data /var/lib/hubbub", "serve --retain 90d"],
    load: () => import("./serve.ts"),
  }),
  chat: command({
    summary: "chats in the terminal; in a pipe, sends each line of standard input and prints " +
      "what others say",
    operands: [OPTIONAL_SERVER],
    flags: CHAT_FLAGS,
    examples: [
      "chat https://chat.example.org --room kitchen",
      "chat localhost:8080 --room builds --json --listen",
    ],
    load: () => import("./chat.ts"),
  }),
  send: command({
    summary: "sends one message; exits with 0 once the server has stored it, with 1 if the " +
      "server refuses it or cannot be reached",
    operands: [SERVER, {
      name: "TEXT",
      help: "the message; standard input if it is - or left out",
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
    summary: "checks whether a server is alive; exits with 0 if it is, with 1 if not",
    operands: [{
      ...OPTIONAL_SERVER,
      help: "the server (default: the one on this machine, at --addr)",
    }],
    flags: HEALTH_FLAGS,
    load: () => import("./health.ts"),
  }),
  bench: command({
    summary: "measures the throughput and latency of a server",
    operands: [SERVER],
    flags: BENCH_FLAGS,
    examples: [
      "bench localhost:8080 --clients 1000 --window 1000",
      "bench localhost:8080 --clients 100 --rate 200 --duration 30s --json",
    ],
    load: () => import("./bench.ts"),
  }),
  completions: command({
    summary: "prints a shell completion script",
    operands: [{ name: "SHELL", help: "bash, zsh or fish", choices: ["bash", "zsh", "fish"] }],
    flags: {},
    examples: ["completions bash > ~/.local/share/bash-completion/completions/hubbub"],
    load: () => import("./completions.ts"),
  }),
} as const satisfies Commands;

/** The command that runs when the command line names none. */
export const DEFAULT_COMMAND = "serve";
