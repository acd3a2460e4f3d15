import { assert, assertEquals, assertRejects, assertStringIncludes } from "../support/assert.ts";
import { DEADLINE, poll, within } from "../support/within.ts";
import { type ProxyStage, proxyTest } from "./harness.ts";
import { PROXIES } from "./programs.ts";

/** Size of the upload, in bytes. */
const LARGE = 5 * 1024 * 1024;

/** Patience of the proxy in the test of quiet connections, in seconds. */
const IDLE = 2;

/** Enters as a guest does in a page; returns the cookie. */
async function enter(stage: ProxyStage, name: string, path = ""): Promise<string> {
  const response = await stage.fetch(`${path}api/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(stage.url).origin },
    body: JSON.stringify({ name }),
  });
  assertEquals(response.status, 201, await response.text());
  const [cookie = ""] = response.headers.getSetCookie();
  assertStringIncludes(cookie, "; Secure");
  return cookie;
}

/** Loads the page and one of its modules. */
async function loadsPage(stage: ProxyStage, path = ""): Promise<void> {
  const page = await stage.fetch(path);
  assertEquals(page.status, 200);
  const html = await page.text();
  const script = /<script type="module" src="([^"]+)"/.exec(html)?.[1] ?? "";
  const module = await stage.fetch(path + script);
  assertEquals([module.status, module.headers.get("content-type")], [
    200,
    "text/javascript; charset=UTF-8",
  ]);
  await module.body?.cancel();
}

function at({ url }: { url: string }): string {
  return new URL(url).host;
}

for (const program of PROXIES) {
  proxyTest(
    program,
    "serves the page by HTTP/2 and the chat, on a port of its own",
    async (stage) => {
      const server = await stage.server("--trust-proxy", "127.0.0.1");
      await stage.proxy([at(server)]);
      await loadsPage(stage);
      const { port } = new URL(stage.url);
      using connection = await Deno.connectTls({
        hostname: "localhost",
        port: Number(port),
        caCerts: [stage.certificate.pem],
        alpnProtocols: ["h2", "http/1.1"],
      });
      assertEquals((await connection.handshake()).alpnProtocol, "h2");
      const talk = await stage.talk();
      await talk.enter("ann");
      await talk.says("through the proxy");
      const echo = stage.talk("ws", { origin: "https://localhost" });
      await assertRejects(() => echo, Error, "403", "the port belongs to the origin");
    },
  );

  proxyTest(program, "passes uploads and downloads on", async (stage) => {
    const server = await stage.server("--trust-proxy", "127.0.0.1");
    await stage.proxy([at(server)]);
    const cookie = await enter(stage, "ann");
    const bytes = new Uint8Array(LARGE);
    for (let i = 0; i < LARGE; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536));
    const headers = { cookie, origin: new URL(stage.url).origin };
    const upload = await stage.fetch("files?name=a.bin", { method: "POST", headers, body: bytes });
    assertEquals(upload.status, 201);
    const { url, size } = await upload.json();
    assertEquals(size, LARGE);
    const download = await stage.fetch(url, { headers });
    assertEquals(download.status, 200);
    assert(new Uint8Array(await download.arrayBuffer()).every((byte, i) => byte === bytes[i]));
  });

  proxyTest(
    program,
    "tells the client's address, and not what the client says, on a Unix socket",
    async (stage) => {
      await stage.server("--addr", `unix:${stage.socket}`, "--trust-proxy", "unix");
      const { mode } = await Deno.stat(stage.socket);
      assertEquals((mode ?? 0) & 0o777, 0o660);
      await stage.proxy([stage.socket]);
      await loadsPage(stage);
      const honest = await stage.talk();
      assertEquals((await honest.next("handshake")).ip, "127.0.0.1");
      const liar = await stage.talk("ws", {
        "x-forwarded-for": "203.0.113.9",
        forwarded: "for=203.0.113.9",
      });
      assertEquals((await liar.next("handshake")).ip, "127.0.0.1");
    },
  );

  proxyTest(program, "keeps a quiet connection, which pings keep open", async (stage) => {
    const server = await stage.server();
    await stage.proxy([at(server)], { idle: IDLE });
    const talk = await stage.talk();
    await talk.enter("ann");
    await talk.idles(2 * IDLE);
    await talk.says("still here");
  });

  if (program.endsIdle) {
    proxyTest(program, "ends a quiet connection that nothing keeps open", async (stage) => {
      const server = await stage.server("--ping-interval", "0");
      await stage.proxy([at(server)], { idle: IDLE });
      const talk = await stage.talk();
      await talk.enter("ann");
      await within(DEADLINE, "the proxy to end the connection", talk.closed);
    });
  }

  for (const path of ["kept", "removed"] as const) {
    proxyTest(program, `serves a path that is ${path}`, async (stage) => {
      const flags = path === "kept"
        ? ["--base-path", "/chat"]
        : ["--public-url", "https://example.org/chat/"];
      const server = await stage.server("--trust-proxy", "127.0.0.1", ...flags);
      await stage.proxy([at(server)], { path });
      await loadsPage(stage, "chat/");
      if (path === "kept") {
        const redirect = await stage.fetch("chat");
        assert([301, 308].includes(redirect.status), `${redirect.status}`);
        await redirect.body?.cancel();
        const location = redirect.headers.get("location") ?? "";
        assertEquals(new URL(location, stage.url).pathname, "/chat/");
      }
      const cookie = await enter(stage, "ann", "chat/");
      assertStringIncludes(cookie, "hubbub+chat=");
      assertStringIncludes(cookie, "; Path=/chat/;");
      const talk = await stage.talk("chat/ws", { cookie: cookie.split(";")[0] ?? "" });
      talk.send({ type: "login", room: "lobby" });
      assertEquals((await talk.next("login")).content, "ann");
      await talk.says("below the path");
    });
  }

  proxyTest(program, "takes a new configuration while people talk", async (stage) => {
    const server = await stage.server();
    await stage.proxy([at(server)]);
    const before = await stage.talk();
    await before.enter("ann");
    await stage.reload();
    const after = await stage.talk();
    await after.enter("bob");
    await after.says("after");
    if (program.keepsConnections) assertEquals((await before.next("user")).content, "after");
    else await within(DEADLINE, "the old connection to end", before.closed);
  });

  proxyTest(program, "turns to the second server when the first is gone", async (stage) => {
    const one = await stage.server("--register", "open");
    const two = await stage.server("--register", "off");
    await stage.proxy([at(one), at(two)]);
    const serving = async () => {
      const response = await stage.fetch("api/session");
      return response.ok ? (await response.json()).register : await response.text();
    };
    await poll("the first server to serve", serving, (register) => register === "open");
    await one.stop("It is upgraded");
    await poll("the second server to serve", serving, (register) => register === "off");
    const talk = await stage.talk();
    await talk.enter("ann");
    await talk.says("at the second");
  });
}
