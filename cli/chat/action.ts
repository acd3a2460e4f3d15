/**
 * What the commands behind a slash have in common: what they work on, and how they fail.
 *
 * @module
 */
import { type HubbubClient, RefusedError } from "../../sdk/hubbub.js";
import { harmlessLine } from "../../text/harmless.ts";
import type { ChatState } from "./state.ts";

/** What actions work on. */
export interface ActionContext {
  readonly client: HubbubClient;
  readonly state: ChatState;
  /** What the server's paths are relative to. */
  readonly base: string;
  /** Shows something between log and input; empty: nothing. */
  showHint(text: string): void;
  clear(): void;
  quit(): void;
  /** Must be called when something has changed later than the call. */
  changed(): void;
  /** Ends uploads. */
  readonly signal: AbortSignal;
}

export type Action = (args: string, context: ActionContext) => void;

/** Asks the server for something, and tells the user if it is refused. */
export function attempt(context: ActionContext, run: () => Promise<unknown>): void {
  run()
    .catch((error: unknown) => context.state.note(refusal(error), true))
    .then(() => context.changed());
}

/** @throws whatever else it is */
export function refusal(error: unknown): string {
  if (!(error instanceof RefusedError)) throw error;
  return error.code === "offline" ? "There is no connection now" : harmlessLine(error.message);
}
