import { assertEquals } from "../support/assert.ts";
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

browserTest("a room is made by entering it, found by others, and left", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.page.keyboard.press("Control+k");
  await ann.page.getByLabel("Find or create a room").fill("Tea Time");
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

browserTest("two people write to each other alone", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "Bob");
  const eve = await stage.person(server, "eve");
  await ann.page.locator(".person", { hasText: "Bob" }).click();
  await ann.page.locator(".topbar h1", { hasText: "Bob" }).waitFor();
  await ann.says("psst");
  await ann.sees("psst");
  await bob.page.locator(".channel.mentioned", { hasText: "ann" }).click();
  await bob.sees("psst");
  await bob.says("what?");
  await ann.sees("what?");
  await ann.page.reload();
  await ann.isOnline();
  await ann.sees("what?");
  assertEquals(await ann.texts(), ["psst", "what?"]);
  assertEquals(await eve.page.locator(".channel", { hasText: "ann" }).count(), 0);
});

browserTest("a direct message to somebody who is gone fails and can be retried", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.opens("@bob");
  await ann.says("are you there?");
  await ann.page.getByText("Nobody with this name is online").waitFor();
  const bob = await stage.person(server, "bob");
  await ann.page.getByRole("button", { name: "Try again" }).click();
  await bob.page.locator(".channel", { hasText: "ann" }).click();
  await bob.sees("are you there?");
  await ann.sees("are you there?");
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
