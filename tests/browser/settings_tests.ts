import { assert, assertEquals } from "../support/assert.ts";
import { browserTest } from "./harness.ts";
import type { Person } from "./person.ts";

function background(person: Person): Promise<string> {
  return person.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

browserTest("the colours follow the system, and then the reader's choice", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { colorScheme: "dark" });
  const dark = await background(ann);
  await ann.page.emulateMedia({ colorScheme: "light" });
  const light = await background(ann);
  assert(dark !== light);
  await ann.page.getByRole("button", { name: "Settings" }).click();
  await ann.page.getByLabel("Colours").selectOption("dark");
  assertEquals(await background(ann), dark);
  await ann.page.reload();
  await ann.isOnline();
  assertEquals(await background(ann), dark);
});

browserTest("the language follows the browser, and then the reader's choice", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.url, { locale: "zh-CN" });
  await ann.page.getByLabel("你的名字").fill("李雷");
  await ann.page.keyboard.press("Enter");
  await ann.isOnline();
  assertEquals(await ann.page.locator("html").getAttribute("lang"), "zh-CN");
  await ann.composer.fill("draft");
  await ann.page.getByRole("button", { name: "设置" }).click();
  await ann.page.getByLabel("语言").selectOption("en");
  await ann.page.getByRole("heading", { name: "Rooms" }).waitFor();
  assertEquals(await ann.page.locator("html").getAttribute("lang"), "en");
  assertEquals(await ann.composer.inputValue(), "draft");
  await ann.page.reload();
  await ann.page.getByRole("heading", { name: "Rooms" }).waitFor();
});

browserTest("notifications are asked for on a click and come for mentions", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  // Headless browsers show no notifications: what would be shown is written down instead.
  await ann.page.addInitScript(() => {
    const seen: string[] = [];
    let permission = "default";
    class Recorder extends EventTarget {
      static get permission() {
        return permission;
      }
      static requestPermission() {
        seen.push("asked");
        return Promise.resolve(permission = "granted");
      }
      constructor(title: string, { body }: { body: string }) {
        super();
        seen.push(`${title.replace(/[\u2068\u2069]/g, "")}: ${body}`);
      }
    }
    Object.assign(globalThis, { Notification: Recorder, seen });
  });
  await ann.page.reload();
  await ann.isOnline();
  const seen = () => ann.page.evaluate(() => Object(globalThis).seen as string[]);
  assertEquals(await seen(), []);
  await ann.page.getByRole("button", { name: "Settings" }).click();
  await ann.page.getByLabel("Notify me of mentions").check();
  await ann.page.keyboard.press("Escape");
  await ann.opens("elsewhere");
  const bob = await stage.guest(server, "bob");
  await bob.says("not for her");
  await bob.says("@ann **look**");
  await ann.page.locator(".channel.mentioned").waitFor();
  assertEquals(await seen(), ["asked", "bob in #lobby: @ann look"]);
});

browserTest("copying the link of a room invites to it", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "tea" });
  await ann.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ann.page.getByRole("button", { name: "Copy a link to this room" }).click();
  await ann.page.getByText("Link copied").waitFor();
  const link = await ann.page.evaluate(() => navigator.clipboard.readText());
  assertEquals(link, `${server.url}#tea`);
  const bob = await stage.visitor(link);
  await bob.enters("bob");
  assertEquals(await bob.page.locator(".topbar h1").textContent(), "#tea");
});

browserTest("a sound is played for mentions, if the reader wants it", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.page.evaluate(() => {
    const create = AudioContext.prototype.createOscillator;
    Object.assign(globalThis, { tones: 0 });
    AudioContext.prototype.createOscillator = function () {
      Object(globalThis).tones++;
      return create.call(this);
    };
  });
  const tones = () => ann.page.evaluate(() => Object(globalThis).tones as number);
  const bob = await stage.guest(server, "bob");
  await ann.opens("elsewhere");
  await bob.says("@ann quietly");
  await ann.page.locator(".channel.mentioned .badge", { hasText: "1" }).waitFor();
  assertEquals(await tones(), 0);
  await ann.page.getByRole("button", { name: "Settings" }).click();
  await ann.page.getByLabel("Play a sound").check();
  // The choice itself sounds once, to hear what it will be like.
  assertEquals(await tones(), 2);
  await bob.says("@ann aloud");
  await ann.page.locator(".channel.mentioned .badge", { hasText: "2" }).waitFor();
  assertEquals(await tones(), 4);
});
