/**
 * Health checks for supervisors and load balancers: whether the process is alive, and whether it can serve.
 *
 * @module
 */
import type { Handler } from "hono";
import { textResponse } from "./headers.ts";

const NO_STORE = { "cache-control": "no-store" };

/** When to ask again, in seconds. */
const RETRY_AFTER = "5";

/** What health depends on. */
export interface HealthOptions {
  /** Whether the server cannot go on: its process is about to end. */
  hasFailed(): boolean;
}

/** What readiness depends on. */
export interface ReadyOptions extends HealthOptions {
  /** Tells what cannot be read or written, one phrase each. Must be quick and never reject. */
  readonly readiness: { check(): Promise<readonly string[]> };
  /** Whether the server is about to stop. */
  isDraining(): boolean;
}

/** Makes the handler of `GET /healthz`: a process that answers is alive, unless its data have failed. */
export function healthHandler({ hasFailed }: HealthOptions): Handler {
  return () => hasFailed() ? unavailable([FAILED]) : textResponse(200, "ok", NO_STORE);
}

/** Makes the handler of `GET /readyz`: ready if the server is not stopping and all its stores work. */
export function readyHandler({ readiness, isDraining, hasFailed }: ReadyOptions): Handler {
  return async () => {
    if (hasFailed()) return unavailable([FAILED]);
    if (isDraining()) return unavailable(["the server is draining"]);
    const problems = await readiness.check();
    return problems.length > 0 ? unavailable(problems) : textResponse(200, "ok", NO_STORE);
  };
}

const FAILED = "the server has failed and has to start again";

/** Problem details (RFC 9457) that list all problems. */
function unavailable(problems: readonly string[]): Response {
  const body = {
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: `Not ready: ${problems.join("; ")}`,
    problems,
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: 503,
    headers: {
      "content-type": "application/problem+json",
      "retry-after": RETRY_AFTER,
      ...NO_STORE,
    },
  });
}
