import { Secret } from "../../config/config.ts";
import { createAuthenticator } from "../../people/authenticator.ts";
import { ANONYMOUS, type Principal } from "../../people/principal.ts";
import { assertEquals } from "../support/assert.ts";

const PEER = { ip: "192.0.2.1" };
const ANN: Principal = { role: "guest", user: { name: "ann" }, sessions: ["session-1"] };

const authenticate = createAuthenticator({
  apiTokens: [
    { name: "Build", secret: new Secret("build-secret") },
    { name: "Other", secret: new Secret("other-secret") },
  ],
  findSession: (session) => Promise.resolve(session === "session-1" ? ANN : undefined),
});

function ask(headers: Record<string, string>): Promise<Principal | undefined> {
  return authenticate(new Request("http://localhost/", { headers }), PEER);
}

Deno.test("authenticate() takes a request without a credential for nobody in particular", async () => {
  assertEquals(await ask({}), ANONYMOUS);
  assertEquals(await ask({ authorization: "Basic YTpi" }), ANONYMOUS);
  assertEquals(await ask({ "sec-websocket-protocol": "hubbub.v1" }), ANONYMOUS);
});

Deno.test("authenticate() finds the program by its secret, and the person by a session", async () => {
  assertEquals(await ask({ authorization: "Bearer build-secret" }), {
    role: "bot",
    user: { name: "Build" },
  });
  assertEquals(await ask({ authorization: "bearer  other-secret " }), {
    role: "bot",
    user: { name: "Other" },
  });
  assertEquals(await ask({ authorization: "Bearer session-1" }), ANN);
});

Deno.test("authenticate() reads a credential from the list of subprotocols", async () => {
  const ofList = (list: string) => ask({ "sec-websocket-protocol": list });
  assertEquals((await ofList("hubbub.v1, bearer.build-secret"))?.role, "bot");
  assertEquals(await ofList("bearer.session-1,hubbub.v1"), ANN);
});

Deno.test("authenticate() refuses a credential that nobody has, even an empty one", async () => {
  assertEquals(await ask({ authorization: "Bearer build-secre" }), undefined);
  assertEquals(await ask({ "sec-websocket-protocol": "bearer." }), undefined);
});
