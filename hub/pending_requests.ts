/**
 * Requests for which something has to be looked up outside the loop before they are served. The requests
 * that the same connection makes meanwhile wait, so that it is served in its order. If its peer hangs up, it
 * is removed only after them: what was said right before the end counts.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Connection } from "../client.ts";
import { type ClientRequest, Refused, type UserId } from "../protocol.ts";
import type { Batch } from "./batch.ts";
import { busy } from "./commands.ts";
import type { Call, Continuation, RequestContext } from "./context.ts";
import type { Participant } from "./participant.ts";
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
  readonly #ended: (connection: Connection) => void;

  /**
   * @param post takes what was looked up; always called later, never during a call of a method here
   * @param ended removes a connection that has ended, once its last request has been served
   */
  constructor(
    context: RequestContext,
    post: (command: LookedUp) => void,
    ended: (connection: Connection) => void,
  ) {
    this.#context = context;
    this.#post = post;
    this.#ended = ended;
  }

  /** Serves a request, or has it wait for those before it. Never throws. */
  serve(request: ClientRequest, call: Call): void {
    const { waiting } = call.from;
    if (waiting === undefined) this.#act(request, call, () => serve(request, call, this.#context));
    else if (waiting.length < MAX_WAITING) waiting.push(request);
    else answerError(request, busy(false), call, this.#context);
  }

  /** Serves the rest of a request, and those that waited for it. Never throws. */
  resume(lookedUp: LookedUp, batch: Batch): void {
    const { connection, request, outcome } = lookedUp;
    const from = this.#context.registry.find(connection);
    if (from === undefined) {
      if (!(outcome instanceof Refused)) outcome.abandon?.(this.#context);
      return;
    }
    const waiting = from.waiting ?? [];
    from.waiting = undefined;
    const call = { from, batch };
    this.#act(request, call, () => this.#continue(lookedUp, call));
    this.#serveWaiting(waiting, call);
    if (from.hasEnded && from.waiting === undefined) this.#ended(connection);
  }

  #continue({ user, request, outcome }: LookedUp, call: Call): Promise<Continuation> | undefined {
    if (outcome instanceof Refused) {
      answerError(request, outcome, call, this.#context);
      return undefined;
    }
    if (call.from.user.id !== user) {
      // It was logged out meanwhile: for being idle.
      outcome.abandon?.(this.#context);
      const refusal = new Refused("not_logged_in", "Cannot serve request: log in first");
      answerError(request, refusal, call, this.#context);
      return undefined;
    }
    try {
      return resume(request, outcome, call, this.#context);
    } catch (error) {
      outcome.abandon?.(this.#context);
      throw error;
    }
  }

  /** Serves requests that have waited; those that the batch has no room for go on waiting. */
  #serveWaiting(waiting: readonly ClientRequest[], call: Call): void {
    const { from, batch } = call;
    for (const [index, request] of waiting.entries()) {
      if (batch.isFull && from.waiting === undefined) {
        const outcome = {
          serve: (...later: Parameters<Continuation["serve"]>) => serve(request, ...later),
        };
        from.waiting = waiting.slice(index + 1);
        const { connection, user: { id: user } } = from;
        return this.#post({ kind: "looked_up", connection, user, request, outcome });
      }
      this.serve(request, call);
    }
  }

  #act(request: ClientRequest, call: Call, act: () => Promise<Continuation> | undefined): void {
    call.batch.weigh(request);
    try {
      const rest = act();
      if (rest !== undefined) this.#lookUp(request, call.from, rest);
    } catch (error) {
      logger.error("Request {type} failed: {error}", { type: request.type, error });
      const reason = "Cannot serve request: an internal error, which was logged";
      answerError(request, new Refused("internal", reason), call, this.#context);
    }
  }

  #lookUp(request: ClientRequest, from: Participant, rest: Promise<Continuation>): void {
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
