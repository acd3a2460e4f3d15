import type { Page } from "playwright-core";
import { assert, assertEquals } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import {
  claims,
  ENDED,
  kept,
  logsOut,
  member,
  NOTHING,
  opensAccount,
  ownName,
  PASSWORD,
  signsIn,
  unfolds,
} from "./accounts.ts";
import { browserTest, until } from "./harness.ts";

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

browserTest("all other devices are logged out at once", async (stage) => {
  const server = await stage.server();
  const laptop = await member(stage, server, "ann");
  const others = [await stage.visitor(server.url), await stage.visitor(server.url)];
  for (const other of others) {
    await other.page.getByRole("button", { name: "I have an account" }).click();
    await signsIn(other, "ann");
    await other.isOnline();
  }
  await unfolds(laptop, "Devices");
  await laptop.page.getByRole("button", { name: "Log out all other devices" }).click();
  await laptop.page.getByText("All other devices are logged out.").waitFor();
  assertEquals(await laptop.page.locator(".item").count(), 1);
  for (const other of others) await other.page.locator(".news", { hasText: ENDED }).waitFor();
});

browserTest("a guest is warned before logging out, and leaves nothing behind", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await opensAccount(ann);
  await unfolds(ann, "Log out");
  await ann.page.getByText("Once you have logged out you cannot come back").waitFor();
  await logsOut(ann);
  assertEquals(await kept(ann), NOTHING);
  // A guest has nothing to sign in with: the way in is the one for guests.
  await ann.page.getByLabel("Room").waitFor();
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
