/**
 * What a load balancer asks: whether the process is alive, and whether it can serve.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Handler } from "hono";
import { LOBBY } from "../protocol.ts";
import type { Store } from "../store/store.ts";
import { textResponse } from "./headers.ts";

const logger = getLogger(["hubbub", "http"]);

/** A store that takes longer to answer is not reachable: milliseconds. */
const STORE_TIMEOUT_MS = 2000;

/** What readiness depends on. */
export interface ReadyOptions {
  readonly store: Pick<Store, "read">;
  /** Whether the server is about to stop. */
  isDraining(): boolean;
  /** Longest wait for the store, in milliseconds. */
  readonly timeout?: number;
}

/** Makes the handler of `/healthz`: who answers is alive. */
export function healthHandler(): Handler {
  return () => textResponse(200, "ok", NO_STORE);
}

/** Makes the handler of `/readyz`: able to serve, with a store that answers. */
export function readyHandler(options: ReadyOptions): Handler {
  const { store, isDraining, timeout = STORE_TIMEOUT_MS } = options;
  return async () => {
    if (isDraining()) return notReady("the server is about to stop");
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("No answer in time")), timeout);
    try {
      await Promise.race([store.read(LOBBY, { limit: 1 }), late.promise]);
      return textResponse(200, "ok", NO_STORE);
    } catch (error) {
      logger.warn("Not ready: the store cannot be read: {error}", { error });
      return notReady("the store cannot be read");
    } finally {
      clearTimeout(timer);
    }
  };
}

const NO_STORE = { "cache-control": "no-store" };

function notReady(reason: string): Response {
  return textResponse(503, `Not ready: ${reason}`, { ...NO_STORE, "retry-after": "5" });
}
