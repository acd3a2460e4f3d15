/**
 * Floods of everything that one address can send, against the default limits: what the operator is told, and
 * that somebody at another address goes on talking meanwhile. `bench/attacks` measures what each costs.
 *
 * @module
 */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { ATTACKS } from "../../../bench/attacks/attacks.ts";
import type { RefusalReason } from "../../../log/refusals.ts";
import { assert } from "../../support/assert.ts";
import { startTestServer, type TestServer, TRANSPORTS } from "../../support/test_server.ts";
import { DEADLINE, poll, within } from "../../support/within.ts";
import { WsClient } from "../../support/ws_client.ts";

/** How often somebody else says something at least while an attack goes on. */
const MESSAGES = 8;

/** What is refused, by attack; the others are only slowed down. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, RefusalReason>>>> = {
  node: {
    "unfinished frames of 63 MiB": "too_large",
    "fragments without end": "too_large",
    "searches": "search_rate",
    "names": "rate",
    "pings of the protocol": "abuse",
    "connections": "connect_rate",
    "silent TCP connections": "connections_per_address",
    "sign-ins with wrong passwords": "wrong_password",
  },
  deno: {
    "brackets before the login": "rate",
    "brackets after the login": "rate",
    "reactions": "rate",
    "messages": "rate",
    "rooms": "rate",
    "joining and leaving": "rate",
    "searches": "search_rate",
    "pages of history": "rate",
    "names": "rate",
    "logins and logouts": "rate",
    "typing": "rate",
    "connections": "connect_rate",
    "sign-ins with wrong passwords": "wrong_password",
  },
};

/** What fills the memory with this transport, of the test as well: `memory_guard_test.ts` has it. */
const UNBOUNDED: Readonly<Record<string, readonly string[]>> = {
  deno: ["unfinished frames of 63 MiB", "fragments without end"],
};

/** Where others are. */
const ELSEWHERE = "127.0.0.9";

const TOKEN = "0123456789abcdef0123456789abcdef";

/** Whether anything was refused for this reason, as the operator sees it, who is at another address too. */
async function hasRefused(server: TestServer, reason: RefusalReason): Promise<boolean> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const asked = get(new URL("metrics", server.url), { headers, localAddress: ELSEWHERE });
  const [response]: IncomingMessage[] = await once(asked, "response");
  assert(response !== undefined);
  const figures = await text(response);
  return new RegExp(`^hubbub_refusals_total\\{reason="${reason}"\\} [1-9]`, "m").test(figures);
}

for (const transport of TRANSPORTS) {
  for (const [name, attack] of Object.entries(ATTACKS)) {
    if (UNBOUNDED[transport]?.includes(name)) continue;
    const reason = REFUSED[transport]?.[name];
    const title = reason === undefined ? "slows down" : `refuses (${reason})`;
    Deno.test(`startServer() with ${transport} ${title} "${name}", and serves others meanwhile`, async () => {
      await using server = await startTestServer(
        ...["--transport", transport, "--rate", "20", "--api-token", `watch:${TOKEN}`],
      );
      await using ann = await WsClient.openFrom(ELSEWHERE, server.ws("ws"), "hubbub.v1");
      await ann.send(JSON.stringify({ type: "login", content: "ann", room: "den" }));
      const { hostname, port } = new URL(server.url);
      const end = new AbortController();
      const over = attack({ host: hostname, port: Number(port), signal: end.signal });
      const served = async (count: number) => {
        const content = `message ${count}`;
        await ann.send(JSON.stringify({ type: "user", content, room: "den" }));
        await ann.until(new RegExp(`"${content}"`));
      };
      try {
        let count = 0;
        while (count < MESSAGES) await served(++count);
        if (reason !== undefined) {
          await poll(`${reason} to be refused`, () => hasRefused(server, reason), (yes) => yes);
        }
        await served(++count);
      } finally {
        end.abort();
        await within(DEADLINE, "the attack to end", over);
      }
    });
  }
}
