import fc from "fast-check";
import { allowancesOf } from "../../client/allowances.ts";
import { steadyNow } from "../../clock/steady.ts";
import { relayEndpoint } from "../../endpoints/relay.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { startTestServer } from "../support/test_server.ts";
import { WsClient } from "../support/ws_client.ts";
import { FakeSocket, frames, handshake } from "./raw_cases.ts";

const LIMITS = { maxMessage: 16_384, maxQueue: 1_048_576, rate: 0, burst: 1 };

/** Sockets without a line on these paths of one relay endpoint. */
function connect(...paths: string[]): FakeSocket[] {
  const endpoint = relayEndpoint(LIMITS, allowancesOf(LIMITS, steadyNow));
  return paths.map((path) => {
    const socket = new FakeSocket();
    endpoint.opened(socket, handshake(path));
    return socket;
  });
}

Deno.test("/relay passes any sequence of text and binary frames on unchanged", async () => {
  await using server = await startTestServer();
  await using sender = await WsClient.open(server.ws("/relay/race?self=true"));
  await using receiver = await WsClient.open(server.ws("/relay/race"));
  await using another = await WsClient.open(server.ws("/relay/race?self=false"));
  await fc.assert(fc.asyncProperty(frames, async (sent) => {
    for (const frame of sent) sender.send(frame);
    for (const client of [sender, receiver, another]) {
      assertEquals(await client.take(sent.length), sent);
    }
  }));
});

Deno.test("/relay shows everybody the frames of several senders in the same order", async () => {
  await using server = await startTestServer();
  await using ann = await WsClient.open(server.ws("/relay?self=true"));
  await using bob = await WsClient.open(server.ws("/relay?self=true"));
  await using eve = await WsClient.open(server.ws("/relay"));
  for (let count = 0; count < 200; count++) {
    ann.send(`ann ${count}`);
    bob.send(`bob ${count}`);
  }
  const seen = await ann.take(400);
  assertEquals(await bob.take(400), seen);
  assertEquals(await eve.take(400), seen);
  for (const name of ["ann", "bob"]) {
    const own = seen.filter((frame) => typeof frame === "string" && frame.startsWith(name));
    assertEquals(own, Array.from({ length: 200 }, (_, count) => `${name} ${count}`));
  }
});

Deno.test("relayEndpoint() sends a frame back to its sender with ?self=true only", () => {
  const [plain, self, other, wrong] = connect(
    ...["/relay", "/relay?self=true", "/relay?self=false", "/relay?self=TRUE"],
  );
  plain?.receive("1");
  self?.receive("2");
  other?.receive("3");
  wrong?.receive("4");
  assertEquals(plain?.sent, ["2", "3", "4"]);
  assertEquals(self?.sent, ["1", "2", "3", "4"]);
  assertEquals(other?.sent, ["1", "2", "4"]);
  assertEquals(wrong?.sent, ["1", "2", "3"]);
});

Deno.test("relayEndpoint() keeps relays apart", () => {
  const [bare, lobby, dev, alsoDev] = connect(
    ...["/relay", "/relay/lobby", "/relay/dev", "/relay/dev?self=true"],
  );
  bare?.receive("bare");
  lobby?.receive("lobby");
  dev?.receive("dev");
  assertEquals([bare?.sent, lobby?.sent, dev?.sent], [[], [], []]);
  assertEquals(alsoDev?.sent, ["dev"]);
});

Deno.test("relayEndpoint() forgets who has left", () => {
  const [ann, bob] = connect("/relay/x", "/relay/x");
  bob?.breakLine();
  ann?.receive("anybody?");
  assertEquals(bob?.sent, []);
  assertEquals(bob?.closes, []);
});

Deno.test("relayEndpoint() drops a receiver that falls behind with 1013, and only it", () => {
  const [ann, bob, eve] = connect("/relay", "/relay", "/relay");
  assert(ann && bob && eve);
  eve.bufferedAmount = LIMITS.maxQueue;
  ann.receive("1");
  ann.receive("2");
  assertEquals(eve.closes, [[1013, "Too slow: what was sent to you was not read"]]);
  assertEquals(eve.sent, []);
  assertEquals(bob.sent, ["1", "2"]);
  assertEquals([ann.closes, bob.closes], [[], []]);
});

Deno.test("/relay drops a client that does not read with 1013; the others get every frame", async () => {
  await using server = await startTestServer();
  await using sender = await WsClient.open(server.ws("/relay"));
  await using reader = await WsClient.open(server.ws("/relay"));
  await using deaf = await WsClient.open(server.ws("/relay"));
  deaf.pause();
  for (let count = 0; count < 256; count++) {
    const frame = new Uint8Array(256 * 1024).fill(count);
    await sender.send(frame);
    assertEquals(await reader.next(), frame);
  }
  deaf.resume();
  assertEquals((await deaf.closed).code, 1013);
});

Deno.test("/relay closes 1001 as the server stops", async () => {
  await using server = await startTestServer();
  await using client = await WsClient.open(server.ws("/relay/dev?self=true"));
  await client.send("hello");
  await client.next();
  await server.stop("Maintenance");
  assertEquals(await client.closed, { code: 1001, reason: "Maintenance" });
});

Deno.test("relayEndpoint() serves names of rooms and no others", () => {
  const { matches } = relayEndpoint(LIMITS, allowancesOf(LIMITS, steadyNow));
  const good = ["/relay", "/relay/a", "/relay/7_b-c", `/relay/${"x".repeat(64)}`];
  const bad = [
    ...["/relay/", "/relay/A", "/relay/-a", "/relay/a/b", "/relay/a%20b", "/relay/ü", "/relays"],
    `/relay/${"x".repeat(65)}`,
  ];
  assertEquals(good.filter((path) => !matches(path)), []);
  assertEquals(bad.filter(matches), []);
});

Deno.test("/relay answers 404 for a bad name and 426 for a good one without upgrade", async () => {
  await using server = await startTestServer();
  const statuses = [];
  for (const path of ["/relay", "/relay/dev", "/relay/", "/relay/Dev", "/relay/a/b"]) {
    const response = await fetch(new URL(path, server.url));
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assertEquals(statuses, [426, 426, 404, 404, 404]);
});

Deno.test("--no-relay and --no-echo serve neither", async () => {
  await using server = await startTestServer("--no-relay", "--no-echo");
  for (const path of ["/relay", "/relay/a", "/echo"]) {
    const response = await fetch(new URL(path, server.url));
    await response.body?.cancel();
    assertEquals([path, response.status], [path, 404]);
  }
});
