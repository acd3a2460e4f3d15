/** SIGHUP, and what the server says at its start, of a process of its own. */
import { assert, assertEquals } from "../support/assert.ts";
import { HAS_OPENSSL, makeCertificate } from "../support/certificates.ts";
import { ServerProcess } from "../support/server_process.ts";

const hasSignals = Deno.build.os !== "windows";
const MEMORY = ["--data", ":memory:"];
const WARNING = "Whoever can reach the port can make the server hold memory";

Deno.test("SIGHUP does not end a server without TLS, which says that it has no effect", {
  ignore: !hasSignals,
}, async () => {
  await using server = await ServerProcess.start(MEMORY);
  server.kill("SIGHUP");
  await server.until(/SIGHUP has no effect: there is no --cert to read again/);
  const { code, stderr } = await server.stop();
  assertEquals(code, 0);
  assert(!stderr.includes(WARNING), stderr);
});

Deno.test("SIGHUP reads certificate and key again, or says why the old ones stay in use", {
  ignore: !hasSignals || !HAS_OPENSSL,
}, async () => {
  const directory = await Deno.makeTempDir();
  const { cert, key } = await makeCertificate(directory, "localhost");
  {
    await using server = await ServerProcess.start([...MEMORY, "--cert", cert, "--key", key]);
    assert(server.url.startsWith("https://"), server.url);
    server.kill("SIGHUP");
    await server.until(/Certificate and key were read again/);
    await Deno.remove(key);
    server.kill("SIGHUP");
    const log = await server.until(/The old certificate stays in use/);
    assert(log.includes(`Cannot read --key ${key}`), log);
    assertEquals((await server.stop()).code, 0);
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("startServer() warns who listens beyond loopback with the transport deno", async () => {
  await using server = await ServerProcess.start([...MEMORY, "--addr", ":0"]);
  await server.until(new RegExp(WARNING));
});
