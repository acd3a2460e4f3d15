/**
 * The Hono app without routes: what all its responses share. Security headers; problem details
 * (RFC 9457) for errors; 404 for an unknown path, 405 for a wrong method.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { Hono, type MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { Refusals } from "../log/refusals.ts";
import type { Principal } from "../people/principal.ts";
import { securityHeaders, withoutDocumentHeaders } from "./headers.ts";
import { describeRequest, noteProblem } from "./noted.ts";
import { Problem } from "./problem.ts";

const logger = getLogger(["hubbub", "http"]);

/** What a request comes with. */
export interface AppEnv {
  Bindings: {
    /** On whose behalf it is made. */
    readonly principal: Principal;
    /** The client's IP address; empty on a Unix socket. */
    readonly ip: string;
  };
}

/**
 * Makes an app to which routes can be added. A route for GET answers HEAD too. A handler that streams
 * without a `Content-Length` must answer HEAD with a null body itself, because the body is read to measure it.
 *
 * @param refusals is told of the problems that are refusals; absent: nobody is
 */
export function createBaseApp(refusals?: Refusals): Hono<AppEnv> {
  // Routes match the path as it is sent; parameters are decoded afterwards. Hono alone would also
  // decode the path before it looks for a route.
  const app = new Hono<AppEnv>({ getPath: ({ url }) => new URL(url).pathname });
  app.use("/static/*", withoutDocumentHeaders);
  app.use(securityHeaders, keepLength, toError, requireDecodablePath);
  app.use(methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      // Removes the 404 response. Hono would merge the two, and lose the length of the body.
      c.res = undefined;
      return wrongMethod(c.req.method, methods).response();
    },
  }));
  app.notFound(() =>
    new Problem(404, "Cannot serve request: there is nothing at this path").response()
  );
  app.onError((error, { req, env }) => {
    const problem = Problem.from(error) ?? internalProblem(error);
    if (refusals !== undefined) {
      const detail = describeRequest(req.method, req.path);
      noteProblem(refusals, problem, { ip: env.ip, user: env.principal.user?.id, detail }, error);
    }
    return problem.response();
  });
  return app;
}

/** Tells a HEAD request the length of the body that GET would get: Hono drops the body unmeasured. */
const keepLength: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method !== "HEAD" || c.res.body === null || c.res.headers.has("content-length")) return;
  const { byteLength } = await c.res.arrayBuffer();
  c.res.headers.set("content-length", String(byteLength));
};

/** Wraps whatever is thrown that is no `Error`: Hono passes only errors to `onError`. */
const toError: MiddlewareHandler = (_c, next) =>
  next().catch((thrown: unknown) => {
    throw new Error("A handler threw something that is no error", { cause: thrown });
  });

/** Refuses a path that cannot be decoded; `c.req.param()` would return it undecoded. */
const requireDecodablePath: MiddlewareHandler = (c, next) => {
  try {
    decodeURIComponent(c.req.path);
  } catch {
    throw new Problem(400, "Cannot serve request: the path must be UTF-8, percent-encoded");
  }
  return next();
};

function wrongMethod(method: string, allowed: readonly string[]): Problem {
  const detail = `Cannot serve request: method must be ${allowed.join(" or ")}, received ${method}`;
  return new Problem(405, detail, { headers: { allow: allowed.join(", ") } });
}

function internalProblem(error: unknown): Problem {
  logger.error("A request failed: {error}", { error });
  return Problem.of("internal", "Cannot serve request: an internal error, which was logged");
}
