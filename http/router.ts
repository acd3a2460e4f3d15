/**
 * A table of routes: which path and method lead to which handler. What fits none is answered here.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Principal } from "../people/principal.ts";
import { Problem } from "./problem.ts";

const logger = getLogger(["hubbub", "http"]);

/** Where a request came in. */
export interface Place {
  readonly url: URL;
  /** On whose behalf it is made. */
  readonly principal: Principal;
  /** A parameter of the path, decoded. */
  param(name: string): string;
}

/** Answers a request. A {@linkcode Problem} that it throws becomes the answer. */
export type Handler = (request: Request, place: Place) => Response | Promise<Response>;

/** What may be done at a path. */
export interface Route {
  /**
   * Segments are taken literally, but for `:name`, which stands for one segment that is not empty, and
   * `*name` at the end, which stands for all that is left.
   */
  readonly path: string;
  /** Also answers HEAD; the body it then gives is not sent. */
  readonly get?: Handler;
  readonly post?: Handler;
}

/** Finds the handler of a request: the first route whose path fits. */
export class Router {
  readonly #routes: readonly (Route & { readonly segments: readonly string[] })[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ ...route, segments: route.path.split("/") }));
  }

  /** Answers a request; never throws. */
  async fetch(request: Request, principal: Principal): Promise<Response> {
    try {
      return await this.#answer(request, principal);
    } catch (error) {
      const problem = Problem.from(error) ?? internalProblem(error);
      return problem.response();
    }
  }

  #answer(request: Request, principal: Principal): Response | Promise<Response> {
    const url = new URL(request.url);
    const received = url.pathname.split("/");
    for (const route of this.#routes) {
      const params = match(route.segments, received);
      if (params === undefined) continue;
      const handler = handlerOf(route, request.method);
      if (handler === undefined) throw wrongMethod(route, request.method);
      const param = (name: string) => params.get(name) ?? "";
      return handler(request, { url, param, principal });
    }
    throw new Problem(404, "Cannot serve request: there is nothing at this path");
  }
}

function handlerOf({ get, post }: Route, method: string): Handler | undefined {
  if (method === "GET" || method === "HEAD") return get;
  return method === "POST" ? post : undefined;
}

function wrongMethod({ get, post }: Route, method: string): Problem {
  const allowed = [...(get ? ["GET", "HEAD"] : []), ...(post ? ["POST"] : [])];
  const detail = `Cannot serve request: method must be ${allowed.join(" or ")}, received ${method}`;
  return new Problem(405, detail, { headers: { allow: allowed.join(", ") } });
}

/** The parameters of a path that fits a route's. */
function match(
  segments: readonly string[],
  received: readonly string[],
): Map<string, string> | undefined {
  const params = new Map<string, string>();
  for (const [index, segment] of segments.entries()) {
    const given = received[index];
    if (given === undefined) return undefined;
    if (segment.startsWith("*")) {
      params.set(segment.slice(1), decode(received.slice(index).join("/")));
      return params;
    }
    if (segment.startsWith(":") && given !== "") params.set(segment.slice(1), decode(given));
    else if (segment !== given) return undefined;
  }
  return received.length === segments.length ? params : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem(400, "Cannot serve request: the path must be UTF-8, percent-encoded");
  }
}

function internalProblem(error: unknown): Problem {
  logger.error("A request failed: {error}", { error });
  return Problem.of("internal", "Cannot serve request: an internal error, which was logged");
}
