import { assertEquals } from "../support/assert.ts";
import { opensAccount, PASSWORD, unfolds } from "./accounts.ts";
import { browserTest, type Stage } from "./harness.ts";
import type { Person } from "./person.ts";

/** The first admin, with the administration open. */
async function admin(stage: Stage, server: { adminLink: string }): Promise<Person> {
  const ruth = await stage.visitor(server.adminLink);
  await ruth.page.getByLabel("Your name").fill("ruth");
  await ruth.page.getByLabel("New password").fill(PASSWORD);
  await ruth.page.getByRole("button", { name: "Join", exact: true }).click();
  await ruth.isOnline();
  await opensAccount(ruth);
  await ruth.page.getByRole("button", { name: "Administration" }).click();
  await ruth.page.getByLabel("Announcement").waitFor();
  return ruth;
}

/** Answers the question before an act. */
async function confirms({ page }: Person, act: string, reason: string): Promise<void> {
  await page.getByLabel("Reason").fill(reason);
  await page.locator("dialog[open] form").getByRole("button", { name: act, exact: true }).click();
}

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
    await ruth.page.locator(".item", { hasText: "ban bob" }).waitFor();
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
