/**
 * What comes to the hub from elsewhere than a request on a connection: the HTTP side's questions and
 * messages, and uploads that have been stored. Each is one thing that the loop does in a turn.
 *
 * @module
 */
import type { Client } from "../client.ts";
import { type ErrorMessage, refuse, type ServerMessage, type UserMessage } from "../protocol.ts";
import type { Registry } from "./registry.ts";
import { toChange } from "./keep.ts";
import { Refused } from "./refused.ts";
import type { Requester, Turn } from "./batch.ts";

/** Something for the loop to do. One of the two is called, once. */
export interface Call {
  /** Does it, on the loop; what it throws is logged and goes to `refused`. */
  run(turn: Turn, registry: Registry): void;
  /** Is told that it was not done: the loop has ended, has too much to do, or `run` threw. */
  refused(error: unknown): void;
}

/** Where calls are put in: the hub. */
export interface HubCommands {
  /** Never throws; a call that cannot be put in is told so before this returns. */
  call(call: Call): void;
}

/** Asks the loop something about who is where. */
export function ask<T>(hub: HubCommands, question: (registry: Registry) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    hub.call({ run: (_turn, registry) => resolve(question(registry)), refused: reject });
  });
}

/** Finds the logged-in connection that answers for a session. */
export function findMember(hub: HubCommands, session: string): Promise<Client | undefined> {
  return ask(hub, (registry) => {
    const client = registry.bySession(session);
    return client === undefined || client.name === "" ? undefined : client;
  });
}

/** What is said in a room by somebody who is not connected. */
export interface Speech {
  readonly room: string;
  readonly from: string;
  readonly content: string;
  readonly id?: string;
  readonly reply_to?: number;
}

/**
 * Says something in a room under a name that nobody else can have.
 *
 * @returns the message once it is kept, the earlier one if it was said before with the same `id`; or why
 *   it was not kept
 */
export function say(hub: HubCommands, speech: Speech): Promise<UserMessage | ErrorMessage> {
  return new Promise((resolve, reject) => {
    const requester: Requester = {
      withholds: () => true,
      answer: (messages) => resolve(answerOf(messages)),
      repeat: resolve,
    };
    hub.call({
      run(turn, registry) {
        const event: UserMessage = { type: "user", ...speech, seq: 0, time: turn.now };
        turn.keep(toChange(event), event, requester);
        const room = registry.rooms.get(speech.room);
        if (room !== undefined) registry.touch(room).record(event);
      },
      refused: reject,
    });
  });
}

function answerOf(messages: readonly ServerMessage[]): UserMessage | ErrorMessage {
  for (const message of messages) {
    if (message.type === "user" || message.type === "file" || message.type === "error") {
      return message;
    }
  }
  return refuse("internal", "Cannot say this: an internal error, which was logged");
}

/** Why a call was not done, for calls that cannot be put in. */
export function busy(stopping: boolean): Refused {
  const reason = stopping ? "the server is about to stop" : "the server is busy";
  return new Refused("unavailable", `Cannot serve request: ${reason}`);
}
