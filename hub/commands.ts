/**
 * What comes to the hub from elsewhere than a request on a connection: questions and messages of the HTTP
 * side, and uploads that have been stored. Each is one thing that the loop does within a batch.
 *
 * @module
 */
import type { Principal } from "../people/principal.ts";
import { type ErrorMessage, refuse, type ServerMessage, type UserMessage } from "../protocol.ts";
import type { Batch, Requester } from "./batch.ts";
import { toChange } from "../store/messages.ts";
import { Refused } from "./refused.ts";
import type { Registry } from "./registry.ts";

/** Something for the loop to do. One of the two is called, once. */
export interface HubCommand {
  /** Does it, on the loop; what it throws is logged and goes to `refused`. */
  run(batch: Batch, registry: Registry): void;
  /** It was not done: the loop has ended or has too much to do, or `run` threw. */
  refused(error: unknown): void;
}

/** Takes commands: the hub. */
export interface HubCommands {
  /** Never throws; a command that cannot be taken is refused before this returns. */
  command(command: HubCommand): void;
}

/** Asks the loop something about who is where. The answer must not be anything that the loop owns. */
export function ask<T>(hub: HubCommands, question: (registry: Registry) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    hub.command({ run: (_batch, registry) => resolve(question(registry)), refused: reject });
  });
}

/** Finds out who is logged in with a session; `undefined` if nobody is. */
export function findSession(hub: HubCommands, session: string): Promise<Principal | undefined> {
  return ask(hub, (registry) => {
    const participant = registry.findSession(session);
    if (participant === undefined || !participant.isLoggedIn) return undefined;
    return { ...participant.principal, sessions: [...participant.sessions] };
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
 * @returns the message once it is committed, the earlier one if it was said before with the same `id`; or
 *   why it was not committed
 */
export function say(hub: HubCommands, speech: Speech): Promise<UserMessage | ErrorMessage> {
  return new Promise((resolve, reject) => {
    const requester: Requester = {
      withholds: () => true,
      answer: (messages) => resolve(answerIn(messages)),
      repeat: resolve,
    };
    hub.command({
      run(batch, registry) {
        const event: UserMessage = { type: "user", ...speech, seq: 0, time: batch.now };
        batch.add(toChange(event), event, requester);
        registry.touch(speech.room).record(event);
      },
      refused: reject,
    });
  });
}

function answerIn(messages: readonly ServerMessage[]): UserMessage | ErrorMessage {
  for (const message of messages) {
    if (message.type === "user" || message.type === "file" || message.type === "error") {
      return message;
    }
  }
  return refuse("internal", "Cannot send message: an internal error, which was logged");
}

/** Why a command is not taken. */
export function busy(stopping: boolean): Refused {
  const reason = stopping ? "the server is about to stop" : "the server is busy";
  return new Refused("unavailable", `Cannot serve request: ${reason}`);
}
