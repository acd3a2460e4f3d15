import { assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { openPhone, openTab } from "./devices.ts";
import { browserTest } from "./harness.ts";

browserTest("a link opens its room, and the room of the last visit comes back", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "garden" });
  assertEquals(await ann.page.locator(".topbar h1").textContent(), "#garden");
  await ann.opens("kitchen");
  await ann.page.goto(server.url);
  await ann.isOnline();
  assertEquals(await ann.page.locator(".topbar h1").textContent(), "#kitchen");
  assertEquals(await ann.page.locator(".channel-name").allTextContents(), ["garden", "kitchen"]);
});

browserTest("unread messages and mentions are counted in other rooms", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "tea" });
  const bob = await stage.guest(server, "bob", "tea");
  await ann.opens("coffee");
  await bob.says("one");
  await bob.says("two");
  const tea = ann.page.locator(".channel", { hasText: "tea" });
  await tea.locator(".badge", { hasText: "2" }).waitFor();
  assertEquals(await ann.page.title(), "• #coffee · Hubbub");
  await bob.says("@ann three");
  await ann.page.locator(".channel.mentioned", { hasText: "tea" }).waitFor();
  await tea.locator(".badge", { hasText: /^1$/ }).waitFor();
  assertEquals(await ann.page.title(), "(1) #coffee · Hubbub");
  await tea.click();
  await ann.sees("@ann three");
  await ann.log.locator(".rule.new").waitFor();
  await tea.locator(".badge").waitFor({ state: "hidden" });
  assertEquals(await ann.page.title(), "#tea · Hubbub");
});

browserTest("a room is made, found by others, and left", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.page.keyboard.press("Control+k");
  await ann.page.getByLabel("Find a room or a person").fill("Tea Time");
  await ann.page.keyboard.press("Enter");
  await ann.page.getByRole("dialog", { name: "Create a room" }).waitFor();
  await ann.page.keyboard.press("Enter");
  await ann.page.locator(".topbar h1", { hasText: "tea-time" }).waitFor();
  await bob.page.getByRole("button", { name: "Browse or create rooms" }).click();
  await bob.page.getByRole("dialog").getByRole("button", { name: /tea-time/ }).click();
  await bob.page.locator(".topbar h1", { hasText: "tea-time" }).waitFor();
  await ann.page.locator(".notice", { hasText: /bob.* joined/ }).waitFor();
  await bob.page.getByRole("button", { name: "Leave this room" }).click();
  await ann.page.locator(".person", { hasText: "bob" }).waitFor({ state: "detached" });
  assertEquals(await bob.page.locator(".channel-name").allTextContents(), ["lobby"]);
});

browserTest(
  "hundreds of rooms are listed page by page, and found by a part of their name",
  async (stage) => {
    const server = await stage.server();
    const names = Array.from({ length: 270 }, (_, i) => `room-${1_000 + i}`);
    for (let i = 0; i < names.length; i += 90) {
      const opener = await Chatter.enter(server.ws("/ws"), `opener-${i}`);
      stage.after(() => opener[Symbol.asyncDispose]());
      for (const room of names.slice(i, i + 90)) await opener.ask({ type: "join", room });
    }
    const ann = await stage.person(server, "ann");
    await ann.page.keyboard.press("Control+k");
    const entry = (name: string) =>
      ann.page.getByRole("dialog").getByRole("button", { name: new RegExp(`${name}\\b`) });
    await entry("room-1000").waitFor();
    assertEquals(await entry("room-1269").count(), 0);
    await ann.page.locator("dialog[open] .directory").evaluate((list) => {
      list.scrollTop = list.scrollHeight;
    });
    await entry("room-1269").waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.page.keyboard.press("Control+k");
    await ann.page.keyboard.type("1268");
    await entry("room-1268").waitFor();
  },
);

