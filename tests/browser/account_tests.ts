import type { Page } from "playwright-core";
import { assert, assertEquals } from "../support/assert.ts";
import type { TestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { browserTest, type Stage, until } from "./harness.ts";
import type { Person } from "./person.ts";

const PASSWORD = "correct horse battery";

const LOGGED_OUT = "You are logged out. This browser has forgotten everything.";
const ENDED = "You have been logged out: the session was ended, here or on another device.";

/** The server under the name that passkeys can be bound to. */
function byName({ url }: TestServer): { url: string } {
  return { url: url.replace("127.0.0.1", "localhost") };
}

async function opensAccount({ page }: Person): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Account", exact: true }).click();
  await page.locator(".account-dialog[open]").waitFor();
}

/** Unfolds a part of the account dialog. */
async function unfolds({ page }: Person, title: string): Promise<void> {
  await page.locator("summary", { hasText: title }).click();
}

/** A guest becomes a member. Leaves the account dialog open. */
async function claims(person: Person): Promise<void> {
  await opensAccount(person);
  await person.page.getByLabel("New password").fill(PASSWORD);
  await person.page.getByRole("button", { name: "Keep this name" }).click();
  await person.page.getByText("The name is yours now.").waitFor();
}

/** A member, with the account dialog open. */
async function member(stage: Stage, server: { url: string }, name: string): Promise<Person> {
  const person = await stage.person(server, name);
  await claims(person);
  return person;
}

async function logsOut({ page }: Person): Promise<void> {
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await page.locator(".news", { hasText: LOGGED_OUT }).waitFor();
}

async function signsIn({ page }: Person, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Makes an invitation, and returns its link. Expects the account dialog to be open. */
async function invites({ page }: Person): Promise<string> {
  await page.getByRole("button", { name: "Invite people" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = page.getByLabel("Link, shown only now");
  await link.waitFor();
  return await link.inputValue();
}

/** All that the browser keeps for the page, cookies that scripts cannot read included. */
async function kept({ page, context }: Person): Promise<unknown> {
  const stores = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
  }));
  return { ...stores, cookies: (await context.cookies()).map(({ name }) => name) };
}

const NOTHING = { local: {}, session: {}, databases: [], caches: [], cookies: [] };

/** Puts an authenticator into the browser that agrees to everything. */
async function addAuthenticator({ page, context }: Person): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** The name that the sidebar shows, once the page is online. */
async function ownName(person: Person): Promise<string | null> {
  await person.isOnline();
  return await person.page.locator(".account-name").textContent();
}

browserTest("a guest keeps the name, logs out and signs in with the password", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.says("mine for good");
  await ann.sees("mine for good");
  await ann.composer.fill("a draft");
  await claims(ann);
  await logsOut(ann);
  assertEquals([await kept(ann), ann.page.url()], [NOTHING, server.url]);
  assert(!(await ann.page.content()).includes("mine for good"));
  await signsIn(ann, "ann");
  assertEquals(await ownName(ann), "ann");
  assertEquals(await ann.composer.inputValue(), "");
  // The same user: what was said before can be edited.
  await ann.message("mine for good").hover();
  await ann.message("mine for good").locator(".toolbar").getByRole("button", { name: "Edit" })
    .waitFor();
});

browserTest("a returning guest is let in by the cookie, without being asked", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "tea" });
  await ann.page.goto("about:blank");
  await ann.page.goto(server.url);
  assertEquals(await ownName(ann), "ann");
  await ann.page.locator(".topbar h1", { hasText: "tea" }).waitFor();
});

