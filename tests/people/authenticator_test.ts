import { Secret } from "../../config/config.ts";
import { createAuthenticator } from "../../people/authenticator.ts";
import { ensureBots } from "../../people/bots.ts";
import { ANONYMOUS, type Principal } from "../../people/principal.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { PeopleHarness } from "./people_harness.ts";

const PEER = { ip: "192.0.2.1" };
const APP: Principal = { user: { id: "app", name: "App", role: "member" }, rooms: ["lobby"] };

/** Two tokens, a member with a session, and an application that knows one token. */
async function setUp() {
  const people = new PeopleHarness();
  const bots = await ensureBots(people.store, [
    { name: "Build", secret: new Secret("build-secret") },
    { name: "Other", secret: new Secret("other.secret") },
  ]);
  const { authenticate, authenticateCredential } = createAuthenticator({
    store: people.store,
    bots,
    sessions: people.sessions,
    verifyToken: (token) => Promise.resolve(token === "a.b.c" ? APP : undefined),
  });
  const { principal: ann, secret } = await people.addSignedIn("Ann");
  const ask = (headers: Record<string, string>) =>
    authenticate(new Request("http://localhost/", { headers }), PEER);
  return { people, ask, ann, secret, authenticateCredential };
}

Deno.test("authenticate() takes a request without a credential for nobody in particular", async () => {
  const { ask } = await setUp();
  assertEquals(await ask({}), ANONYMOUS);
  assertEquals(await ask({ authorization: "Basic YTpi" }), ANONYMOUS);
  assertEquals(await ask({ "sec-websocket-protocol": "hubbub.v1" }), ANONYMOUS);
  assertEquals(await ask({ cookie: "other=1; hubbubs=2" }), ANONYMOUS);
});

Deno.test("authenticate() finds the program by its secret, as a user with an id", async () => {
  const { people, ask } = await setUp();
  const { id } = (await people.store.findByName("Build"))!;
  assertEquals(await ask({ authorization: "Bearer build-secret" }), {
    user: { id, name: "Build", role: "bot" },
  });
  const other = await ask({ authorization: "bearer  other.secret " });
  assertEquals(other?.user?.name, "Other");
});

Deno.test("authenticate() finds the person by a session, in a header or in the cookie", async () => {
  const { ask, ann, secret } = await setUp();
  assertEquals(await ask({ authorization: `Bearer ${secret}` }), ann);
  assertEquals(await ask({ "sec-websocket-protocol": `bearer.${secret},hubbub.v1` }), ann);
  assertEquals(await ask({ cookie: `a=b; hubbub=${secret}; c=d` }), ann);
});

Deno.test("authenticate() has the application verify what looks like its token", async () => {
  const { ask } = await setUp();
  assertEquals(await ask({ authorization: "Bearer a.b.c" }), APP);
  assertEquals(await ask({ "sec-websocket-protocol": "hubbub.v1, bearer.a.b.c" }), APP);
  assertEquals(await ask({ authorization: "Bearer a.b.d" }), undefined);
  assertEquals(await ask({ cookie: "hubbub=a.b.c" }), ANONYMOUS);
});

Deno.test("authenticate() prefers a header to the cookie, even one that is not valid", async () => {
  const { ask, secret } = await setUp();
  const cookie = `hubbub=${secret}`;
  assertEquals((await ask({ cookie, authorization: "Bearer build-secret" }))?.user?.name, "Build");
  assertEquals(
    (await ask({ cookie, "sec-websocket-protocol": "bearer.build-secret" }))?.user?.name,
    "Build",
  );
  assertEquals(await ask({ cookie, authorization: "Bearer wrong" }), undefined);
});

Deno.test("authenticate() refuses a credential that nobody has, but not a cookie", async () => {
  const { people, ask, ann, secret } = await setUp();
  assertEquals(await ask({ authorization: "Bearer build-secre" }), undefined);
  assertEquals(await ask({ "sec-websocket-protocol": "bearer." }), undefined);
  await people.sessions.end(ann.user!.id, ann.session!);
  assertEquals(await ask({ authorization: `Bearer ${secret}` }), undefined);
  assertEquals(await ask({ cookie: `hubbub=${secret}` }), ANONYMOUS);
  assertEquals(await ask({ cookie: "hubbub=" }), ANONYMOUS);
});

Deno.test("authenticate() knows nobody who is disabled, not even a program", async () => {
  const { people, ask, ann, secret } = await setUp();
  await people.store.change((await people.store.findByName("Build"))!.id, { disabled: true });
  await people.store.change(ann.user!.id, { disabled: true });
  assertEquals(await ask({ authorization: "Bearer build-secret" }), undefined);
  assertEquals(await ask({ authorization: `Bearer ${secret}` }), undefined);
});

Deno.test("authenticateCredential() knows the same credentials", async () => {
  const { ann, secret, authenticateCredential } = await setUp();
  assertEquals(await authenticateCredential(secret, ""), ann);
  assertEquals(await authenticateCredential("a.b.c", ""), APP);
  assertEquals((await authenticateCredential("build-secret", ""))?.user?.role, "bot");
  assertEquals(await authenticateCredential("wrong", ""), undefined);
});

Deno.test("authenticate() knows no tokens of an application where there is none", async () => {
  const { store, sessions } = new PeopleHarness();
  const { authenticateCredential } = createAuthenticator({ store, sessions, bots: [] });
  assert(await authenticateCredential("a.b.c", "") === undefined);
});
