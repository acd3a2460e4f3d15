/**
 * What is served on `--metrics-addr`: metrics and health, to anybody who can connect.
 *
 * @module
 */
import { ANONYMOUS } from "../people/principal.ts";
import type { PrometheusMetrics } from "../metrics/prometheus.ts";
import type { RequestHandler } from "../transport/socket.ts";
import { createBaseApp } from "./base_app.ts";
import { healthHandler, readyHandler, type ReadyOptions } from "./health.ts";
import { metricsHandler } from "./metrics.ts";

/** Makes the handler of all requests there. */
export function createMetricsApp(
  { metrics, ...health }: ReadyOptions & { readonly metrics: PrometheusMetrics },
): RequestHandler {
  const app = createBaseApp();
  app.get("/metrics", metricsHandler({ metrics }));
  app.get("/healthz", healthHandler(health));
  app.get("/readyz", readyHandler(health));
  return {
    connect: () => Promise.resolve(undefined),
    fetch: async (request, { ip }) => await app.fetch(request, { principal: ANONYMOUS, ip }),
  };
}
