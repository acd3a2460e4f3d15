/**
 * Health checks for load balancers: whether the process is alive, and whether it can serve.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { deadline } from "@std/async/deadline";
import type { Handler } from "hono";
import { LOBBY } from "../protocol.ts";
import type { Store } from "../store/store.ts";
import { textResponse } from "./headers.ts";

const logger = getLogger(["hubbub", "http"]);

/** Longest wait for the store, in milliseconds; beyond it the server is not ready. */
const STORE_TIMEOUT_MS = 2000;

const NO_STORE = { "cache-control": "no-store" };

/** What readiness depends on. */
export interface ReadyOptions {
  readonly store: Pick<Store, "read">;
  /** Whether the server is about to stop. */
  isDraining(): boolean;
  /** Longest wait for the store, in milliseconds. */
  readonly timeout?: number;
}

/** Makes the handler of `GET /healthz`: a process that answers is alive. */
export function healthHandler(): Handler {
  return () => textResponse(200, "ok", NO_STORE);
}

/** Makes the handler of `GET /readyz`: ready if the server is not stopping and the store answers. */
export function readyHandler(options: ReadyOptions): Handler {
  const { store, isDraining, timeout = STORE_TIMEOUT_MS } = options;
  return async () => {
    if (isDraining()) return notReady("the server is about to stop");
    try {
      await deadline(store.read(LOBBY, { limit: 1 }), timeout);
      return textResponse(200, "ok", NO_STORE);
    } catch (error) {
      logger.warn("Not ready: the store cannot be read: {error}", { error });
      return notReady("the store cannot be read");
    }
  };
}

function notReady(reason: string): Response {
  return textResponse(503, `Not ready: ${reason}`, { ...NO_STORE, "retry-after": "5" });
}