browserTest("two tabs and a phone of one person show the same", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  const tab = await openTab(ann, server.url);
  const phone = await openPhone(stage, ann, server.url);
  await tab.says("from the tab");
  for (const device of [ann, tab, phone]) await device.sees("from the tab");
  // It is their own, wherever it was said.
  await phone.composer.press("ArrowUp");
  await phone.page.getByText("Editing your message").waitFor();
  await phone.says("from the phone");
  for (const device of [ann, tab, phone]) await device.sees("from the phone");
  await bob.page.getByRole("heading", { name: "2 people here" }).waitFor();
  assertEquals(await bob.page.locator(".connection").isVisible(), false);
  assertEquals(await ann.page.locator(".connection").isVisible(), false);

  await ann.opens("tea");
  for (const { page } of [tab, phone]) {
    await page.locator(".channel", { hasText: "tea" }).waitFor({ state: "attached" });
  }
  await tab.opens("tea");
  await tab.page.getByRole("button", { name: "Leave this room" }).click();
  for (const { page } of [ann, tab, phone]) {
    await page.locator(".channel", { hasText: "tea" }).waitFor({ state: "detached" });
    await page.locator(".topbar h1", { hasText: "lobby" }).waitFor();
  }
});

browserTest("what is unread agrees on all devices", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "tea" });
  const phone = await openPhone(stage, ann, `${server.url}#lobby`);
  await ann.opens("lobby");
  const bob = await stage.guest(server, "bob", "tea");
  await bob.says("one", "@ann two", "three");
  const badges = [ann, phone].map(({ page }) =>
    page.locator(".channel.mentioned", { hasText: "tea" }).locator(".badge", { hasText: /^1$/ })
  );
  for (const badge of badges) await badge.waitFor({ state: "attached" });
  await phone.page.reload();
  await badges[1]?.waitFor({ state: "attached" });
  await phone.opens("tea");
  await phone.sees("three");
  const channel = ann.page.locator(".channel", { hasText: "tea" });
  await channel.locator(".badge").waitFor({ state: "hidden" });
  assertEquals(await ann.page.title(), "#lobby · Hubbub");
  await ann.page.reload();
  await ann.isOnline();
  await channel.waitFor();
  assertEquals(await channel.locator(".badge").isVisible(), false);
});

browserTest("people who come and go are folded into one line", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  for (const name of ["bob", "carol", "dave", "erin", "frank"]) await stage.guest(server, name);
  await ann.page.locator(".notice", { hasText: /bob.*carol.*dave.*2 others.*joined/ }).waitFor();
  assertEquals(await ann.page.locator(".notice").count(), 1);
});

browserTest("a new name is seen by the others and remembered", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.page.locator(".person", { hasText: "bob" }).waitFor();
  await bob.page.getByRole("button", { name: "Settings" }).click();
  await bob.page.getByLabel("Your name").fill("ann");
  await bob.page.getByRole("button", { name: "Change" }).click();
  await bob.page.getByText("This name is already taken").waitFor();
  await bob.page.getByLabel("Your name").fill("robert");
  await bob.page.getByRole("button", { name: "Change" }).click();
  await ann.page.locator(".notice", { hasText: "is now" }).waitFor();
  await ann.page.locator(".person", { hasText: "robert" }).waitFor();
  await bob.page.reload();
  await bob.isOnline();
  assertEquals(await bob.page.locator(".account-name").textContent(), "robert");
});

browserTest("in a large room the names come when they are wanted", async (stage) => {
  const server = await stage.server("--max-connections-per-address", "0");
  const names = Array.from({ length: 120 }, (_, i) => `guest ${i}`);
  await Promise.all(names.map((name) => stage.guest(server, name)));
  const ann = await stage.person(server, "ann");
  await ann.page.getByRole("heading", { name: "121 people here" }).waitFor();
  await ann.page.locator(".person", { hasText: "guest 119" }).waitFor();
  assertEquals(await ann.page.locator(".person").count(), 121);
});
