import { assertEquals } from "../support/assert.ts";
import { admin, confirms, opensAccount, PASSWORD, unfolds } from "./accounts.ts";
import { browserTest } from "./harness.ts";

browserTest(
  "an admin mutes and bans; who is muted is told why, and keeps the text",
  async (stage) => {
    const server = await stage.server();
    const bob = await stage.person(server, "bob");
    const ruth = await admin(stage, server);
    await unfolds(ruth, "Users");
    await unfolds(ruth, "Bans, mutes");
    await ruth.page.getByText("There is nothing here.").waitFor();
    await ruth.page.getByRole("button", { name: "Mute: bob" }).click();
    await confirms(ruth, "Mute", "Calm down");
    await ruth.page.locator(".news", { hasText: "It holds now: bob" }).waitFor();

    await bob.composer.fill("spam");
    await bob.composer.press("Enter");
    const row = bob.message("spam");
    await row.getByText(/An admin has muted you\..* until .*Calm down/).waitFor();
    await row.getByRole("button", { name: "Try again" }).waitFor();

    await ruth.page.locator(".item", { hasText: "Calm down" }).waitFor();
    await ruth.page.getByRole("button", { name: "Lift: bob" }).click();
    await ruth.page.locator("dialog[open] form").getByRole("button", { name: "Lift", exact: true })
      .click();
    await ruth.page.locator(".news", { hasText: "It does not hold any more." }).waitFor();

    await ruth.page.getByRole("button", { name: "Ban: bob" }).click();
    await confirms(ruth, "Ban", "spam");
    await bob.page.locator(".connection[data-phase=stopped]", { hasText: "admin" }).waitFor();
    await unfolds(ruth, "What admins did");
    await ruth.page.locator(".item", { hasText: "Ban: bob" }).waitFor();
  },
);

browserTest(
  "an admin announces and closes a room; who is none is not offered it",
  async (stage) => {
    const server = await stage.server();
    const bob = await stage.person(server, "bob", { room: "den" });
    await bob.says("hello");
    await bob.sees("hello");
    const ruth = await admin(stage, server);
    await ruth.page.getByLabel("Announcement").fill("Back in a minute");
    await ruth.page.getByRole("button", { name: "Tell everybody" }).click();
    await bob.page.getByText("Back in a minute").first().waitFor();
    await ruth.page.locator("summary", { hasText: /^Rooms$/ }).click();
    await ruth.page.getByRole("button", { name: "Close: #den" }).click();
    await confirms(ruth, "Close", "Over");
    await bob.page.getByText("Over").first().waitFor();
    await opensAccount(bob);
    assertEquals(await bob.page.getByRole("button", { name: "Administration" }).count(), 0);
  },
);

browserTest(
  "an admin finds somebody and kicks them, bans a name and sends everybody away",
  async (stage) => {
    const server = await stage.server();
    const [bob, carol] = [await stage.person(server, "bob"), await stage.person(server, "carol")];
    const ruth = await admin(stage, server);
    const { page } = ruth;
    await unfolds(ruth, "Users");
    const kick = (name: string) => page.getByRole("button", { name: `Kick: ${name}` });
    await kick("carol").waitFor();
    await page.locator("#admin-find-users").fill("bo");
    await kick("carol").waitFor({ state: "detached" });

    await kick("bob").focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Reason").fill("Rest");
    await page.keyboard.press("Enter");
    await page.locator(".news", { hasText: "Connections closed: 1" }).waitFor();
    await bob.page.locator(".connection[data-phase=stopped]").waitFor();
    await bob.page.getByRole("button", { name: "Try now" }).click();
    await bob.isOnline();

    await unfolds(ruth, "Bans, mutes");
    await page.getByLabel("Value").fill("Mallory");
    await page.getByRole("button", { name: "Ban a name or an address" }).click();
    await confirms(ruth, "Ban", "It is mine");
    await page.locator(".item", { hasText: "It is mine" }).waitFor();
    await page.getByLabel("What is banned").selectOption("address");
    await page.getByLabel("Value").fill("nowhere");
    await page.getByRole("button", { name: "Ban a name or an address" }).click();
    await confirms(ruth, "Ban", "");
    await page.locator(".news", { hasText: "nowhere" }).waitFor();

    await unfolds(ruth, "Maintenance");
    await page.getByRole("button", { name: "Send everybody away: everybody" }).click();
    await page.locator("dialog[open] form")
      .getByRole("button", { name: "Send everybody away", exact: true }).click();
    await page.locator(".news", { hasText: "Clients are leaving" }).waitFor();
    await carol.page.locator(".connection[data-phase=waiting]").waitFor();
    await page.getByRole("button", { name: "Let people in again: everybody" }).click();
    await page.locator("dialog[open] form")
      .getByRole("button", { name: "Let people in again", exact: true }).click();
    await page.locator(".news", { hasText: "People get in again" }).waitFor();
    await carol.isOnline();
  },
);

