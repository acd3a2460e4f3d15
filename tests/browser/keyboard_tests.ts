import { assert, assertEquals } from "../support/assert.ts";
import { browserTest } from "./harness.ts";
import type { Person } from "./person.ts";

/** What has the focus, as a screen reader would name it. */
function focused(person: Person): Promise<string> {
  return person.page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
  });
}

browserTest("everything is reached and done by keyboard alone", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.url);
  const { keyboard } = ann.page;
  await ann.page.locator("#welcome-name:focus").waitFor();
  await keyboard.type("ann");
  await keyboard.press("Enter");
  await ann.isOnline();
  await ann.page.locator("#composer:focus").waitFor();
  await keyboard.type("one");
  await keyboard.press("Enter");
  await keyboard.type("two");
  await keyboard.press("Shift+Enter");
  await keyboard.type("lines");
  await keyboard.press("Enter");
  await ann.sees("lines");

  await keyboard.press("Shift+F6");
  assertEquals((await focused(ann)).replace(/[\u2068\u2069]/g, ""), "Messages in lobby");
  await keyboard.press("ArrowUp");
  assert((await focused(ann)).includes("lines"));
  await keyboard.press("ArrowUp");
  assert((await focused(ann)).includes("one"));
  await keyboard.press("r");
  await ann.page.getByText("Replying to").waitFor();
  await keyboard.type("an answer");
  await keyboard.press("Enter");
  await ann.sees("an answer");
  await ann.message("an answer").locator(".quote", { hasText: "one" }).waitFor();

  await keyboard.press("Shift+F6");
  await keyboard.press("ArrowUp");
  await keyboard.press("Enter");
  assert((await focused(ann)).startsWith("React"), await focused(ann));
  await keyboard.press("Enter");
  await ann.message("an answer").locator(".chip").waitFor();

  await keyboard.press("Escape");
  await ann.page.locator("#composer:focus").waitFor();
  await keyboard.press("Control+k");
  await keyboard.type("tea");
  await keyboard.press("Enter");
  await ann.page.getByRole("dialog", { name: "Create a room" }).waitFor();
  await keyboard.press("Enter");
  await ann.page.locator(".topbar h1", { hasText: "tea" }).waitFor();
  await keyboard.press("Alt+ArrowUp");
  await ann.page.locator(".topbar h1", { hasText: "lobby" }).waitFor();
});

browserTest("new messages are announced politely, and once", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.guest(server, "bob");
  await bob.says("**hello**");
  await ann.sees("hello");
  const region = ann.page.locator("[aria-live=polite].hidden-text");
  const heard = (await region.textContent() ?? "").replace(/[\u2068\u2069]/g, "");
  assertEquals(heard, "bob: hello");
  assertEquals(await ann.log.getAttribute("role"), "log");
});

browserTest("an input method may use Enter without sending", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.composer.fill("ni hao");
  await ann.composer.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  assertEquals(await ann.composer.inputValue(), "ni hao");
  assertEquals(await ann.texts(), []);
});