/** Collects what scripts of a page are given: frames, answers and storage. */
function listen(page: Page): () => Promise<string> {
  const heard: string[] = [];
  const answers: Promise<unknown>[] = [];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => heard.push(`${payload}`));
    socket.on("framesent", ({ payload }) => heard.push(`${payload}`));
  });
  page.on("response", (response) => {
    if (!response.url().includes("/api/")) return;
    answers.push(response.text().then((text) => heard.push(text), () => {}));
  });
  return async () => {
    await within(DEADLINE, "the answers", Promise.all(answers));
    heard.push(
      await page.evaluate(() =>
        JSON.stringify([
          document.cookie,
          document.documentElement.outerHTML,
          { ...localStorage },
          { ...sessionStorage },
          location.href,
          history.state,
          Object.entries(globalThis).map(([, value]) => typeof value === "string" ? value : ""),
        ])
      ),
    );
    return heard.join("\n");
  };
}

browserTest("no script is ever given the session", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.url);
  const everything = listen(ann.page);
  await ann.enters("ann");
  await ann.says("hello");
  await ann.sees("hello");
  await claims(ann);
  await unfolds(ann, "Devices");
  await ann.page.getByText("This device").waitFor();
  const [cookie] = await ann.context.cookies();
  assert(cookie?.httpOnly && cookie.value.length >= 32);
  const readable = await everything();
  assert(readable.includes("hello"));
  assert(!readable.includes(cookie.value));
  assert(!readable.includes(PASSWORD));
});

browserTest("a passkey is registered, and signs in", async (stage) => {
  const server = byName(await stage.server());
  const ann = await stage.visitor(server.url);
  await addAuthenticator(ann);
  await ann.enters("ann");
  await opensAccount(ann);
  await ann.page.getByRole("button", { name: "Keep it with a passkey" }).click();
  await ann.page.getByText("The name is yours now.").waitFor();
  await unfolds(ann, "Passkeys");
  await ann.page.getByRole("button", { name: /^Remove the passkey/ }).click();
  await ann.page.getByText("It is your only way to sign in.").waitFor();
  await logsOut(ann);
  await ann.page.getByRole("button", { name: "Sign in with a passkey" }).click();
  assertEquals(await ownName(ann), "ann");
});

browserTest("passkeys are added beside a password, named, and removed", async (stage) => {
  const server = byName(await stage.server());
  const ann = await member(stage, server, "ann");
  await addAuthenticator(ann);
  await unfolds(ann, "Passkeys");
  await ann.page.getByText("You have no passkey yet.").waitFor();
  await ann.page.getByLabel("Name of the passkey").fill("my laptop");
  await ann.page.getByRole("button", { name: "Add a passkey" }).click();
  await ann.page.getByText("The passkey is added.").waitFor();
  await ann.page.getByRole("button", { name: /^Remove the passkey \u2068my laptop/ }).click();
  await ann.page.getByText("The passkey is removed.").waitFor();
  await ann.page.getByText("You have no passkey yet.").waitFor();
});

browserTest("passkeys are not offered at an address without a name", async (stage) => {
  const ann = await stage.visitor((await stage.server()).url);
  await ann.page.getByRole("button", { name: "I have an account" }).click();
  await ann.page.getByLabel("Password").waitFor();
  assertEquals(await ann.page.getByRole("button", { name: "passkey" }).count(), 0);
});

browserTest(
  "an invitation lets somebody in once, and its code leaves the address",
  async (stage) => {
    const server = await stage.server();
    const ann = await member(stage, server, "ann");
    const link = await invites(ann);
    const bob = await stage.visitor(link);
    await bob.page.getByText("You are invited.").waitFor();
    assertEquals(bob.page.url(), server.url);
    const [, code = ""] = link.split("#invite=");
    assert(code.length > 10);
    await bob.page.getByLabel("Your name").fill("bob");
    await bob.page.getByLabel("New password").fill("short");
    await bob.page.getByRole("button", { name: "Join", exact: true }).click();
    await bob.page.locator("form .problem", { hasText: "8 to 256 characters" }).waitFor();
    await bob.page.getByLabel("New password").fill(PASSWORD);
    await bob.page.getByRole("button", { name: "Join", exact: true }).click();
    assertEquals(await ownName(bob), "bob");
    assert(!JSON.stringify([await kept(bob), bob.page.url()]).includes(code));

    const eve = await stage.visitor(link);
    await eve.page.getByLabel("Your name").fill("eve");
    await eve.page.getByLabel("New password").fill(PASSWORD);
    await eve.page.getByRole("button", { name: "Join", exact: true }).click();
    await eve.page.getByText("This invitation cannot be used any more.").waitFor();
    assertEquals((await eve.context.cookies()).length, 0);
  },
);

