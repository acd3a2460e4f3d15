import { run } from "../../cli/health.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { StartError } from "../../config/errors.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { HAS_OPENSSL, makeCertificate } from "../support/certificates.ts";
import { startTestServer } from "../support/test_server.ts";

/** Runs `hubbub health` with these arguments. */
const health = (...args: string[]) =>
  run({ ...parseInput("health", COMMANDS.health, args, {}), warnings: [] });

const hostOf = (url: string) => new URL(url).host;

Deno.test("hubbub health finds a server alive that serves TLS for another name", {
  ignore: !HAS_OPENSSL,
}, async () => {
  const directory = await Deno.makeTempDir();
  const { cert, key } = await makeCertificate(directory, "chat.example.org");
  {
    await using server = await startTestServer("--cert", cert, "--key", key);
    assertEquals(await health("--addr", hostOf(server.url)), 0);
    // Whoever names a URL wants it checked.
    await assertRejects(() => health(server.url), StartError, "cannot reach");
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("hubbub health finds a plain server alive, and says so when there is none", async () => {
  let addr: string;
  {
    await using server = await startTestServer();
    addr = hostOf(server.url);
    assertEquals(await health("--addr", addr), 0);
  }
  await assertRejects(() => health("--addr", addr), StartError, `cannot reach http://${addr}/`);
});
