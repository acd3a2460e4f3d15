/**
 * An OpenID provider on a port of this machine, and a browser that goes back and forth between it and the
 * app under test.
 *
 * @module
 */
import { createServer } from "node:http";
import { fail } from "../../support/assert.ts";
import { within } from "../../support/within.ts";
import type { Provider, ProviderOptions } from "./oidc_provider.d.ts";

export const CLIENT_ID = "hubbub";
export const CLIENT_SECRET = "a secret of the client";

/** Origins of the app under test that the provider knows. */
export const APP = "http://chat.test";
export const PUBLIC = "https://chat.example";

/** Longest wait for an answer, in milliseconds. */
const DEADLINE_MS = 20_000;

/** A provider that lets everybody in under the name they type. */
export interface TestProvider extends AsyncDisposable {
  readonly issuer: string;
  /** What is said about a user, by subject; by default nothing but the subject. */
  readonly claims: Map<string, Record<string, unknown>>;
  /** Whether all that it answers is 503. */
  isAway: boolean;
}

/**
 * Starts a provider. Its development pages ask for a name, then for consent.
 *
 * @param origins those of the apps that it knows
 */
export async function startProvider(origins = [APP, PUBLIC]): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") fail("The provider has no port");
  const issuer = `http://127.0.0.1:${address.port}`;
  const claims: TestProvider["claims"] = new Map();
  const provider = await createProvider(issuer, {
    clients: [{
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: origins.map((origin) => `${origin}/api/oidc/callback`),
    }],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email"] },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    cookies: { keys: ["a key of the tests"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...claims.get(id) }),
    }),
  });
  const answer = provider.callback();
  server.on("request", (request, response) => {
    if (harness.isAway) response.writeHead(503).end();
    else answer(request, response);
  });
  const harness: TestProvider = {
    issuer,
    claims,
    isAway: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return harness;
}

/** Makes a provider without the warnings that it prints about the runtime and its defaults. */
async function createProvider(issuer: string, options: ProviderOptions): Promise<Provider> {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    const module: typeof import("./oidc_provider.d.ts") = await import("oidc-provider");
    return new module.Provider(issuer, options);
  } finally {
    Object.assign(console, { warn, info });
  }
}

/** Answers the requests to the app. */
export type Fetch = (request: Request) => Promise<Response>;

/** A browser: cookies by origin, redirects, forms. */
export class Browser {
  readonly #app: Fetch;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(app: Fetch) {
    this.#app = app;
  }

  /** The cookies of an origin. */
  cookies(origin: string): Map<string, string> {
    let cookies = this.#cookies.get(origin);
    if (cookies === undefined) this.#cookies.set(origin, cookies = new Map());
    return cookies;
  }

  /** Sends a request and keeps the cookies of the response; follows no redirect. */
  async send(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address);
    const cookies = this.cookies(url.origin);
    const headers = new Headers(init.headers);
    headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const request = new Request(url, { ...init, headers, redirect: "manual" });
    const isApp = url.origin === APP || url.origin === PUBLIC;
    const response = await within(
      DEADLINE_MS,
      `${url.origin}${url.pathname}`,
      isApp ? this.#app(request) : fetch(request),
    );
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  /** Where a request is redirected to. */
  async locationOf(address: string | URL, init?: RequestInit): Promise<URL> {
    const response = await this.send(address, init);
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (location === null) fail(`${address} answered ${response.status} without a location`);
    return new URL(location, address);
  }

  /**
   * Signs in at the provider, or declines.
   *
   * @param url where the app has sent the browser
   * @returns where the provider sends it back to
   */
  async answer(url: URL, login: string | undefined): Promise<URL> {
    let location = await this.locationOf(url);
    while (location.origin === url.origin) {
      if (!location.pathname.startsWith("/interaction/")) {
        location = await this.locationOf(location);
      } else if (login === undefined) {
        location = await this.locationOf(`${location}/abort`);
      } else {
        location = await this.#submit(location, login);
      }
    }
    return location;
  }

  async #submit(url: URL, login: string): Promise<URL> {
    const page = await (await this.send(url)).text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? fail("No form");
    const body = new URLSearchParams({ prompt, login, password: "x" });
    return await this.locationOf(url, { method: "POST", body });
  }
}
