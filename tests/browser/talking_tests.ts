import { assert, assertEquals } from "../support/assert.ts";
import { browserTest } from "./harness.ts";

browserTest("two people talk and each sees the other's words once, in order", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.says("hello");
  await bob.sees("hello");
  await bob.says("hi ann");
  await ann.sees("hi ann");
  assertEquals(await ann.texts(), ["hello", "hi ann"]);
  assertEquals(await bob.texts(), ["hello", "hi ann"]);
});

browserTest("a reload brings back the name, the room and its history", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "tea" });
  await ann.says("remember me");
  await ann.sees("remember me");
  await ann.page.goto(server.url);
  await ann.isOnline();
  await ann.sees("remember me");
  assertEquals(await ann.page.locator(".account-name").textContent(), "ann");
  assertEquals(await ann.page.locator(".topbar h1").textContent(), "#tea");
});

browserTest("a taken name is refused and another one is taken", async (stage) => {
  const server = await stage.server();
  await stage.guest(server, "ann");
  const other = await stage.visitor(server.url);
  await other.page.getByLabel("Your name").fill("ANN");
  await other.page.keyboard.press("Enter");
  await other.page.getByText("This name is taken").waitFor();
  await other.enters("anna");
});

browserTest("somebody edits, deletes, replies and reacts, and the others see it", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.says("frist");
  await ann.sees("frist");
  await ann.composer.press("ArrowUp");
  await ann.page.getByText("Editing your message").waitFor();
  await ann.says("first");
  await bob.sees("first");
  await bob.message("first").getByText("(edited)").waitFor();

  await bob.acts("first", /^Reply/);
  await bob.says("second");
  await ann.message("second").locator(".quote", { hasText: "first" }).waitFor();

  await ann.acts("second", /^React with.*👍/);
  const chip = bob.message("second").locator(".chip");
  await chip.waitFor();
  assertEquals(await chip.getAttribute("aria-pressed"), "false");
  await chip.click();
  await ann.message("second").locator(".chip", { hasText: "2" }).waitFor();
  await chip.click();
  await ann.message("second").locator(".chip", { hasText: "1" }).waitFor();

  await bob.acts("second", /^Delete/);
  await bob.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await ann.page.getByText("This message was deleted").waitFor();
});

browserTest("names and emoji are completed while typing", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "Bob Ross");
  await ann.page.locator(".person", { hasText: "Bob Ross" }).waitFor();
  await ann.composer.pressSequentially("@bo");
  await ann.page.getByRole("option", { name: "@Bob Ross" }).waitFor();
  await ann.composer.press("Enter");
  await ann.composer.pressSequentially("look :tada");
  await ann.composer.press("Tab");
  assertEquals(await ann.composer.inputValue(), "@Bob Ross look 🎉 ");
  await ann.composer.press("Enter");
  await bob.sees("look 🎉");
  await bob.log.locator(".mention.me", { hasText: "@Bob Ross" }).waitFor();
});

browserTest("markup becomes bold, italics, code and links", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.says("**b** *i* `c` https://example.org/a?b=1. ```\nblock\n```");
  await ann.sees("block");
  const body = ann.log.locator(".body");
  assertEquals(await body.locator("strong").textContent(), "b");
  assertEquals(await body.locator("em").textContent(), "i");
  assertEquals(await body.locator(":scope > code").textContent(), "c");
  assertEquals(await body.locator("pre").textContent(), "block");
  const link = body.locator("a");
  assertEquals(await link.getAttribute("href"), "https://example.org/a?b=1");
  assert((await link.getAttribute("rel"))?.includes("noopener"));
});

browserTest("the others see that somebody is typing", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.page.locator(".person", { hasText: "bob" }).waitFor();
  await ann.composer.pressSequentially("h");
  await bob.page.locator(".typing", { hasText: "ann" }).waitFor();
  await ann.says("hello");
  await bob.sees("hello");
  assertEquals(await bob.page.locator(".typing").textContent(), "");
});

browserTest("a message that changes under the reader's hand keeps its toolbar", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.says("hello");
  await bob.sees("hello");
  await bob.acts("hello", /^React with.*👍/);
  await ann.message("hello").locator(".chip").waitFor();
  await bob.acts("hello", /^React with.*❤/);
  await ann.message("hello").locator(".chip", { hasText: "❤️" }).waitFor();
  // By keyboard the focus stays on the button that was pressed.
  await bob.page.keyboard.press("Tab");
  await bob.page.keyboard.press("Shift+Tab");
  await bob.page.keyboard.press("Enter");
  await ann.message("hello").locator(".chip", { hasText: "❤️" }).waitFor({ state: "detached" });
  await bob.page.keyboard.press("Enter");
  await ann.message("hello").locator(".chip", { hasText: "❤️" }).waitFor();
});
