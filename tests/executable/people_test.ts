import { SignJWT } from "jose";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import {
  Browser,
  CLIENT_ID,
  CLIENT_SECRET,
  PUBLIC,
  startProvider,
} from "../http/accounts/oidc_harness.ts";
import { SoftwareAuthenticator } from "../people/software_authenticator.ts";
import { run, serve, temporaryFolder, testExecutable } from "./executable.ts";

const PASSWORD = "correct horse battery";

/** A request with a body and an answer of JSON. */
async function ask(url: string, path: string, body: unknown, session?: string) {
  const response = await fetch(new URL(path, url), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(session !== undefined && { authorization: `Bearer ${session}` }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

testExecutable(
  "the executable invites an admin, who can sign in after a restart",
  async () => {
    await using folder = await temporaryFolder();
    const env = { XDG_CONFIG_HOME: `${folder.path}/config` };
    const data = `${folder.path}/data`;
    {
      await using server = await serve(data);
      const invited = await run(["invite", "--role", "admin", "--data", data, "--url", server.url]);
      const [link = ""] = /http\S+#invite=[\w-]+/.exec(invited.stdout) ?? [];
      const input = `${PASSWORD}\n`;
      const login = await run(["login", link, "--name", "ann"], { env, input });
      assertEquals([login.code, login.stderr], [0, ""]);
      const users = await run(["users", "--data", data]);
      assertMatch(users.stdout, /ann +@\S+ +admin/);
      await using bo = await Chatter.enter(server.ws(), "bo");
      assertEquals((await run(["send", server.url, "hello"], { env })).code, 0);
      assertEquals((await bo.next("user")).from, "ann");
      assertEquals((await server.stop()).code, 0);
    }
    await using server = await serve(data);
    const wrong = await ask(server.url, "api/session", { name: "ann", password: "wrong" });
    assertEquals(wrong.status, 401);
    const { status, answer } = await ask(server.url, "api/session", {
      name: "Ann",
      password: PASSWORD,
    });
    assertEquals([status, answer.user.name, answer.user.role], [201, "ann", "admin"]);
  },
);

testExecutable("the executable registers a passkey and signs in with it", async () => {
  await using server = await serve(":memory:", { flags: ["--public-url", PUBLIC] });
  const device = new SoftwareAuthenticator(PUBLIC);
  const post = async (path: string, body: unknown, session?: string) => {
    const { status, answer } = await ask(server.url, `api/${path}`, body, session);
    assert(status < 300, `${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const { session, user } = await post("session", { name: "ann" });
  const create = await post("passkeys/register/options", {}, session);
  await post("passkeys/register", { credential: device.create(create) }, session);
  const get = await post("passkeys/sign-in/options", {});
  const signedIn = await post("passkeys/sign-in", { credential: device.get(get) });
  assertEquals(signedIn.user, { ...user, role: "member" });
});

testExecutable("the executable takes tokens of an application", async () => {
  await using folder = await temporaryFolder();
  const secret = "0123456789abcdef0123456789abcdef";
  await Deno.writeTextFile(`${folder.path}/secret`, secret, { mode: 0o600 });
  await using server = await serve(":memory:", {
    flags: ["--jwt-secret-file", `${folder.path}/secret`],
  });
  const token = await new SignJWT({ name: "ann" }).setProtectedHeader({ alg: "HS256" })
    .setSubject("u1").setExpirationTime("1h").sign(new TextEncoder().encode(secret));
  await using bo = await Chatter.enter(server.ws(), "bo");
  const sent = await run(["send", server.url, "hello"], { env: { HUBBUB_TOKEN: token } });
  assertEquals([sent.code, sent.stderr], [0, ""]);
  assertEquals((await bo.next("user")).from, "ann");
  const forged = await run(["send", server.url, "hello"], { env: { HUBBUB_TOKEN: `${token}x` } });
  assertEquals(forged.code, 1);
  assertStringIncludes(forged.stderr, "token");
});

testExecutable("the executable signs people in with an OpenID Connect provider", async () => {
  await using provider = await startProvider();
  provider.claims.set("ann", { preferred_username: "ann" });
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/secret`, CLIENT_SECRET, { mode: 0o600 });
  await using server = await serve(":memory:", {
    flags: [
      ...["--public-url", PUBLIC, "--oidc-issuer", provider.issuer],
      ...["--oidc-client-id", CLIENT_ID, "--oidc-client-secret-file", `${folder.path}/secret`],
    ],
  });
  const browser = new Browser((request) => {
    const { pathname, search } = new URL(request.url);
    const { headers, method } = request;
    const cookie = headers.get("cookie") ?? "";
    return fetch(new URL(pathname + search, server.url), {
      method,
      headers: { cookie },
      redirect: "manual",
    });
  });
  const url = await browser.locationOf(`${PUBLIC}/api/oidc`);
  const response = await browser.send(await browser.answer(url, "ann"));
  assertEquals([response.status, response.headers.get("location")], [302, "/"]);
  const session = browser.cookies(PUBLIC).get("hubbub") ?? "";
  const me = await fetch(new URL("api/session", server.url), {
    headers: { authorization: `Bearer ${session}` },
  });
  const { user } = await me.json();
  assertEquals([user.name, user.role], ["ann", "member"]);
});
