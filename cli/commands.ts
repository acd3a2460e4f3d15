/**
 * All commands of `hubbub`. To add one, add an entry here and a module with a `run` that takes the
 * parsed flags. The module is loaded only when the command runs.
 *
 * @module
 */
import {
  INVITE_FLAGS,
  LOGIN_FLAGS,
  LOGOUT_FLAGS,
  USER_ACTIONS,
  USERS_FLAGS,
} from "./account_flags.ts";
import { ADMIN_ACTIONS, ADMIN_FLAGS } from "./admin_flags.ts";
import { BENCH_FLAGS } from "./bench_flags.ts";
import { CHAT_FLAGS, HEALTH_FLAGS, SEND_FLAGS } from "./client_flags.ts";
import { command, type Commands } from "./command.ts";
import {
  BACKUP_FLAGS,
  CHECK_FLAGS,
  EXPORT_FLAGS,
  IMPORT_FLAGS,
  RESTORE_FLAGS,
} from "./data_flags.ts";
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
  login: command({
    summary: "signs in to a server and keeps the session for chat and send; asks for name and " +
      "password, or reads the password from a pipe",
    operands: [{ ...SERVER, optional: true }],
    flags: LOGIN_FLAGS,
    examples: [
      "login https://chat.example.org --name ann",
      "login --invite https://chat.example.org/#invite=0123456789abcdefghijkl",
    ],
    load: () => import("./login.ts"),
  }),
  logout: command({
    summary: "ends the session that hubbub login has left",
    operands: [SERVER],
    flags: LOGOUT_FLAGS,
    load: () => import("./logout.ts"),
  }),
  invite: command({
    summary: "prints a link that lets somebody in as a member; run it on the server's machine",
    operands: [
      {
        name: "ACTION",
        help: "list: shows the invitations that can still be used; revoke: ends one",
        optional: true,
        choices: ["list", "revoke"],
      },
      { name: "ID", help: "the invitation to revoke, as list shows it", optional: true },
    ],
    flags: INVITE_FLAGS,
    examples: [
      "invite --url https://chat.example.org --rooms kitchen,attic --uses 10",
      "invite --role admin --data /var/lib/hubbub",
      "invite revoke Xq3mP0aZ81-b",
    ],
    load: () => import("./invite.ts"),
  }),
  users: command({
    summary: "shows and changes the users of a server; run it on the server's machine",
    operands: [
      {
        name: "ACTION",
        help:
          "list (the default) shows all users; show one of them; disable keeps one out, enable " +
          "lets one in again; role makes a member or an admin; sessions shows the devices of one, " +
          "end-sessions logs them out; remove leaves only what was said",
        optional: true,
        choices: USER_ACTIONS,
      },
      { name: "NAME", help: "the user: a name, or @ and an id", optional: true },
      { name: "ROLE", help: "for role: member or admin", optional: true },
    ],
    flags: USERS_FLAGS,
    examples: ["users", "users role ann admin", "users end-sessions @Xq3mP0aZ81-b"],
    load: () => import("./users.ts"),
  }),
  admin: command({
    summary: "looks after a running server, with the session of an admin that hubbub login keeps",
    operands: [
      {
        name: "ACTION",
        help:
          "connections, users, rooms, bans and audit show lists; kick closes the connections of a " +
          "user; mute lets one only read, ban keeps one out, unban lifts either; close shuts a room; " +
          "delete removes a message, or all of a user; announce tells everybody something; drain " +
          "sends all clients to another server",
        choices: ADMIN_ACTIONS,
      },
      {
        name: "WHAT",
        help:
          "a user (a name, or @ and an id), an address or network to ban, the ID to unban, a room, " +
          "or the text to announce",
        optional: true,
      },
      { name: "SEQ", help: "for delete: the number of the message in the room", optional: true },
    ],
    flags: ADMIN_FLAGS,
    examples: [
      "admin connections --server https://chat.example.org",
      'admin mute bob --for 10m --reason "Calm down"',
      "admin ban 198.51.100.0/24 --for 7d",
      "admin delete --user @Xq3mP0aZ81-b",
    ],
    load: () => import("./admin.ts"),
  }),
  check: command({
    summary:
      "checks the data of a server, running or not: every message, record and upload; exits " +
      "with 0 if they are sound, with 1 if they are damaged",
    operands: [],
    flags: CHECK_FLAGS,
    examples: ["check --data /var/lib/hubbub", "check --repair --data /var/lib/hubbub"],
    load: () => import("./check.ts"),
  }),
  backup: command({
    summary: "copies the data of a server, running or not, to a new directory",
    operands: [{ name: "DEST", help: "the directory to make; it must not exist, or be empty" }],
    flags: BACKUP_FLAGS,
    examples: ["backup /mnt/backup/2026-11-28 --data /var/lib/hubbub"],
    load: () => import("./backup.ts"),
  }),
  restore: command({
    summary: "puts a backup in the place of the data of a server, which must not be running",
    operands: [{
      name: "SOURCE",
      help: "the backup, or a copy of a data directory that was made while no server ran on it",
    }],
    flags: RESTORE_FLAGS,
    examples: ["restore /mnt/backup/2026-11-28 --data /var/lib/hubbub --replace"],
    load: () => import("./restore.ts"),
  }),
  export: command({
    summary: "writes users, rooms, messages and files as JSON lines, with the uploads beside them",
    operands: [{ name: "DEST", help: "the directory to make; it must not exist, or be empty" }],
    flags: EXPORT_FLAGS,
    examples: ["export chat-2026 --data /var/lib/hubbub"],
    load: () => import("./export.ts"),
  }),
  import: command({
    summary: "makes the data of a new server from what hubbub export has written",
    operands: [{ name: "SOURCE", help: "the directory that hubbub export has made" }],
    flags: IMPORT_FLAGS,
    examples: ["import chat-2026 --data /var/lib/hubbub"],
    load: () => import("./import.ts"),
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
