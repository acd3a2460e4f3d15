/**
 * `GET /metrics`: what Prometheus scrapes.
 *
 * @module
 */
import type { Handler } from "hono";
import type { PrometheusMetrics } from "../metrics/prometheus.ts";
import type { Access } from "./access.ts";
import type { AppEnv } from "./base_app.ts";

/**
 * Makes the handler of `GET /metrics`.
 *
 * @param access absent: for anybody
 */
export function metricsHandler(
  { metrics, access }: { metrics: PrometheusMetrics; access?: Access },
): Handler<AppEnv> {
  return async ({ env }) => {
    access?.metrics(env.principal);
    const { contentType, text } = await metrics.render();
    return new Response(text, {
      headers: { "content-type": contentType, "cache-control": "no-store" },
    });
  };
}