browserTest("a link that is opened in a page which is signed in asks first", async (stage) => {
  const server = await stage.server();
  const ann = await member(stage, server, "ann");
  const [, code = ""] = (await invites(ann)).split("#");
  const bob = await stage.person(server, "bob");
  await bob.page.evaluate((hash) => void (location.hash = hash), `#${code}`);
  await bob.page.getByText("have opened an invitation").waitFor();
  assertEquals(bob.page.url(), server.url);
  assertEquals(await bob.page.getByLabel("Your name").inputValue(), "bob");
  await bob.page.getByRole("button", { name: "Not now" }).click();
  assertEquals(await ownName(bob), "bob");
});

browserTest("an invitation brings somebody into the rooms that were chosen", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "tea" });
  await claims(ann);
  await ann.page.getByRole("button", { name: "Invite people" }).click();
  await ann.page.getByLabel("#tea").check();
  await ann.page.getByRole("button", { name: "Make a link" }).click();
  await ann.page.locator(".item", { hasText: "#tea" }).waitFor();
  const bob = await stage.visitor(await ann.page.getByLabel("Link, shown only now").inputValue());
  await bob.page.getByLabel("Your name").fill("bob");
  await bob.page.getByLabel("New password").fill(PASSWORD);
  await bob.page.getByRole("button", { name: "Join", exact: true }).click();
  await bob.page.locator(".channel-name", { hasText: "tea" }).waitFor();
});

browserTest("an invitation is withdrawn", async (stage) => {
  const server = await stage.server();
  const ann = await member(stage, server, "ann");
  await invites(ann);
  await ann.page.getByRole("button", { name: /^Withdraw the invitation/ }).click();
  await ann.page.getByText("The invitation is withdrawn.").waitFor();
  await ann.page.getByText("No invitation of yours can be used now.").waitFor();
});

browserTest("the link of the first admin makes an admin, without a password too", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.adminLink.replace("127.0.0.1", "localhost"));
  await addAuthenticator(ann);
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByRole("button", { name: "Join with a passkey" }).click();
  assertEquals(await ownName(ann), "ann");
  await opensAccount(ann);
  await ann.page.locator(".account-dialog .role", { hasText: "Admin" }).waitFor();
  await ann.page.getByRole("button", { name: "Invite people" }).click();
  await ann.page.getByLabel("For", { exact: true }).waitFor();
});

browserTest("who joins without a passkey after all is asked for a password", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.adminLink.replace("127.0.0.1", "localhost"));
  await ann.page.evaluate(() => {
    navigator.credentials.create = () => Promise.reject(new DOMException("", "NotAllowedError"));
  });
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByRole("button", { name: "Join with a passkey" }).click();
  await ann.page.getByText("without one you cannot sign in again").waitFor();
  await unfolds(ann, "Password");
  await ann.page.getByLabel("New password").fill(PASSWORD);
  await ann.page.getByRole("button", { name: "Change password" }).click();
  await ann.page.getByText("The password is changed").waitFor();
});

