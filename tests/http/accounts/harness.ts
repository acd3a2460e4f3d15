/**
 * The routes about accounts on an app of their own, with people in memory. Requests go straight to the app;
 * no port is opened.
 *
 * @module
 */
import { addAccountRoutes } from "../../../http/accounts/routes.ts";
import { createBaseApp } from "../../../http/base_app.ts";
import { Problem } from "../../../http/problem.ts";
import { createAuthenticator } from "../../../people/authenticator.ts";
import { ANONYMOUS } from "../../../people/principal.ts";
import { NO_SIGN_IN_LIMIT } from "../../../people/sign_in_limit.ts";
import { assertEquals } from "../../support/assert.ts";
import { DEVICE, PeopleHarness, type PeopleOptions } from "../../people/people_harness.ts";

export const ORIGIN = "http://localhost:8080";

/** What a request may carry beside its body. */
export interface Carried {
  /** The session in `Authorization`. */
  readonly bearer?: string;
  /** The session in the cookie. */
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An app under test. */
export class AccountsHarness {
  readonly people: PeopleHarness;
  readonly #app = createBaseApp();

  constructor(options: PeopleOptions = {}) {
    const people = this.people = new PeopleHarness(options);
    const { access = "open", register = "open", sharedPassword } = options;
    addAccountRoutes(this.#app, {
      accounts: people.accounts,
      invites: people.invites,
      sessions: people.sessions,
      settings: {
        access,
        register,
        oidc: false,
        passkeys: true,
        password: sharedPassword !== undefined,
      },
      signIns: NO_SIGN_IN_LIMIT,
      checkSite({ headers }) {
        if (headers.get("sec-fetch-site") === "cross-site") {
          throw Problem.of(
            "forbidden",
            "Cannot serve request: pages of other sites may not do this",
          );
        }
      },
      forget: people.forget,
      now: () => people.time,
    });
  }

  /** Sends a request; a body that is no text is sent as JSON. */
  async ask(line: string, body?: unknown, carried: Carried = {}): Promise<Response> {
    const [method = "", path = ""] = line.split(" ");
    const { bearer, cookie, headers } = carried;
    const request = new Request(new URL(path, ORIGIN), {
      method,
      headers: {
        "user-agent": DEVICE.agent,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(cookie !== undefined && { cookie: `hubbub=${cookie}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const { store, sessions } = this.people;
    const { authenticate } = createAuthenticator({ store, sessions, bots: [] });
    const principal = await authenticate(request, DEVICE) ?? ANONYMOUS;
    return await this.#app.fetch(request, { principal, ip: DEVICE.ip });
  }
}

/** The session that a response has a browser keep; empty if it is to forget it. */
export function keptSession(response: Response): string | undefined {
  return /^hubbub=([^;]*)/.exec(response.headers.get("set-cookie") ?? "")?.[1];
}

/** What a problem says: its status, code and detail. */
export async function readProblem(response: Response): Promise<[number, string, string]> {
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const { status, code, detail } = await response.json();
  assertEquals(status, response.status);
  return [status, code, detail];
}

/** Asserts that a response is this problem. */
export async function assertProblem(
  response: Response,
  status: number,
  code?: string,
): Promise<void> {
  const problem = await readProblem(response);
  assertEquals(problem.slice(0, 2), [status, code], problem[2]);
}
