/**
 * What comes to the hub from elsewhere than a request on a connection: questions and messages of the HTTP
 * side, and uploads that have been stored. Each is one thing that the loop does within a batch.
 *
 * @module
 */
import type { Principal } from "../people/principal.ts";
import {
  directRoom,
  type ErrorMessage,
  refuse,
  Refused,
  type ServerMessage,
  type User,
  type UserMessage,
} from "../protocol.ts";
import type { Batch, Requester } from "./batch.ts";
import type { RequestContext } from "./context.ts";
import { refuseBanned, refuseMuted } from "./enforcement.ts";
import { checkMaySpeak, speak, type Speech } from "./speech.ts";

/** Something for the loop to do. One of the two is called, once. */
export interface HubCommand {
  /** Does it, on the loop; what it throws is logged and goes to `refused`. */
  run(batch: Batch, context: RequestContext): void;
  /** It was not done: the loop has ended or has too much to do, or `run` threw. */
  refused(error: unknown): void;
}

/** Takes commands: the hub. */
export interface HubCommands {
  /** Never throws; a command that cannot be taken is refused before this returns. */
  command(command: HubCommand): void;
}

/**
 * Asks the loop something about who is where, once the store has committed what it changes in the same
 * batch. The answer must not be anything that the loop owns.
 */
export function ask<T>(hub: HubCommands, question: (context: RequestContext) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    hub.command({
      run: (batch, context) => batch.afterCommit(() => resolve(question(context))),
      refused: reject,
    });
  });
}

/** What somebody says who is not connected. */
export interface RemoteSpeech extends Speech {
  /** Who says it: has a `user`. */
  readonly principal: Principal & { readonly user: User };
  /** The address that it comes from; may be empty. */
  readonly ip: string;
  /** The room; of a direct conversation: the other one. */
  readonly room: string | { readonly other: User };
}

/**
 * Says something in a room.
 *
 * @returns the message once it is committed; the earlier one, as a `repeat`, if it was said before; or
 *   why it was not committed
 */
export function say(
  hub: HubCommands,
  { principal, ip, room: target, ...speech }: RemoteSpeech,
): Promise<UserMessage | ErrorMessage> {
  return new Promise((resolve, reject) => {
    const requester: Requester = {
      withholds: () => true,
      answer: (messages) => resolve(answerIn(messages)),
      repeat: resolve,
    };
    hub.command({
      run(batch, context) {
        const { registry } = context;
        const { user } = principal;
        // A ban may have come since it was authenticated.
        refuseBanned(user, ip, "send message", context);
        refuseMuted(user, ip, "send message", context);
        const isNamed = typeof target === "string";
        checkMaySpeak(isNamed ? target : directRoom(user.id, target.other.id), principal, context);
        const room = isNamed ? registry.open(target) : registry.openDirect(user, target.other);
        speak(speech, { room, user, ip, requester, batch }, context);
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
