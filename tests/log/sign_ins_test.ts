import { SignInLog } from "../../log/sign_ins.ts";
import type { Refusal } from "../../log/refusals.ts";
import { createMetrics } from "../../metrics/prometheus.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";

function harness() {
  const refused: Refusal[] = [];
  const metrics = createMetrics();
  const log = new SignInLog(metrics, { note: (refusal) => void refused.push(refusal) });
  return { log, metrics, refused };
}

Deno.test("SignInLog.succeeded() logs members and admins, and guests only for who looks closely", () => {
  using logs = new CapturedLogs();
  const { log } = harness();
  log.succeeded({ method: "guest", ip: "192.0.2.1" }, { id: "g1", role: "guest" });
  log.succeeded({ method: "password", ip: "192.0.2.1" }, { id: "m1", role: "member" });
  log.succeeded({ method: "passkey", ip: "192.0.2.1" }, { id: "a1", role: "admin" });
  assertEquals(logs.lines, [
    "debug: Guest g1 entered",
    "info: User m1 signed in",
    "info: User a1 signed in",
  ]);
});

Deno.test("SignInLog.failed() tells of a sign-in with a provider, which no refused request tells of", () => {
  const { log, refused } = harness();
  const ip = "192.0.2.1";
  log.failed({ method: "password", ip }, "wrong");
  log.failed({ method: "oidc", ip }, "wrong");
  log.failed({ method: "oidc", ip }, "refused");
  log.failed({ method: "oidc", ip }, "limited");
  log.failed({ method: "oidc", ip }, "refused", "banned");
  const detail = "sign-in with the provider";
  assertEquals(refused, [
    { reason: "unauthorized", ip, detail },
    { reason: "forbidden", ip, detail },
    { reason: "sign_in_rate", ip, detail },
    { reason: "banned", ip, detail },
  ]);
});

Deno.test("SignInLog counts by how a sign-in ended", async () => {
  const { log, metrics } = harness();
  log.succeeded({ method: "guest", ip: "" }, { id: "g1", role: "guest" });
  log.failed({ method: "guest", ip: "" }, "refused");
  log.failed({ method: "guest", ip: "" }, "refused");
  const { text } = await metrics.render();
  assertStringIncludes(text, '\nhubbub_sign_ins_total{result="success"} 1\n');
  assertStringIncludes(text, '\nhubbub_sign_ins_total{result="wrong"} 0\n');
  assertStringIncludes(text, '\nhubbub_sign_ins_total{result="refused"} 2\n');
});