browserTest("a phone is logged out from the laptop", async (stage) => {
  const server = await stage.server();
  const laptop = await member(stage, server, "ann");
  const phone = await stage.visitor(server.url, {
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/605.1.15",
  });
  await phone.page.getByRole("button", { name: "I have an account" }).click();
  await signsIn(phone, "ann");
  await phone.isOnline();
  await phone.says("from the phone");
  await laptop.sees("from the phone");
  await phone.composer.fill("a draft");
  await unfolds(laptop, "Devices");
  await laptop.page.getByText("Safari · iPhone").waitFor();
  await laptop.page.getByRole("button", { name: /^Log out \u2068Safari · iPhone/ }).click();
  await laptop.page.getByText("That device is logged out.").waitFor();
  await phone.page.locator(".news", { hasText: ENDED }).waitFor();
  await phone.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  await until(phone.page, () => localStorage.length === 0);
  assertEquals(await ownName(laptop), "ann");
});

browserTest("logging out in one tab logs the other tabs out", async (stage) => {
  const server = await stage.server();
  const ann = await member(stage, server, "ann");
  const tab = await ann.context.newPage();
  await tab.goto(server.url);
  await tab.locator('.dot[data-phase="online"]').waitFor({ state: "attached" });
  await tab.locator("#composer").fill("a draft");
  await logsOut(ann);
  await tab.locator(".news", { hasText: ENDED }).waitFor();
  assertEquals(await kept(ann), NOTHING);
  // And signing in lets them in again.
  await signsIn(ann, "ann");
  await tab.locator('.dot[data-phase="online"]').waitFor({ state: "attached" });
});

browserTest("a member never sees what the browser kept for another one", async (stage) => {
  const server = await stage.server();
  const ann = await member(stage, server, "ann");
  await ann.page.keyboard.press("Escape");
  await ann.opens("tea");
  await ann.composer.fill("for ann's eyes");
  const [cookie] = await ann.context.cookies();
  assert(cookie);
  const bob = await member(stage, server, "bob");
  const [other] = await bob.context.cookies();
  assert(other);
  // Without logging out: as if the page had had no time to forget anything.
  await ann.context.addCookies([{ ...cookie, value: other.value }]);
  await ann.page.goto("about:blank");
  await ann.page.goto(server.url);
  assertEquals(await ownName(ann), "bob");
  assertEquals(await ann.page.locator(".channel-name").allTextContents(), ["lobby"]);
  assert(!JSON.stringify(await kept(ann)).includes("eyes"));
});

browserTest("a wrong password is told, and says nothing about the name", async (stage) => {
  const server = await stage.server();
  await member(stage, server, "ann");
  const eve = await stage.visitor(server.url);
  await eve.page.getByRole("button", { name: "I have an account" }).click();
  for (const name of ["ann", "nobody"]) {
    await signsIn(eve, name, "wrong password");
    await eve.page.getByText("The name or the password is wrong.").waitFor();
    await eve.page.locator("#welcome-password:focus[aria-invalid]").waitFor();
  }
});

browserTest("who waits after many attempts is told how long", async (stage) => {
  const server = await stage.server();
  const eve = await stage.visitor(server.url);
  await eve.page.route(
    "**/api/session",
    (route) =>
      route.request().method() === "GET" ? route.continue() : route.fulfill({
        status: 429,
        headers: { "retry-after": "300" },
        json: { code: "rate_limited", detail: "", retry_ms: 300_000 },
      }),
  );
  await eve.page.getByRole("button", { name: "I have an account" }).click();
  await signsIn(eve, "ann");
  await eve.page.getByText("Too many attempts. Wait 5 minutes.").waitFor();
});

browserTest("a guest whose name a member has signs in right there", async (stage) => {
  const server = await stage.server();
  await member(stage, server, "ann");
  const again = await stage.visitor(server.url);
  await again.page.getByLabel("Your name").fill("Ann");
  await again.page.keyboard.press("Enter");
  await again.page.getByText("This name is taken.").waitFor();
  await again.page.getByRole("button", { name: "It is mine: sign in" }).click();
  await again.page.locator("#welcome-password:focus").waitFor();
  await again.page.keyboard.type(PASSWORD);
  await again.page.keyboard.press("Enter");
  assertEquals(await ownName(again), "ann");
});

