/**
 * The life of a server process: from its start to the signal, or the failure, that ends it.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ServeConfig } from "../config/config.ts";
import { EXIT } from "../config/errors.ts";
import { DamageError, LostWriteError } from "../sqlite/data_error.ts";
import { type Server, startServer } from "./server.ts";

const logger = getLogger(["hubbub", "server"]);

/** Signals that stop the server. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** Time after which the process ends even if stopping is not done, in milliseconds. */
const STOP_DEADLINE_MS = 4500;

/** Permissions that nothing gets which the server creates: those of other users. */
const UMASK = 0o077;

/**
 * Serves until a signal says to stop, or the server cannot go on. A second signal ends the process at once.
 *
 * @returns the process's exit code
 * @throws {StartError} if the data cannot be opened, or if it cannot listen on the address
 */
export async function runServe(
  config: ServeConfig,
  print: (line: string) => void,
): Promise<number> {
  if (Deno.build.os !== "windows") Deno.umask(UMASK);
  const stopped = firstSignal();
  const defect = firstDefect();
  let server: Server;
  try {
    const starting = startServer(config, print);
    reloadOnHangup(starting);
    server = await starting;
  } catch (error) {
    if (!(error instanceof LostWriteError)) throw error;
    logger.error("The server cannot start: {reason}", { reason: error.message });
    return EXIT.disk;
  }
  let failure: Error | undefined;
  const failed = Promise.race([server.failed, defect]).then((error) => void (failure = error));
  await Promise.race([stopped, failed]);
  if (failure === undefined) await Promise.race([server.drain(), failed]);
  await stopInTime(server, () => failure === undefined ? EXIT.failed : exitCodeOf(failure));
  // The last writes may fail, too.
  return failure === undefined ? EXIT.done : exitCodeOf(failure);
}

/** What a process ends with after a failure. */
export function exitCodeOf(failure: Error): number {
  const isOfDisk = failure instanceof LostWriteError || failure instanceof DamageError;
  return isOfDisk ? EXIT.disk : EXIT.failed;
}

function firstSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let signals = 0;
  for (const name of SIGNALS) {
    Deno.addSignalListener(name, () => {
      if (++signals > 1) Deno.exit(EXIT.failed);
      resolve();
    });
  }
  return promise;
}

/** Reads certificate and key again on SIGHUP. Without TLS nothing happens, where the default is to end. */
function reloadOnHangup(starting: Promise<Server>): void {
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGHUP", async () => {
    try {
      const server = await starting;
      const reloaded = await server.reloadTls();
      logger.info(
        reloaded
          ? "Certificate and key were read again"
          : "SIGHUP has no effect: there is no --cert to read again",
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error("The old certificate stays in use: {reason}", { reason });
    }
  });
}

/** Resolves with the first error that nobody has caught: by default it would end the process mid-sentence. */
function firstDefect(): Promise<Error> {
  const { promise, resolve } = Promise.withResolvers<Error>();
  const caught = (event: Event, error: unknown) => {
    event.preventDefault();
    logger.error("Nobody has caught an error, so the server stops: {error}", { error });
    resolve(error instanceof Error ? error : new Error(String(error)));
  };
  globalThis.addEventListener("unhandledrejection", (event) => caught(event, event.reason));
  globalThis.addEventListener("error", (event) => caught(event, event.error));
  return promise;
}

/**
 * Stops the server; ends the process if that takes too long.
 *
 * @param lateCode the exit code then
 */
async function stopInTime(server: Server, lateCode: () => number): Promise<void> {
  const deadline = setTimeout(() => {
    logger.error("Could not stop within {ms} ms: uncommitted changes are lost", {
      ms: STOP_DEADLINE_MS,
    });
    Deno.exit(lateCode());
  }, STOP_DEADLINE_MS);
  await server.stop("The server is shutting down");
  clearTimeout(deadline);
}
