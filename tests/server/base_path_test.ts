import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { exchange } from "../support/raw_http.ts";
import { formatRequest } from "../support/raw_tcp.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";

const PATH = "/team/chat";

/** Enters as a guest would in a page; returns the cookie. */
async function enter(url: string, name: string): Promise<string> {
  const { origin } = new URL(url);
  const response = await fetch(new URL("api/session", url), {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ name }),
  });
  assertEquals(response.status, 201);
  await response.body?.cancel();
  const [cookie = ""] = response.headers.getSetCookie();
  assertStringIncludes(cookie, "hubbub+team+chat=");
  assertStringIncludes(cookie, `; Path=${PATH}/;`);
  return cookie.split(";")[0] ?? "";
}

for (const transport of TRANSPORTS) {
  Deno.test(`a server with --base-path serves everything below it, and nothing beside it (${transport})`, async () => {
    await using server = await startTestServer("--base-path", PATH, "--transport", transport);
    const { origin, pathname } = new URL(server.url);
    assertEquals(pathname, `${PATH}/`);
    assertStringIncludes(server.adminLink, `${server.url}#invite=`);
    for (const path of ["", "healthz", "readyz", "static/page/main.js", "api/rooms"]) {
      const { status, body } = await fetch(server.url + path);
      await body?.cancel();
      assertEquals(status, 200, path);
    }
    for (const path of ["/", "/healthz", "/api/rooms", "/team/", `${PATH}ter/`, "/ws"]) {
      const response = await fetch(origin + path);
      assertEquals([response.status, response.headers.get("content-type")], [
        404,
        "application/problem+json",
      ], path);
      await response.body?.cancel();
    }
    const redirect = await fetch(origin + PATH, { redirect: "manual" });
    assertEquals([redirect.status, redirect.headers.get("location")], [308, `${PATH}/`]);
    await redirect.body?.cancel();
  });

  Deno.test(`a server with --base-path talks through every endpoint, with cookies of its own (${transport})`, async () => {
    await using server = await startTestServer("--base-path", PATH, "--transport", transport);
    const cookie = await enter(server.url, "ann");
    // As a browser sends them if another server is at the root of this host.
    const cookies = `hubbub=of-another-server; ${cookie}`;
    {
      await using ann = await Chatter.connect(server.ws("ws"), { headers: { cookie: cookies } });
      await ann.send({ type: "login", room: "lobby" });
      assertEquals((await ann.next("login")).content, "ann");
      assertEquals((await ann.say("hello")).content, "hello");
    }
    for (const path of ["echo", "relay/stage?self=true"]) {
      const socket = new WebSocket(server.ws(path));
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      socket.onopen = () => socket.send("back");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = reject;
      const closed = new Promise((done) => socket.onclose = done);
      assertEquals(await promise, "back", path);
      socket.close();
      await closed;
    }
  });

  Deno.test(`a server with --base-path takes uploads and says where they are (${transport})`, async () => {
    await using server = await startTestServer("--base-path", PATH, "--transport", transport);
    const cookie = await enter(server.url, "ann");
    const { origin } = new URL(server.url);
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    const headers = { cookie, origin };
    const response = await fetch(`${server.url}files?name=a.bin`, {
      method: "POST",
      headers,
      body: ReadableStream.from([bytes, bytes]),
    });
    assertEquals(response.status, 201);
    const { url, size } = await response.json();
    assertEquals(size, 2 * bytes.length);
    const location = response.headers.get("location") ?? "";
    assertEquals(location, PATH + url);
    const download = await fetch(origin + location, { headers });
    assertEquals(new Uint8Array(await download.arrayBuffer()).slice(bytes.length), bytes);
    const said = await fetch(`${server.url}api/rooms/lobby/messages`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ content: "by HTTP" }),
    });
    assert(said.ok, await said.text());
    const message = await fetch(new URL(said.headers.get("location") ?? "", origin));
    assertStringIncludes(await message.text(), "by HTTP");
  });

  Deno.test(`a server with --base-path ends its own session only (${transport})`, async () => {
    await using server = await startTestServer("--base-path", PATH, "--transport", transport);
    const cookie = await enter(server.url, "ann");
    const headers = { cookie, origin: new URL(server.url).origin };
    const response = await fetch(`${server.url}api/session`, { method: "DELETE", headers });
    assertEquals(response.status, 204);
    const [gone = ""] = response.headers.getSetCookie();
    assertStringIncludes(gone, `hubbub+team+chat=; Path=${PATH}/; Max-Age=0;`);
    const { user } = await (await fetch(`${server.url}api/session`, { headers })).json();
    assertEquals(user, null);
  });
}

for (const transport of TRANSPORTS) {
  Deno.test(`a server with --base-path counts what is asked for beside it, and takes no TRACE (${transport})`, async () => {
    await using server = await startTestServer(
      ...["--base-path", PATH, "--transport", transport, "--rate", "1", "--rate-per-address", "2"],
    );
    const { origin } = new URL(server.url);
    const statuses: number[] = [];
    while (!statuses.includes(429) && statuses.length < 20) {
      const response = await fetch(`${origin}/elsewhere`);
      await response.body?.cancel();
      statuses.push(response.status);
    }
    assertEquals(statuses.slice(0, -1), Array(statuses.length - 1).fill(404));
    assertEquals(statuses.at(-1), 429);
  });

  Deno.test(`a server with --base-path refuses TRACE (${transport})`, async () => {
    await using server = await startTestServer("--base-path", PATH, "--transport", transport);
    const text = formatRequest(`TRACE ${PATH}/ HTTP/1.1`, { host: new URL(server.url).host });
    const [answer] = await exchange(server.url, text, { responses: 1 });
    assertEquals(answer?.status, 405);
  });
}
