/**
 * Requests for which something has to be looked up outside the loop before they are served. The requests
 * that the same connection makes meanwhile wait, so that it is served in its order.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import { type ClientRequest, Refused, type UserId } from "../protocol.ts";
import type { Batch } from "./batch.ts";
import { busy } from "./commands.ts";
import type { Call, Continuation, RequestContext } from "./context.ts";
import { answerError, resume, serve } from "./requests.ts";

const logger = getLogger(["hubbub", "hub"]);

/** Maximum requests of one connection that wait while another one is looked up. */
const MAX_WAITING = 10_000;

/** What was looked up for a request: a command to the hub. */
export interface LookedUp {
  readonly kind: "looked_up";
  readonly connection: Connection;
  /** Who was logged in on it; empty if nobody was. */
  readonly user: UserId;
  readonly request: ClientRequest;
  /** The rest of the request; or why it is not served. */
  readonly outcome: Continuation | Refused;
}

/** Serves requests in the order of their connection. */
export class PendingRequests {
  readonly #context: RequestContext;
  readonly #post: (command: LookedUp) => void;

  /** @param post takes what was looked up; always called later, never during a call of a method here */
  constructor(context: RequestContext, post: (command: LookedUp) => void) {
    this.#context = context;
    this.#post = post;
  }

  /** Serves a request, or has it wait for those before it. */
  serve(request: ClientRequest, call: Call): void {
    const { waiting } = call.from;
    if (waiting === undefined) {
      return this.#lookUp(request, call, serve(request, call, this.#context));
    }
    if (waiting.length < MAX_WAITING) waiting.push(request);
    else answerError(request, busy(false), call);
  }

  /** Serves the rest of a request, and those that waited for it. */
  resume({ connection, user, request, outcome }: LookedUp, batch: Batch): void {
    const from = this.#context.registry.find(connection);
    if (from === undefined) {
      if (!(outcome instanceof Refused)) outcome.abandon?.(this.#context);
      return;
    }
    const waiting = from.waiting ?? [];
    from.waiting = undefined;
    const call = { from, batch };
    if (outcome instanceof Refused) answerError(request, outcome, call);
    else if (from.user.id !== user) {
      // It was logged out meanwhile: for being idle.
      outcome.abandon?.(this.#context);
      answerError(
        request,
        new Refused("not_logged_in", "Cannot serve request: log in first"),
        call,
      );
    } else this.#lookUp(request, call, resume(request, outcome, call, this.#context));
    for (const next of waiting) this.serve(next, call);
  }

  #lookUp(request: ClientRequest, { from }: Call, rest: Promise<Continuation> | undefined): void {
    if (rest === undefined) return;
    from.waiting = [];
    const { connection, user: { id: user } } = from;
    rest.catch(toRefused).then((outcome) =>
      this.#post({ kind: "looked_up", connection, user, request, outcome })
    );
  }
}

function toRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  logger.error("Looking something up for a request failed: {error}", { error });
  return new Refused("unavailable", "Cannot serve request: the server cannot look it up now", 1000);
}
