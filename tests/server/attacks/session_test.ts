/** Sessions that somebody else chose, or has stolen and kept. */
import { assert, assertEquals } from "../../support/assert.ts";
import { startTestServer, TRANSPORTS } from "../../support/test_server.ts";

const PASSWORD = "correct horse battery";

/** Asks as a client that sends this cookie; returns the status, the body and the cookie that was set. */
async function send(
  url: string,
  [method, path]: [string, string],
  body?: object,
  cookie?: string,
): Promise<{ status: number; user: string | undefined; cookie: string; attributes: string }> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(cookie !== undefined && { cookie }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const [set = ""] = response.headers.getSetCookie();
  return {
    status: response.status,
    user: text === "" ? undefined : JSON.parse(text).user?.name,
    cookie: set.split(";")[0] ?? "",
    attributes: set,
  };
}

const whoAmI = (url: string, cookie: string) =>
  send(url, ["GET", "api/session"], undefined, cookie);

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} makes a new session at each sign-in, whatever cookie came`, async () => {
    await using server = await startTestServer("--transport", transport, "--rate", "20");
    const { url } = server;
    const made = await send(url, ["POST", "api/account"], { name: "ann", password: PASSWORD });
    assertEquals(made.status, 201);
    const name = made.cookie.split("=")[0];
    const chosen = `${name}=${"A".repeat(43)}`;
    // A session of the attacker's own, planted in the victim's browser.
    const planted = (await send(url, ["POST", "api/session"], { name: "mallory" })).cookie;
    for (const fixed of [chosen, planted]) {
      const credentials = { name: "ann", password: PASSWORD };
      const signedIn = await send(url, ["POST", "api/session"], credentials, fixed);
      assertEquals(signedIn.status, 201);
      assert(signedIn.cookie !== fixed && signedIn.cookie !== "");
      assert(/; ?HttpOnly/i.test(signedIn.attributes), signedIn.attributes);
      assert(/; ?SameSite=Lax/i.test(signedIn.attributes), signedIn.attributes);
      assert((await whoAmI(url, fixed)).user !== "ann");
      assertEquals((await whoAmI(url, signedIn.cookie)).user, "ann");
    }
  });

  Deno.test(`startServer() with ${transport} opens nothing with a stolen session after logout or a new password`, async () => {
    await using server = await startTestServer("--transport", transport, "--rate", "20");
    const { url } = server;
    const credentials = { name: "ann", password: PASSWORD };
    const { cookie } = await send(url, ["POST", "api/account"], credentials);
    const stolen = (await send(url, ["POST", "api/session"], credentials)).cookie;
    assertEquals((await whoAmI(url, stolen)).user, "ann");
    const passwords = { old: PASSWORD, new: "another horse battery" };
    assertEquals((await send(url, ["PUT", "api/account/password"], passwords, cookie)).status, 204);
    assertEquals((await whoAmI(url, stolen)).user, undefined);
    assertEquals((await whoAmI(url, cookie)).user, "ann");
    assertEquals((await send(url, ["DELETE", "api/session"], undefined, cookie)).status, 204);
    assertEquals((await whoAmI(url, cookie)).user, undefined);
  });
}
