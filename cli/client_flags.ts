/**
 * The flags of the client commands: `chat`, `send` and `health`.
 *
 * @module
 */
import type { Flags } from "../config/flags.ts";
import * as clientValues from "./client_values.ts";
import { basePath } from "../config/url_values.ts";
import * as values from "../config/values.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** What `chat` and `send` need to log in. */
const CLIENT_FLAGS = {
  room: {
    type: "optional",
    kind: clientValues.room,
    absent: "the room after # in URL, else lobby",
    help: "the room to enter",
  },
  name: {
    type: "optional",
    kind: clientValues.name,
    absent: "that of hubbub login, else your user name on this machine",
    help: "the name to log in with; if it is not that of hubbub login, as a guest",
  },
  token: {
    type: "optional",
    kind: clientValues.token,
    help: "the secret of an API token: lets the client use the token's name. Prefer the " +
      "variable: other users of the machine can see command lines",
  },
} as const satisfies Flags;

/** The flags of `hubbub chat`. */
export const CHAT_FLAGS = {
  ...CLIENT_FLAGS,
  json: {
    type: "switch",
    help: "prints events as JSON lines; standard input is still plain text, one message a line",
  },
  listen: {
    type: "switch",
    help: "does not read standard input, and runs until it is interrupted",
  },
} as const satisfies Flags;

/** The flags of `hubbub send`. */
export const SEND_FLAGS = {
  ...CLIENT_FLAGS,
  json: { type: "switch", help: "prints the message as the server keeps it, as a line of JSON" },
  timeout: {
    type: "single",
    kind: values.duration({ min: 100, max: HOUR }),
    default: "10s",
    env: false,
    help: "how long to keep trying",
  },
} as const satisfies Flags;

/** The flags of `hubbub health`. */
export const HEALTH_FLAGS = {
  addr: {
    type: "single",
    kind: values.address,
    default: ":8080",
    help: "where the server listens if no URL is given: the same value as its own --addr",
  },
  "base-path": {
    type: "single",
    kind: basePath,
    default: "/",
    help: "the path under which it serves: the same value as its own --base-path",
  },
  timeout: {
    type: "single",
    kind: values.duration({ min: 100, max: HOUR }),
    default: "3s",
    env: false,
    help: "how long to wait for the response",
  },
} as const satisfies Flags;