browserTest("the page of a server for members offers nothing but to sign in", async (stage) => {
  const server = await stage.server("--access", "members");
  const ann = await stage.visitor(server.url);
  await ann.page.getByText("Only members may enter.").waitFor();
  assertEquals(await ann.page.getByLabel("Room").count(), 0);
  assertEquals(await ann.page.getByRole("button", { name: "guest" }).count(), 0);
  await ann.page.goto("about:blank");
  await ann.page.goto(server.adminLink);
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByLabel("New password").fill(PASSWORD);
  await ann.page.getByRole("button", { name: "Join", exact: true }).click();
  await ann.isOnline();
  await opensAccount(ann);
  await logsOut(ann);
  await signsIn(ann, "ann");
  assertEquals(await ownName(ann), "ann");
  // The cookie is gone, and the server refuses the WebSocket: the page finds out why.
  await ann.context.clearCookies();
  await ann.page.reload();
  await ann.page.getByText("Only members may enter.").waitFor();
});

browserTest("a server with one password for all lets guests in with it", async (stage) => {
  const file = await Deno.makeTempFile();
  stage.after(() => Deno.remove(file));
  await Deno.writeTextFile(file, "our kitchen password\n");
  const server = await stage.server("--password-file", file);
  const ann = await stage.visitor(server.url);
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByLabel("Password of this server").fill("another password");
  await ann.page.keyboard.press("Enter");
  await ann.page.getByText("This is not the password of this server.").waitFor();
  await ann.page.getByLabel("Password of this server").fill("our kitchen password");
  await ann.page.keyboard.press("Enter");
  assertEquals(await ownName(ann), "ann");
});

browserTest("the password is changed, which logs the other devices out", async (stage) => {
  const server = await stage.server();
  const ann = await member(stage, server, "ann");
  const phone = await stage.visitor(server.url);
  await phone.page.getByRole("button", { name: "I have an account" }).click();
  await signsIn(phone, "ann");
  await phone.isOnline();
  await unfolds(ann, "Password");
  await ann.page.getByLabel("Current password").first().fill("wrong password");
  await ann.page.getByLabel("New password").fill("another password");
  await ann.page.getByRole("button", { name: "Change password" }).click();
  await ann.page.getByText("The password is wrong.").waitFor();
  await ann.page.getByLabel("Current password").first().fill(PASSWORD);
  await ann.page.getByRole("button", { name: "Change password" }).click();
  await ann.page.getByText("The password is changed").waitFor();
  await phone.page.locator(".news", { hasText: ENDED }).waitFor();
  await signsIn(phone, "ann", "another password");
  assertEquals(await ownName(phone), "ann");
});

browserTest("an account is deleted, with what was said", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.says("soon gone");
  await bob.sees("soon gone");
  await claims(ann);
  await unfolds(ann, "Delete account");
  await ann.page.getByLabel("Current password").last().fill(PASSWORD);
  await ann.page.getByLabel("Delete everything I have said").check();
  await ann.page.getByRole("button", { name: "Delete account" }).click();
  await ann.page.locator(".news", { hasText: "Your account is deleted." }).waitFor();
  assertEquals(await kept(ann), NOTHING);
  await bob.page.reload();
  await bob.isOnline();
  await bob.message("This message was deleted").waitFor();
});

browserTest(
  "how a sign-in at a provider has ended is told, and leaves the address",
  async (stage) => {
    const server = await stage.server();
    const ann = await stage.visitor(`${server.url}#sign-in=cancelled`);
    await ann.page.locator(".news", { hasText: "You cancelled the sign-in." }).waitFor();
    assertEquals(ann.page.url(), server.url);
    await ann.page.route("**/api/session", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...await response.json(), oidc: true } });
    });
    await ann.page.reload();
    await ann.page.getByRole("button", { name: "I have an account" }).click();
    const link = ann.page.getByRole("link", { name: "Sign in with your organisation" });
    assertEquals(await link.getAttribute("href"), "/api/oidc");
  },
);
