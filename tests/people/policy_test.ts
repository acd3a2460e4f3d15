import { Policy, type Verb } from "../../people/policy.ts";
import { ANONYMOUS, type Principal } from "../../people/principal.ts";
import { assert, assertEquals, assertFalse } from "../support/assert.ts";

const ANN: Principal = { role: "guest", user: { name: "ann" }, sessions: ["session-1"] };
const BUILD: Principal = { role: "bot", user: { name: "Build" } };

function allowed(principal: Principal, ...verbs: Verb[]): Verb[] {
  const policy = new Policy();
  return verbs.filter((verb) => policy.may(principal, verb));
}

Deno.test("Policy.may() lets anybody connect, log in and read, and nothing else", () => {
  const verbs = ["connect", "login", "ping", "read", "post", "upload", "user", "metrics"] as const;
  assertEquals(allowed(ANONYMOUS, ...verbs), ["connect", "login", "ping", "read"]);
});

Deno.test("Policy.may() lets somebody who is logged in chat and upload, but not post as a program", () => {
  const verbs = ["user", "join", "edit", "file", "logout", "upload", "post", "metrics"] as const;
  assertEquals(allowed(ANN, ...verbs), ["user", "join", "edit", "file", "logout", "upload"]);
});

Deno.test("Policy.may() lets a bot post, chat and read metrics, but upload only with a session", () => {
  assertEquals(allowed(BUILD, "post", "user", "metrics", "upload"), ["post", "user", "metrics"]);
  assertEquals(allowed({ ...BUILD, sessions: ["s"] }, "upload"), ["upload"]);
});

Deno.test("Policy.mayUseName() keeps the name of a bot for that bot, in whatever letter case", () => {
  const policy = new Policy(["Build", "Other"]);
  assertFalse(policy.mayUseName(ANN, "bUILD"));
  assertFalse(policy.mayUseName(BUILD, "other"));
  assert(policy.mayUseName(BUILD, "build"));
  assert(policy.mayUseName(ANN, "builder"));
  assertFalse(policy.mayUseName({ role: "guest", user: { name: "Build" } }, "Build"));
});

Deno.test("Policy.mayFetch() takes the address of an announced file for a permission", () => {
  const policy = new Policy();
  assert(policy.mayFetch({ announced: true, own: false }));
  assert(policy.mayFetch({ announced: false, own: true }));
  assertFalse(policy.mayFetch({ announced: false, own: false }));
});
