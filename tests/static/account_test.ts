import { Account, broughtBy } from "../../static/chat/account.js";
import { explain } from "../../static/views/page.js";
import en from "../../static/lang/en.js";
import { describeAgent } from "../../static/logic/agent.js";
import { Speech } from "../../static/logic/i18n.js";
import { Accounts } from "../../sdk/accounts.js";
import { RefusedError } from "../../sdk/errors.js";
import type { User } from "../../protocol.ts";
import { FakeWorld } from "../sdk/fakes.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { ANN } from "./fakes.ts";

const OPEN = { access: "open", register: "open", oidc: false, passkeys: true, password: false };

/** A page's account, in front of a server that answers as a test says. */
class Setting {
  readonly world = new FakeWorld();
  readonly users: (User | null)[] = [];
  readonly account: Account;

  constructor() {
    const { later, fetch } = this.world.environment;
    this.account = new Account({
      accounts: new Accounts("http://test", { fetch }),
      later,
      onChange: () => {},
      onUser: (user) => this.users.push(user),
    });
  }

  /** The server says from now on that this is who asks. */
  says(user: User | null): void {
    this.world.answer = { status: 200, json: { user, ...OPEN } };
  }

  /** Somebody is signed in. */
  static async of(user: User): Promise<Setting> {
    const setting = new Setting();
    setting.says(user);
    await setting.account.start();
    setting.users.length = 0;
    return setting;
  }
}

Deno.test("Account.start() asks again until the server answers", async () => {
  const setting = new Setting();
  const { account, world } = setting;
  world.answer = { status: 503 };
  await account.start();
  assertEquals([account.problem, account.standing], ["unavailable", null]);
  setting.says(ANN);
  world.advance(2_000);
  await settle();
  assertEquals([account.problem, account.user], ["", ANN]);
  assertEquals(setting.users, [ANN]);
  assertEquals(world.timers, 0);
});

Deno.test("Account.start() tells that nobody is signed in", async () => {
  const setting = new Setting();
  setting.says(null);
  await setting.account.start();
  assertEquals(setting.users, [null]);
});

Deno.test("Account.ended() tells once why nobody is signed in any more", async () => {
  const { account, users } = await Setting.of({ ...ANN, role: "member" });
  account.ended();
  account.ended();
  assertEquals([users, account.user, account.wasMember], [[null], null, true]);
  assertEquals(account.notice, "session_ended");
});

Deno.test("Account.logout() is not told as a session that was ended, whatever comes first", async () => {
  const { account, users, world } = await Setting.of(ANN);
  world.answer = { status: 204 };
  const leaving = account.logout();
  account.ended();
  await leaving;
  assertEquals([users, account.notice], [[null], "logged_out"]);
});

Deno.test("Account.logout() leaves everything as it was if the server does not answer", async () => {
  const { account, users, world } = await Setting.of(ANN);
  world.answer = { status: 503 };
  await assertRejects(() => account.logout(), RefusedError);
  assertEquals([users, account.user], [[], ANN]);
  account.ended();
  assertEquals(account.notice, "session_ended");
});

Deno.test("Account.refresh() finds out that the cookie opens nothing any more", async () => {
  const setting = await Setting.of(ANN);
  setting.says(null);
  await setting.account.refresh();
  assertEquals([setting.users, setting.account.notice], [[null], "session_ended"]);
});

Deno.test("broughtBy() reads only what must not stay in the address", () => {
  assertEquals(broughtBy("#invite=AbC-_1"), { invite: "AbC-_1" });
  assertEquals(broughtBy("#sign-in=refused"), { notice: "oidc_refused" });
  assertEquals(broughtBy("#sign-in=<b>"), { notice: "oidc_failed" });
  for (const hash of ["", "#lobby", "#invite", "#x#invite=1"]) assertEquals(broughtBy(hash), null);
});

Deno.test("explain() says how long to wait", () => {
  const speech = new Speech("en", en);
  const wait = (retryMs?: number) => explain(speech, "rate_limited", { retryMs });
  assertEquals(wait(1), "Too many attempts. Wait 1 second.");
  assertEquals(wait(30_000), "Too many attempts. Wait 30 seconds.");
  assertEquals(wait(900_000), "Too many attempts. Wait 15 minutes.");
  assertEquals(wait(), "You are doing that too fast. Wait a moment.");
});

Deno.test("explain() prefers what a code means where it is used", () => {
  const speech = new Speech("en", en);
  const words = { forbidden: "problem_invite" } as const;
  assertEquals(explain(speech, "forbidden", { words }), en.problem_invite);
  assertEquals(explain(speech, "forbidden"), en.problem_forbidden);
  assertEquals(explain(speech, "no such code"), en.problem_internal);
});

Deno.test("describeAgent() names the program and the system", () => {
  const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
  const chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
  assertEquals(describeAgent(`${windows} ${chrome}`), "Chrome · Windows");
  assertEquals(describeAgent(`${windows} ${chrome} Edg/140.0`), "Edge · Windows");
  assertEquals(
    describeAgent("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"),
    "Firefox · Android",
  );
  assertEquals(describeAgent("curl/8.14.1"), "curl");
  assertEquals(describeAgent(""), "");
});
