/** How much the accounts of one address may upload together, over HTTP and in binary frames. */
import { assertEquals } from "../support/assert.ts";
import { frame } from "../support/file_frame.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";

const LIMITS = ["--max-file", "1MiB", "--storage-per-address", "1MiB", "--max-storage", "1GiB"];

const SIZE = 600 * 1024;

/** Makes a member. Returns the session. */
async function register({ url }: TestServer, name: string): Promise<string> {
  const response = await fetch(new URL("api/account", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, password: "correct horse" }),
  });
  assertEquals(response.status, 201);
  return (await response.json()).session;
}

/** The status of an upload. */
async function upload({ url }: TestServer, session: string): Promise<number> {
  const response = await fetch(new URL("files?name=a.bin", url), {
    method: "POST",
    headers: { authorization: `Bearer ${session}` },
    body: session.padEnd(SIZE),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("a server where anybody may become a member counts what members upload by address", async () => {
  await using server = await startTestServer(...LIMITS);
  const [ann, bob] = [await register(server, "Ann"), await register(server, "Bob")];
  assertEquals(await upload(server, ann), 201);
  assertEquals(await upload(server, bob), 409);
  await using socket = await WsClient.open(server.ws("/ws"), "hubbub.v1");
  await socket.send(JSON.stringify({ type: "login", session: bob }));
  await socket.until(/"type":"login"/);
  await socket.send(frame("b.bin", Array.from({ length: SIZE }, (_, index) => index % 251)));
  await socket.until(/the files from your address have reached their limit/);
});
