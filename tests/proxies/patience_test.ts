/**
 * The documented timeouts with the server's own interval of pings. It takes more than a minute, so it is a
 * module of its own, which runs beside the others.
 *
 * @module
 */
import { SERVE_FLAGS } from "../../config/serve_flags.ts";
import { assertEquals } from "../support/assert.ts";
import { documented } from "./documented.ts";
import { proxyTest } from "./harness.ts";
import { PROXIES } from "./programs.ts";

/** The documented patience of nginx and HAProxy with a quiet connection, in seconds. */
const PATIENCE = 70;

const INTERVAL = SERVE_FLAGS["ping-interval"].default;

proxyTest(
  PROXIES,
  `keep a connection for longer than ${PATIENCE} s with pings every ${INTERVAL}`,
  async (stage) => {
    // With node: deno pings twice as often.
    const server = await stage.server("--transport", "node", "--ping-interval", INTERVAL);
    await stage.proxy([new URL(server.url).host]);
    const talk = await stage.talk();
    await talk.enter("ann");
    await talk.idles(PATIENCE);
    await talk.says("still here");
  },
);

Deno.test(`docs/proxies.md gives proxies ${PATIENCE} s of patience`, () => {
  const files = [documented("nginx", "nginx"), documented("HAProxy", "haproxy")].flat();
  const seconds = files.flatMap((text) =>
    [...text.matchAll(/(?:_timeout|timeout (?:client|server|tunnel)) (\d+)s/g)].map(([, n]) =>
      Number(n)
    )
  );
  assertEquals(seconds, Array(5).fill(PATIENCE));
});
