/**
 * What a server writes to its log, at the most talkative level, and what it answers: no password, session,
 * invitation or token is in either, whatever is done right or wrong with them.
 *
 * @module
 */
import { SignJWT } from "jose";
import { LINES } from "../../protocol.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ServerProcess } from "../support/server_process.ts";
import { WsClient } from "../support/ws_client.ts";

const JWT_SECRET = "a secret of the embedding application, long enough";
const TOKEN = "token-of-the-program-0123456789";
const PASSWORD = "the right password of ann";
const WRONG = "the wrong password of ann";
const NEXT = "the next password of ann";
const GUESS = "SOMETHING-THAT-IS-NO-CREDENTIAL-AT-ALL";

/** What is done with a server, and the secrets that come up. */
class Visitor {
  readonly #url: string;
  /** Secrets that must be nowhere. */
  readonly secrets = [JWT_SECRET, TOKEN, PASSWORD, WRONG, NEXT, GUESS];
  /** All answers, but for those in which a secret is told for the first time. */
  readonly answers: string[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async call(
    method: string,
    path: string,
    { body, bearer }: { body?: object; bearer?: string } = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: Record<string, unknown> = text.startsWith("{") ? JSON.parse(text) : {};
    const { session, code, url: _link, ...rest } = json;
    // A session is told to the program that asked for it, an invitation to whoever made it.
    const told = path === "/api/session" || path === "/api/account" ? session : code;
    if (response.ok && typeof told === "string") this.secrets.push(told);
    this.answers.push(JSON.stringify(response.ok ? rest : json));
    return { status: response.status, json };
  }

  /** Tries to connect with a credential, and to log in with one. */
  async connect(bearer: string): Promise<void> {
    const url = new URL("/ws", this.#url).href.replace(/^http/, "ws");
    const socket = await WsClient.open(url, LINES, `bearer.${bearer}`).catch(() => undefined);
    await socket?.[Symbol.asyncDispose]();
    await using other = await WsClient.open(url, LINES);
    await other.text();
    await other.send(JSON.stringify({ type: "login", session: bearer, id: "l" }));
    const answer = JSON.parse((await other.text()).split("\n")[0] ?? "");
    const { session, ...rest } = answer;
    this.answers.push(JSON.stringify(answer.type === "error" ? answer : rest));
    assert(session === undefined || session === bearer);
  }
}

Deno.test("Server tells secrets to nobody but those whom they are for, and never to its log", async () => {
  const data = await Deno.makeTempDir();
  const jwtFile = `${data}/jwt`;
  await Deno.writeTextFile(jwtFile, JWT_SECRET, { mode: 0o600 });
  await using server = await ServerProcess.start([
    ...["--data", `${data}/data`, "--log-level", "debug"],
    ...["--jwt-secret-file", jwtFile, "--jwt-audience", "chat"],
  ], { env: { HUBBUB_API_TOKEN: `Build:${TOKEN}` } });
  const visitor = new Visitor(server.url);

  const { json: guest } = await visitor.call("POST", "/api/session", { body: { name: "ann" } });
  const session = String(guest["session"]);
  await visitor.call("POST", "/api/account", { body: { password: PASSWORD }, bearer: session });
  await visitor.call("POST", "/api/session", { body: { name: "ann", password: PASSWORD } });
  const wrong = await visitor.call("POST", "/api/session", {
    body: { name: "ann", password: WRONG },
  });
  assertEquals(wrong.status, 401);
  await visitor.call("POST", "/api/session", { body: { name: WRONG.repeat(3), password: WRONG } });
  await visitor.call("PUT", "/api/account/password", {
    body: { old: WRONG, new: NEXT },
    bearer: session,
  });
  await visitor.call("PUT", "/api/account/password", {
    body: { old: PASSWORD, new: NEXT },
    bearer: session,
  });
  const invite = await visitor.call("POST", "/api/invites", { body: {}, bearer: session });
  const code = String(invite.json["code"]);
  for (const name of ["bob", "eve"]) {
    await visitor.call("POST", "/api/session", { body: { invite: code, name, password: NEXT } });
  }
  await visitor.call("POST", "/api/session", { body: { invite: GUESS, name: "eve" } });
  await visitor.call("GET", "/api/sessions", { bearer: session });
  await visitor.call("GET", "/api/invites", { bearer: session });
  await visitor.call("GET", "/api/session", { bearer: GUESS });
  await visitor.call("POST", "/api/rooms/lobby/messages", {
    body: { content: "a" },
    bearer: GUESS,
  });
  const jwt = await new SignJWT({ name: "carl" }).setProtectedHeader({ alg: "HS256" })
    .setSubject("carl").setAudience("chat").setExpirationTime("5m")
    .sign(new TextEncoder().encode(JWT_SECRET));
  const expired = await new SignJWT({}).setProtectedHeader({ alg: "HS256" })
    .setSubject("carl").setAudience("chat").setExpirationTime(1)
    .sign(new TextEncoder().encode(JWT_SECRET));
  visitor.secrets.push(jwt, expired);
  for (const credential of [session, TOKEN, jwt, expired, GUESS]) {
    await visitor.connect(credential);
  }
  await visitor.call("DELETE", "/api/session", { bearer: session });
  await visitor.connect(session);

  const { stdout, stderr } = await server.stop();
  const link = /#invite=(\S+)/.exec(stdout)?.[1];
  assert(link !== undefined, "The first admin's link was not printed");
  assert(!stderr.includes(link), "The first admin's link is in the log");
  assert(stderr.length > 0);
  for (const secret of visitor.secrets) {
    assert(!stderr.includes(secret), `In the log: ${secret}`);
    for (const answer of visitor.answers) {
      assert(!answer.includes(secret), `In an answer: ${secret}: ${answer}`);
    }
  }
  await Deno.remove(data, { recursive: true });
});
