/** What a page of another site can do with the cookie of somebody who visits it: nothing. */
import { assert, assertEquals } from "../../support/assert.ts";
import { HANDSHAKE } from "../../support/raw_tcp.ts";
import { ask } from "../../support/raw_tcp.ts";
import { startTestServer, TRANSPORTS } from "../../support/test_server.ts";

const HTTP_SOURCES = new URL("../../../http/", import.meta.url);

/** Each route that changes something, as the sources register it. */
function changingRoutes(dir = HTTP_SOURCES): [method: string, path: string][] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return changingRoutes(new URL(`${name}/`, dir));
    const source = Deno.readTextFileSync(new URL(name, dir));
    const found = source.matchAll(/\bapp\.(post|put|patch|delete)\(\s*"([^"]+)"/g);
    return Array.from(found, ([, method = "", path = ""]): [string, string] => [
      method.toUpperCase(),
      path.replaceAll(/:\w+/g, "x"),
    ]);
  });
}

/** Signs in the first admin; the cookie is what a browser would send along. */
async function signInAdmin(url: string, adminLink: string): Promise<string> {
  const response = await fetch(new URL("api/session", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      invite: new URL(adminLink).hash.replace("#invite=", ""),
      name: "root",
      password: "correct horse battery",
    }),
  });
  await response.body?.cancel();
  assertEquals(response.status, 201);
  return response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}

/** What browsers say of a page of another site. */
const FOREIGN: readonly Record<string, string>[] = [
  { origin: "https://evil.example" },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
];

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} refuses every change that a page of another site asks for`, async () => {
    await using server = await startTestServer("--transport", transport, "--rate", "20");
    const cookie = await signInAdmin(server.url, server.adminLink);
    const routes = changingRoutes();
    assert(routes.length >= 20, `only ${routes.length} routes were found`);
    for (const [index, [method, path]] of routes.entries()) {
      const foreign = FOREIGN[index % FOREIGN.length] ?? {};
      const response = await fetch(new URL(path, server.url), {
        method,
        headers: { "content-type": "application/json", cookie, ...foreign },
        body: "{}",
      });
      const body = await response.text();
      assertEquals([method, path, response.status], [method, path, 403], body);
      assert(body.includes("pages of other sites"), body);
      assertEquals(response.headers.getSetCookie(), []);
      assertEquals(response.headers.get("access-control-allow-origin"), null);
    }
    const whoAmI = await fetch(new URL("api/session", server.url), { headers: { cookie } });
    assertEquals((await whoAmI.json()).user?.name, "root");
  });

  Deno.test(`startServer() with ${transport} opens no WebSocket for a page of another site, cookie or not`, async () => {
    await using server = await startTestServer("--transport", transport, "--rate", "20");
    const cookie = await signInAdmin(server.url, server.adminLink);
    const { host } = new URL(server.url);
    for (const origin of ["https://evil.example", "null", `https://${host}.evil.example`]) {
      const { status } = await ask(server.url, "GET /ws HTTP/1.1", {
        ...HANDSHAKE,
        host,
        origin,
        cookie,
      });
      assertEquals([origin, status], [origin, 403]);
    }
  });
}