browserTest("an admin gets from a member of a room to what can be done to them", async (stage) => {
  const server = await stage.server();
  await stage.guest(server, "bob");
  await stage.guest(server, "carol");
  const ruth = await admin(stage, server);
  const { page } = ruth;
  for (const _ of ["administration", "account"]) await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Manage .*bob/ }).click();
  await page.getByRole("button", { name: "Administration" }).click();
  await page.getByRole("button", { name: "Kick: bob" }).waitFor();
  assertEquals(await page.getByRole("button", { name: "Kick: carol" }).count(), 0);
});

browserTest("the administration keeps focus and length of a list after each act", async (stage) => {
  const server = await stage.server();
  await stage.guest(server, "bob");
  await stage.guest(server, "carol");
  const ruth = await admin(stage, server);
  const { page } = ruth;
  // Pages of two entries, so that there are several.
  await page.route(/limit=50/, (route) => {
    return route.continue({ url: route.request().url().replace("limit=50", "limit=2") });
  });
  await unfolds(ruth, "Users");
  await page.getByRole("button", { name: "Mute: carol" }).waitFor();
  await page.getByRole("button", { name: "More" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".item:focus", { hasText: "ruth" }).waitFor();

  await unfolds(ruth, "Bans, mutes");
  for (const name of ["carol", "bob"]) {
    await page.getByRole("button", { name: `Mute: ${name}` }).focus();
    await page.keyboard.press("Enter");
    await confirms(ruth, "Mute", "Calm down");
    await page.getByRole("button", { name: `Lift: ${name}` }).waitFor();
    await page.locator(`button:focus[aria-label="Mute: ${name}"]`).waitFor();
  }
  await page.locator(".item", { hasText: "ruth" }).waitFor();

  for (const [name, next] of [["bob", ".item:focus"], ["carol", "summary:focus"]] as const) {
    await page.getByRole("button", { name: `Lift: ${name}` }).focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog[open] form").getByRole("button", { name: "Lift", exact: true })
      .press("Enter");
    await page.locator(next, { hasText: name === "bob" ? "carol" : "Bans" }).waitFor();
  }
});

browserTest("the administration speaks the reader's language, and marks English", async (stage) => {
  const server = await stage.server();
  const ruth = await stage.visitor(server.adminLink, { locale: "zh-CN" });
  const { page } = ruth;
  await page.locator("#welcome-name").fill("ruth");
  await page.locator("#welcome-password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await ruth.isOnline();
  await page.locator(".account-name").click();
  await page.getByRole("button", { name: "管理", exact: true }).click();
  await unfolds(ruth, "用户");
  await page.locator(".item", { hasText: "管理员 · 连接：1" }).waitFor();
  await unfolds(ruth, "封禁、禁言");
  await page.locator("#admin-ban").fill("Mallory");
  await page.locator("#admin-ban").press("Enter");
  await page.locator("#admin-reason").press("Enter");
  await unfolds(ruth, "管理记录");
  const english = page.locator(".item", { hasText: "封禁：Mallory" }).locator("[lang=en]");
  assertEquals(await english.textContent(), "for 1h");
});

browserTest("the administration fits a phone, with long names too", async (stage) => {
  const server = await stage.server();
  const long = "W".repeat(32);
  await stage.guest(server, long, "x".repeat(32));
  const ruth = await admin(stage, server, {
    viewport: { width: 375, height: 720 },
    hasTouch: true,
    isMobile: true,
  });
  for (const section of ["Connections", "Users", "Bans, mutes", "Maintenance"]) {
    await unfolds(ruth, section);
  }
  await ruth.page.locator("summary", { hasText: /^Rooms$/ }).click();
  await ruth.page.getByRole("button", { name: `Close: #${"x".repeat(32)}` }).waitFor();
  await ruth.page.getByRole("button", { name: `Mute: ${long}` }).first().tap();
  await ruth.page.getByLabel("Reason").waitFor();
  const wide = await ruth.page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("dialog[open]")]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map((element) => element.getAttribute("aria-label") ?? "the page")
  );
  assertEquals(wide, []);
});
