import type { Refusal } from "../../log/refusals.ts";
import { createMetrics } from "../../metrics/prometheus.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";
import { HubHarness } from "../support/hub_harness.ts";

/** What the operator is told of. */
function noted() {
  const refused: Refusal[] = [];
  return { refused, refusals: { note: (refusal: Refusal) => void refused.push(refusal) } };
}

Deno.test("Hub tells the operator whom it cuts for abuse, with address and user", async () => {
  const { refused, refusals } = noted();
  await using harness = new HubHarness({ refusals, maxMessage: 16 });
  const ann = await harness.enter("ann");
  const { user } = ann.connection.membership;
  const tooLarge = "x".repeat(1000);
  for (let i = 0; i < 2001; i++) ann.connection.message(tooLarge);
  assertEquals(ann.socket.closed?.code, 1008);
  const { ip, number } = ann.connection;
  assertEquals(refused.filter(({ reason }) => reason !== "too_large"), [
    { reason: "abuse", ip, user, detail: `connection ${number} was closed with 1008` },
  ]);
  assertEquals(refused[0], { reason: "too_large", ip, user, detail: `connection ${number}` });
});

Deno.test("Hub tells the operator who reads too slowly, and who does not log in in time", async () => {
  const { refused, refusals } = noted();
  await using harness = new HubHarness({ refusals, maxQueue: 128 * 1024, loginTimeout: 1000 });
  const [ann, slow] = [await harness.enter("ann"), await harness.enter("slow")];
  harness.connect();
  slow.socket.bufferedAmount = 100 * 1024;
  for (let n = 0; n < 10; n++) ann.send({ type: "user", content: "x".repeat(10_000) });
  await slow.closed();
  harness.now += 1000;
  harness.hub.sweep();
  await harness.settled();
  assertEquals(refused.map(({ reason, user = "" }) => [reason, user !== ""]), [
    ["too_slow", true],
    ["timeout", false],
  ]);
});

Deno.test("Hub tells the operator nothing of a close code that the peer chose", async () => {
  const { refused, refusals } = noted();
  const metrics = createMetrics();
  await using harness = new HubHarness({ refusals, metrics });
  for (const code of [1008, 1013, 4001, 3999]) {
    harness.connect().connection.closed(code, "made up");
  }
  await harness.settled();
  assertEquals(refused, []);
  const { text } = await metrics.render();
  assertStringIncludes(text, '\nhubbub_connections_ended_total{code="1008"} 1\n');
  assertStringIncludes(text, '\nhubbub_connections_ended_total{code="other"} 1\n');
  assertEquals(text.includes("3999"), false);
});

Deno.test("Hub tells the operator of a session that is wrong, and does not show it", async () => {
  const { refused, refusals } = noted();
  await using harness = new HubHarness({ refusals });
  const stranger = harness.connect();
  stranger.send({ type: "login", content: "ann", session: "wrong-and-secret" });
  assertEquals((await stranger.next("error")).code, "unauthorized");
  assertEquals(refused.map(({ reason }) => reason), ["unauthorized"]);
  assertEquals(JSON.stringify(refused).includes("secret"), false);
});

Deno.test("Hub logs that a session has ended, at the default level", async () => {
  using logs = new CapturedLogs();
  const { refused, refusals } = noted();
  await using harness = new HubHarness({ refusals });
  const ann = await harness.enter("ann");
  const { user } = ann.connection.membership;
  await harness.people.remove(user);
  assertEquals((await ann.closed()).code, 4504);
  const { number } = ann.connection;
  const line = `info: Connection ${number} was closed: the session of ${user} has ended`;
  assertEquals(logs.lines.filter((one) => one.startsWith("info")), [line]);
  assertEquals(refused, []);
});
