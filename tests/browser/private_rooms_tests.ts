import { assertEquals } from "../support/assert.ts";
import { browserTest } from "./harness.ts";
import type { Person } from "./person.ts";

/** Makes a private room with the dialog, and is in it. */
async function makePrivate({ page }: Person, room: string, topic = ""): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(room);
  await page.getByRole("dialog").getByRole("button", { name: /Create a room/ }).first().click();
  const dialog = page.getByRole("dialog", { name: "Create a room" });
  await dialog.getByLabel("Private").check();
  await dialog.getByLabel("Topic").fill(topic);
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.locator(".topbar h1", { hasText: room }).waitFor();
}

/** Invites somebody to the room that is shown, by a part of their name. */
async function invite({ page }: Person, part: string, name: string): Promise<void> {
  await page.getByRole("button", { name: "Invite to this room" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite to this room" });
  await dialog.getByLabel("Name of a person").fill(part);
  await dialog.getByRole("button", { name }).first().click();
  await dialog.getByText("is a member now").waitFor();
  await page.keyboard.press("Escape");
}

/** Opens what may be done with a member of the room. */
async function manage({ page }: Person, name: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`^Manage .?${name}`) }).click();
}

browserTest("a private room is seen by its members, and by nobody else", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  const eve = await stage.person(server, "eve");
  await makePrivate(ann, "board", "Who pays for the tea");
  await ann.page.locator('.topbar .sign[data-sign="is_private"]').waitFor();
  await ann.page.locator(".topbar", { hasText: "Who pays for the tea" }).waitFor();
  await ann.says("only for us");
  await ann.sees("only for us");

  await invite(ann, "bo", "bob");
  await bob.page.getByText("invited you to").waitFor();
  const channel = bob.page.locator(".channel", { hasText: "board" });
  await channel.locator('.sign[data-sign="is_private"]').waitFor();
  await channel.click();
  await bob.sees("only for us");
  await bob.page.locator("p.topic", { hasText: "Who pays for the tea" }).waitFor();

  await eve.page.keyboard.press("Control+k");
  const dialog = eve.page.getByRole("dialog");
  await dialog.getByRole("button", { name: /lobby/ }).waitFor();
  assertEquals(await dialog.getByRole("button", { name: /board/ }).count(), 0);
  await eve.page.keyboard.press("Escape");
  await eve.page.evaluate(() => void (location.hash = "#board"));
  await eve.page.getByText("Only members can enter this room").waitFor();
  await eve.page.locator(".topbar h1", { hasText: "lobby" }).waitFor();
  assertEquals(await eve.page.locator(".channel-name").allTextContents(), ["lobby"]);
});

browserTest("whoever is removed from a room sees it go, with one sentence", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await makePrivate(ann, "board");
  await invite(ann, "bob", "bob");
  await bob.opens("board");
  await manage(ann, "bob");
  await ann.page.getByRole("button", { name: "Remove from this room" }).click();
  await bob.page.getByText("removed you from").waitFor();
  await bob.page.locator(".topbar h1", { hasText: "lobby" }).waitFor();
  assertEquals(await bob.page.locator(".channel-name").allTextContents(), ["lobby"]);
  assertEquals(new URL(bob.page.url()).hash, "#lobby");
  await ann.log.locator(".notice", { hasText: /ann.* removed .*bob/ }).waitFor();
  await ann.page.locator(".person", { hasText: "bob" }).waitFor({ state: "detached" });
});

browserTest("roles are given, and the last owner stays", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await makePrivate(ann, "board", "Tea");
  await invite(ann, "bob", "bob");
  await bob.opens("board");
  await bob.page.locator("p.topic", { hasText: "Tea" }).waitFor();
  assertEquals(await bob.page.getByRole("button", { name: "Invite to this room" }).count(), 0);
  await ann.page.getByRole("button", { name: "Leave this room" }).click();
  await ann.page.getByText("You are the last owner of this room").waitFor();

  await manage(ann, "bob");
  await ann.page.getByLabel("Owner").check();
  await ann.page.getByRole("button", { name: "Save" }).click();
  await bob.page.locator(".person", { hasText: "bob" }).getByText("Owner").waitFor();
  await bob.page.getByRole("button", { name: "Tea" }).click();
  await bob.page.getByRole("dialog").getByLabel("Topic").fill("Coffee");
  await bob.page.keyboard.press("Enter");
  await ann.page.locator(".topbar", { hasText: "Coffee" }).waitFor();
  await ann.page.getByRole("button", { name: "Leave this room" }).click();
  await ann.page.locator(".topbar h1", { hasText: "lobby" }).waitFor();
  assertEquals(await ann.page.locator(".channel-name").allTextContents(), ["lobby"]);
});
