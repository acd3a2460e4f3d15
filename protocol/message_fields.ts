/**
 * The optional fields of a message, in one table. Whatever copies, stores or encodes a message is
 * checked against it, so that a new field does not compile until each of these places has decided what
 * to do with it.
 *
 * @module
 */
import type { UserMessage } from "./message.ts";

/** The keys of `T` that may be absent. */
export type OptionalKeysOf<T> = {
  [K in keyof T]-?: object extends Pick<T, K> ? K : never;
}[keyof T];

/**
 * Who sets each optional field of a {@linkcode UserMessage}: its `author`, when the message is sent, or
 * the `store`, when a later change is committed; or the `hub`, in an answer.
 */
export const MESSAGE_FIELDS = {
  by: "author",
  id: "author",
  reply_to: "author",
  edited: "store",
  deleted: "store",
  reactions: "store",
  file: "author",
  repeat: "hub",
} as const satisfies Record<OptionalKeysOf<UserMessage>, "author" | "store" | "hub">;

/** An optional field of a {@linkcode UserMessage}. */
export type MessageField = keyof typeof MESSAGE_FIELDS;

/** An optional field that a message has from the start. */
export type AuthorField = {
  [K in MessageField]: (typeof MESSAGE_FIELDS)[K] extends "author" ? K : never;
}[MessageField];

/**
 * The optional fields of `T`, each one named: a value, or `undefined` where `T` lacks it. An object
 * literal of this type is how hand-written code states that it handles every field; V8 removes the
 * object, so that the check costs nothing at run time.
 */
export type EveryOptional<T> = { [K in OptionalKeysOf<T>]-?: T[K] | undefined };
