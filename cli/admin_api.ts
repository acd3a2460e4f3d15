/**
 * The server's HTTP API for admins, as `hubbub admin` uses it.
 *
 * @module
 */
import { StartError } from "../config/errors.ts";
import type { Secret } from "../config/secret.ts";
import { ask, isObject, readJson, refusal } from "./session_request.ts";

/** An entry of a list. */
export type Entry = Readonly<Record<string, unknown>>;

/** Entries that are asked for at once. */
const PAGE = 200;

/** What is missing, and what to do. */
const NOT_ADMIN =
  "make an admin with hubbub invite --role admin on the server's machine, and log in " +
  "with hubbub login --invite LINK";

/** A list: its path, the member of the answer, and how the next page is asked for. */
export interface List {
  readonly path: string;
  readonly member: string;
  /** The parameter that goes on after an entry, and the member of the entry that it takes. */
  readonly next?: readonly [parameter: string, member: string];
}

/** Asks a server on behalf of an admin. Refusals are thrown, as a {@linkcode StartError}. */
export class AdminApi {
  readonly #base: string;
  readonly #session: Secret;

  /** @param base of the server; ends in `/` */
  constructor(base: string, session: Secret) {
    this.#base = base;
    this.#session = session;
  }

  /** Reads a list, a page at a time. */
  async list(
    { path, member, next }: List,
    { limit, search }: { readonly limit: number; readonly search?: string | undefined },
  ): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (;;) {
      const url = new URL(`api/admin/${path}`, this.#base);
      if (next !== undefined) {
        url.searchParams.set("limit", String(Math.min(PAGE, limit - entries.length)));
        const last = entries.at(-1);
        if (last !== undefined) url.searchParams.set(next[0], String(last[next[1]]));
      }
      if (search !== undefined) url.searchParams.set("content", search);
      const answer = await this.#send("GET", url);
      const page = answer[member];
      if (!Array.isArray(page)) throw this.#strange();
      entries.push(...page.filter(isObject));
      const isWhole = next === undefined || answer["complete"] === true || page.length === 0;
      if (isWhole || entries.length >= limit) return entries.slice(0, limit);
    }
  }

  /** Does something; resolves to the answer, without members if there is none. */
  act(method: "POST" | "DELETE", path: string, body?: Entry): Promise<Entry> {
    return this.#send(method, new URL(`api/admin/${path}`, this.#base), body);
  }

  async #send(method: string, url: URL, body?: Entry): Promise<Entry> {
    const verb = `ask ${this.#base}`;
    const response = await ask(verb, url, {
      method,
      headers: {
        authorization: `Bearer ${this.#session.reveal()}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status === 401) {
      await response.body?.cancel();
      throw new StartError(
        `The session on ${this.#base} has ended: log in again with hubbub login`,
      );
    }
    if (!response.ok) {
      const { message } = await refusal(verb, response);
      const isOfRole = response.status === 403 && /only admins/i.test(message);
      throw new StartError(isOfRole ? `${message}; ${NOT_ADMIN}` : message);
    }
    if (response.status === 204) return {};
    const answer = await readJson(response);
    if (isObject(answer)) return answer;
    throw this.#strange();
  }

  #strange(): StartError {
    return new StartError(`Cannot read the answer of ${this.#base}: is it a Hubbub server?`);
  }
}
