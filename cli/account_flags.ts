/**
 * The flags of the commands about users and sessions: `login`, `logout`, `invite` and `users`.
 *
 * @module
 */
import type { Flags } from "../config/flags.ts";
import { SERVE_FLAGS } from "../config/serve_flags.ts";
import { baseUrl } from "../config/url_values.ts";
import * as values from "../config/values.ts";
import * as clientValues from "./client_values.ts";
import { inviteLink } from "./invite_link.ts";
import { DEFAULT_URL } from "./server_operand.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The flags of `hubbub login`. */
export const LOGIN_FLAGS = {
  name: {
    type: "optional",
    kind: clientValues.name,
    absent: "asks for it",
    help: "the name to log in with",
  },
  invite: {
    type: "optional",
    kind: inviteLink,
    env: false,
    help: "uses an invitation, whose link names the server: makes you a member of this name",
  },
} as const satisfies Flags;

/** The flags of `hubbub logout`. */
export const LOGOUT_FLAGS = {
  local: {
    type: "switch",
    help: "only forgets the session on this machine, without a word to the server",
  },
} as const satisfies Flags;

/** Where the users are. */
const DATA_FLAG = {
  type: "single",
  kind: values.dataLocation,
  default: SERVE_FLAGS.data.default,
  help: "the server's data directory: the same value as its own --data",
} as const;

/** The flags of `hubbub invite`. */
export const INVITE_FLAGS = {
  role: {
    type: "single",
    kind: values.choice(["member", "admin"]),
    default: "member",
    env: false,
    help: "what the invitation makes of who uses it",
  },
  rooms: {
    type: "optional",
    kind: clientValues.rooms,
    absent: "none",
    env: false,
    help: "the rooms that it makes them a member of",
  },
  uses: {
    type: "single",
    kind: values.count({ min: 1, max: 100_000 }),
    default: "1",
    env: false,
    help: "how many people may use it",
  },
  expires: {
    type: "single",
    kind: values.duration({ min: MINUTE, max: 365 * DAY }),
    default: "7d",
    env: false,
    help: "how long it may be used",
  },
  url: {
    type: "single",
    kind: baseUrl,
    default: DEFAULT_URL,
    env: "public-url",
    help: "where people reach the server: the same value as its own --public-url",
  },
  data: DATA_FLAG,
} as const satisfies Flags;

/** What `hubbub users` can do. */
export const USER_ACTIONS = [
  "list",
  "show",
  "disable",
  "enable",
  "role",
  "sessions",
  "end-sessions",
  "remove",
] as const;

/** The flags of `hubbub users`. */
export const USERS_FLAGS = {
  data: DATA_FLAG,
  json: { type: "switch", help: "prints JSON instead of a table or sentence" },
} as const satisfies Flags;
