/**
 * The path under which the server is. Everything else is written as if that were `/`: here a request loses the
 * path, and a response gets it where it says where something is. Cookies have names of their own under each
 * path, since a browser sends those of `/` to every path, and in an order that no server can rely on.
 *
 * @module
 */
import { FORBIDDEN_METHODS, requestUrl } from "../network/host.ts";
import { secure, textResponse } from "./headers.ts";
import { Problem } from "./problem.ts";

/** Where a server is. */
export interface Mount {
  /** What the paths of requests begin with, without a `/` at its end; absent or empty: nothing. */
  readonly basePath?: string;
  /** Where browsers find the page, if a proxy stands in front of the server; ends in `/`. */
  readonly publicUrl?: string;
}

/** The cookies of a server at `/`. */
const COOKIES: ReadonlySet<string> = new Set(["hubbub", "hubbub_oidc"]);

/** Translates between requests as they come and what the rest of the server takes and answers. */
export class BasePath {
  /** What the paths of requests begin with. */
  readonly #inner: string;
  /** What the paths that a browser sees begin with: a proxy may remove it from the requests. */
  readonly #outer: string;
  /** Ends the names of cookies. */
  readonly #suffix: string;
  /** What became of requests: two that share one body would be in each other's way. */
  readonly #entered = new WeakMap<Request, Request | Response>();

  constructor({ basePath = "", publicUrl }: Mount) {
    this.#inner = basePath;
    this.#outer = publicUrl === undefined ? basePath : new URL(publicUrl).pathname.slice(0, -1);
    this.#suffix = suffixOf(this.#outer);
  }

  /**
   * The request as if the server were at `/`: its path, and its cookies under their usual names.
   *
   * @returns the answer, if the request is for something else on this host
   */
  enter(request: Request): Request | Response {
    if (this.#inner === "" && this.#outer === "") return request;
    const entered = this.#entered.get(request) ?? this.#translate(request);
    this.#entered.set(request, entered);
    return entered;
  }

  #translate(request: Request): Request | Response {
    const url = requestUrl(request);
    // Whoever gets it refuses it for its host.
    if (url === undefined) return request;
    const { pathname, search } = url;
    const base = `${this.#inner}/`;
    if (`${pathname}/` === base) {
      const location = `${this.#outer}/${search}`;
      return textResponse(308, `The page is at ${base}`, { location, "cache-control": "no-cache" });
    }
    if (!pathname.startsWith(base)) {
      const reason = `there is nothing at this path; everything is below ${base}`;
      return secure(new Problem(404, `Cannot serve request: ${reason}`).response());
    }
    url.pathname = pathname.slice(this.#inner.length);
    const { method, body } = request;
    if (FORBIDDEN_METHODS.has(method)) {
      return secure(
        new Problem(405, `Cannot serve request: ${method} is never allowed`).response(),
      );
    }
    const headers = new Headers(request.headers);
    const cookies = this.#ownCookies(headers.get("cookie") ?? "");
    if (cookies === "") headers.delete("cookie");
    else headers.set("cookie", cookies);
    return new Request(url, { method, headers, body });
  }

  /** The response as a browser must see it: with the path in `Location` and `Set-Cookie`. */
  leave(response: Response): Response {
    const cookies = response.headers.getSetCookie();
    const location = response.headers.get("location") ?? "";
    const isHere = /^\/(?!\/)/.test(location);
    if (this.#outer === "" || (cookies.length === 0 && !isHere)) return response;
    const headers = new Headers(response.headers);
    if (isHere) headers.set("location", this.#outer + location);
    headers.delete("set-cookie");
    for (const cookie of cookies) headers.append("set-cookie", this.#published(cookie));
    const { status, body } = response;
    return new Response(body, { status, headers });
  }

  /** The cookies of this server, without those of others on this host. */
  #ownCookies(header: string): string {
    const own: string[] = [];
    for (const pair of header.split(";")) {
      const [name = "", ...value] = pair.trim().split("=");
      const usual = name.slice(0, name.length - this.#suffix.length);
      if (COOKIES.has(usual) && usual + this.#suffix === name) {
        own.push(`${usual}=${value.join("=")}`);
      }
    }
    return own.join("; ");
  }

  #published(cookie: string): string {
    return cookie.replace(/^[^=;]*/, (name) => name + this.#suffix)
      .replace(/; *Path=\//i, `; Path=${this.#outer}/`);
  }
}

/** Ends the names of cookies below a path, in characters that a name may have (RFC 6265 §4.1.1). */
function suffixOf(path: string): string {
  return path.replaceAll("/", "+").replace(
    /[^\w.~%+-]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}
