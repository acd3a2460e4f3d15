/**
 * What `hubbub admin` can do, and its flags.
 *
 * @module
 */
import type { Flags } from "../config/flags.ts";
import * as values from "../config/values.ts";
import * as clientValues from "./client_values.ts";
import { DEFAULT_URL } from "./server_operand.ts";

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

/** What it can do. */
export const ADMIN_ACTIONS = [
  "connections",
  "users",
  "rooms",
  "bans",
  "audit",
  "kick",
  "mute",
  "ban",
  "unban",
  "close",
  "delete",
  "announce",
  "drain",
] as const;

/** The flags of `hubbub admin`. */
export const ADMIN_FLAGS = {
  server: {
    type: "single",
    kind: clientValues.server,
    default: DEFAULT_URL,
    env: false,
    help: "the server, to which hubbub login has logged in an admin",
  },
  for: {
    type: "optional",
    kind: values.duration({ min: SECOND, max: 36_500 * DAY, zero: "until it is lifted" }),
    absent: "until it is lifted",
    env: false,
    help: "how long a mute, a ban or a closed room lasts, or a drain takes (up to 1h)",
  },
  reason: {
    type: "optional",
    kind: clientValues.text,
    absent: "none",
    env: false,
    help: "what those are told whom it concerns",
  },
  name: { type: "switch", help: "bans whoever has this name, or one that looks like it" },
  connection: {
    type: "optional",
    kind: values.count({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    absent: "all of the user",
    env: false,
    help: "kicks the connection of this number only",
  },
  user: {
    type: "optional",
    kind: clientValues.text,
    absent: "one message",
    env: false,
    help: "deletes everything that this user has said",
  },
  cancel: { type: "switch", help: "calls a drain off" },
  search: {
    type: "optional",
    kind: clientValues.text,
    absent: "all",
    env: false,
    help: "lists only users or rooms whose names contain this",
  },
  limit: {
    type: "single",
    kind: values.count({ min: 1, max: 1_000_000 }),
    default: "1000",
    env: false,
    help: "how many a list shows at most",
  },
  json: { type: "switch", help: "prints JSON instead of a table or sentence" },
} as const satisfies Flags;
