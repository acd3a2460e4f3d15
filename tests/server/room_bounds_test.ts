/** The bounds on rooms, with the flags of a whole server, over WebSocket and HTTP and over a restart. */
import { parseServerUrl } from "../../cli/server_url.ts";
import { openClient } from "../cli/real_server.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";

for (const transport of TRANSPORTS) {
  Deno.test(`startServer() with ${transport} bounds the rooms of a guest and of an address, over a restart`, async () => {
    const data = await Deno.makeTempDir({ prefix: "hubbub-rooms-" });
    const flags = ["--transport", transport, "--data", data];
    const bounds = ["--rooms-per-guest", "2", "--rooms-per-address", "3"];
    try {
      {
        await using server = await startTestServer(...flags, ...bounds);
        const url = parseServerUrl(server.url);
        assert(url !== undefined);
        await using ann = await openClient(url, { name: "ann", room: "one" });
        const { client } = ann;
        await client.say("one", "kept");
        const post = (room: string) =>
          fetch(new URL(`api/rooms/${room}/messages`, server.url), {
            method: "POST",
            headers: { authorization: `Bearer ${client.session}`, "content-type": "text/plain" },
            body: "kept",
          });
        const made = await post("two");
        assertEquals(made.status, 201);
        await made.body?.cancel();
        const refused = await post("three");
        assertEquals([refused.status, refused.headers.get("retry-after")], [409, "60"]);
        assertMatch(
          await refused.text(),
          /Cannot send message: a guest may make 2 rooms; enter one/,
        );
      }
      await using server = await startTestServer(...flags, ...bounds);
      const url = parseServerUrl(server.url);
      assert(url !== undefined);
      await using bob = await openClient(url, { name: "bob", room: "two" });
      await bob.client.join("three");
      await assertRejects(
        () => bob.client.join("four"),
        Error,
        "3 rooms may be made from one address",
      );
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}
