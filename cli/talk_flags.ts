/**
 * The flags of the commands that talk to a server: `chat`, `send` and `health`.
 *
 * @module
 */
import type { Flags } from "../config/flags.ts";
import * as talk from "./talk_values.ts";
import * as values from "../config/values.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Who speaks, and where. */
const TALK_FLAGS = {
  room: {
    type: "optional",
    kind: talk.room,
    absent: "the one behind # in URL, else lobby",
    help: "the room to enter",
  },
  name: {
    type: "optional",
    kind: talk.name,
    absent: "your name on this machine",
    help: "the name to speak under",
  },
  token: {
    type: "optional",
    kind: talk.token,
    help: "an access token for the server. Better given by the variable: command lines are seen " +
      "by other users",
  },
} as const satisfies Flags;

/** Of `hubbub chat`. */
export const CHAT_FLAGS = {
  ...TALK_FLAGS,
  json: {
    type: "switch",
    help: "prints what happens as JSON lines; lines from standard input are said",
  },
  listen: {
    type: "switch",
    help: "reads no standard input and goes on until it is stopped",
  },
} as const satisfies Flags;

/** Of `hubbub send`. */
export const SEND_FLAGS = {
  ...TALK_FLAGS,
  timeout: {
    type: "single",
    kind: values.duration({ min: 100, max: HOUR }),
    default: "10s",
    env: false,
    help: "how long to try",
  },
} as const satisfies Flags;

/** Of `hubbub health`. */
export const HEALTH_FLAGS = {
  addr: {
    type: "single",
    kind: values.address,
    default: ":8080",
    help: "where the server listens, if no URL is given: the value of its own --addr",
  },
  timeout: {
    type: "single",
    kind: values.duration({ min: 100, max: HOUR }),
    default: "3s",
    env: false,
    help: "how long to wait for its answer",
  },
} as const satisfies Flags;
