/**
 * The second listener, for those who watch the server: `--metrics-addr`.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Address } from "../config/address.ts";
import { StartError } from "../config/errors.ts";
import { NO_REFUSALS } from "../log/refusals.ts";
import { NO_METRICS } from "../metrics/metrics.ts";
import type { Listen, Listener } from "../transport/listener.ts";
import type { RequestHandler } from "../transport/socket.ts";

const logger = getLogger(["hubbub", "server"]);

/**
 * Listens in plain HTTP, without any limit: who can connect there is trusted.
 *
 * @param listen of the transport that is in use
 * @throws {StartError} if the address cannot be listened on
 */
export async function listenForMetrics(
  addr: Address,
  listen: Listen,
  requests: RequestHandler,
): Promise<Listener> {
  try {
    const listener = await listen({
      addr,
      pingInterval: 0,
      deflate: false,
      maxConnectionsPerAddress: Infinity,
      maxAcceptRate: Infinity,
      maxHeldBytes: Infinity,
      refusals: NO_REFUSALS,
      metrics: NO_METRICS,
    }, requests);
    logger.info("Serving metrics on {url}", { url: listener.url });
    return listener;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const text = error.message.replace("an --addr", "a --metrics-addr")
      .replace(" --addr", " --metrics-addr");
    throw new StartError(text, { cause: error });
  }
}
