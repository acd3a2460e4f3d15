/**
 * Begins and ends sessions on a server over HTTP: `POST` and `DELETE /api/session`.
 *
 * @module
 */
import { StartError } from "../config/errors.ts";
import { Secret } from "../config/secret.ts";
import { VERSION } from "../config/version.ts";
import { harmlessLine } from "../text/harmless.ts";
import type { SavedSession } from "./session_file.ts";

/** What somebody signs in with. */
export interface SignIn {
  readonly name: string;
  /** Absent: enters as a guest, or with an invitation becomes a member who has none. */
  readonly password?: Secret;
  readonly invite?: Secret;
}

const PATH = "api/session";

/** How long an answer may take, in milliseconds: the server delays those who guess passwords. */
const TIMEOUT_MS = 30_000;

/** A session's secret, as it may stand in a header (RFC 6750 §2.1). */
const SESSION = /^[A-Za-z0-9._~+/-]{16,512}=*$/;

/** What a user's list of devices shows for this program. */
const USER_AGENT = `hubbub/${VERSION} (${Deno.build.os})`;

/**
 * Begins a session.
 *
 * @param base of the server; ends in `/`
 * @throws {StartError} if the server refuses, or cannot be reached in time
 */
export async function beginSession(base: string, signIn: SignIn): Promise<SavedSession> {
  const { name, password, invite } = signIn;
  const body = JSON.stringify({
    name,
    ...(password !== undefined && { password: password.reveal() }),
    ...(invite !== undefined && { invite: invite.reveal() }),
  });
  const verb = `log in to ${base}`;
  const response = await ask(verb, base, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (response.status !== 201) throw await refusal(verb, response);
  const saved = readAnswer(await readJson(response));
  if (saved !== undefined) return saved;
  throw new StartError(`Cannot ${verb}: it answered without a session; is it a Hubbub server?`);
}

/**
 * Ends a session.
 *
 * @returns whether it was still good
 * @throws {StartError} if the server refuses, or cannot be reached in time
 */
export async function endSession(base: string, session: Secret): Promise<boolean> {
  const verb = `log out of ${base}`;
  const response = await ask(verb, base, {
    method: "DELETE",
    headers: { authorization: `Bearer ${session.reveal()}` },
  });
  if (!response.ok && response.status !== 401) throw await refusal(verb, response);
  await response.body?.cancel();
  return response.ok;
}

/**
 * Sends a request.
 *
 * @param verb completes "Cannot VERB: …"
 * @param url of the request, or of the server: then the request is about its session
 * @throws {StartError} if the server cannot be reached in time
 */
export async function ask(
  verb: string,
  url: string | URL,
  { headers, ...request }: RequestInit & { headers: Record<string, string> },
): Promise<Response> {
  try {
    return await fetch(url instanceof URL ? url : new URL(PATH, url), {
      ...request,
      headers: { ...headers, accept: "application/json", "user-agent": USER_AGENT },
      // A password is not sent on to where it was not meant to go.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`Cannot ${verb}: cannot reach it (${harmlessLine(reason)})`);
  }
}

/** The `detail` of the server's problem details (RFC 9457), which is a sentence by itself; else its status. */
export async function refusal(verb: string, response: Response): Promise<StartError> {
  const problem = await readJson(response);
  const detail = isObject(problem) ? problem["detail"] : undefined;
  if (typeof detail === "string" && detail !== "") {
    return new StartError(harmlessLine(detail));
  }
  const location = response.headers.get("location");
  const hint = location === null ? "" : `, which leads to ${harmlessLine(location)}; use that URL`;
  return new StartError(`Cannot ${verb}: it answered with status ${response.status}${hint}`);
}

/** Returns `undefined` if the body is no JSON, or ends early. */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function readAnswer(answer: unknown): SavedSession | undefined {
  if (!isObject(answer)) return undefined;
  const { session, user } = answer;
  if (typeof session !== "string" || !SESSION.test(session) || !isObject(user)) return undefined;
  const { id, name } = user;
  if (typeof id !== "string" || typeof name !== "string") return undefined;
  return { session: new Secret(session), user: { id, name } };
}

/** Whether a value has members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
