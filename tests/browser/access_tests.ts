import { assertEquals } from "../support/assert.ts";
import { Buffer } from "node:buffer";
import axe from "axe-core";
import { DEADLINE, within } from "../support/within.ts";
import { browserTest, type Stage } from "./harness.ts";
import type { Person } from "./person.ts";

/** A picture of one red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The rules whose result depends on the colour scheme. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** Checks the views of one page, one after the other, and keeps what axe finds. */
class Audit {
  readonly found: string[] = [];

  /** @param schemes every rule is checked in the first one, in the others those about colours */
  constructor(readonly person: Person, readonly schemes: readonly ("light" | "dark")[]) {}

  async check(view: string): Promise<void> {
    const { page } = this.person;
    for (const [index, colorScheme] of this.schemes.entries()) {
      await page.emulateMedia({ colorScheme });
      const rules = index === 0 ? ALL_RULES : COLOUR_RULES;
      const findings = await within(DEADLINE, `axe: ${view}`, this.#run(rules));
      this.found.push(...findings.map((finding) => `${view}, ${colorScheme}: ${finding}`));
    }
  }

  async #run(rules: string[]): Promise<string[]> {
    const { page } = this.person;
    if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
    return await page.evaluate(async (runOnly) => {
      // deno-lint-ignore no-explicit-any -- axe is put into the page as a script
      const { violations } = await (globalThis as any).axe.run(document, {
        runOnly,
        resultTypes: ["violations"],
      });
      return violations.flatMap(({ id, nodes }: { id: string; nodes: { html: string }[] }) =>
        nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`)
      );
    }, rules);
  }
}

async function checkViews(
  stage: Stage,
  { locale, schemes }: { locale: string; schemes: readonly ("light" | "dark")[] },
) {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  // Without motion, so that nothing is checked while it fades in and has too little contrast.
  const ann = await stage.visitor(proxy.url, { locale, reducedMotion: "reduce" });
  const audit = new Audit(ann, schemes);
  const check = (view: string) => audit.check(view);
  await ann.page.locator("#welcome-name").waitFor();
  await check("welcome");
  await ann.page.locator("#welcome-name").fill(" ");
  await ann.page.keyboard.press("Enter");
  await ann.page.locator(".problem:not(:empty)").waitFor();
  await check("welcome, refused");
  await ann.page.locator(".aside button").click();
  await ann.page.locator("#welcome-password").waitFor();
  await check("sign in");
  await ann.page.locator(".aside button").click();
  await ann.page.locator("#welcome-name").fill("ann");
  await ann.page.keyboard.press("Enter");
  await ann.isOnline();
  await check("empty room");
  const bob = await stage.person(server, "bob");
  for (let i = 0; i < 12; i++) await bob.says(`@ann **${i}** \`code\` https://example.org/`);
  await ann.says("```\nthe end\n```");
  await ann.sees("the end");
  await bob.sees("the end");
  await ann.log.locator("article.mentions-me").last().hover();
  await ann.page.locator(".toolbar .quick").first().click();
  await ann.log.locator(".chip").waitFor();
  await check("room");
  await ann.page.locator(".toolbar .icon-button").nth(4).click();
  await ann.composer.pressSequentially("@b");
  await ann.page.getByRole("option").first().waitFor();
  await check("completion");
  await ann.page.keyboard.press("Escape");
  for (const key of ["Control+k", "Control+Shift+f"]) {
    await ann.page.keyboard.press(key);
    await check(key);
    await ann.page.keyboard.press("Escape");
  }
  await ann.page.locator(".account .icon-button").click();
  await ann.page.locator("summary").click();
  await check("settings");
  await ann.page.keyboard.press("Escape");
  await ann.page.locator(".composer-box .icon-button").nth(1).click();
  await check("emoji");
  await ann.page.keyboard.press("Escape");
  await ann.page.locator("input[type=file]").setInputFiles([
    { name: "red.png", mimeType: "image/png", buffer: PNG },
    { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("tea at four") },
  ]);
  await ann.log.locator(".card").waitFor();
  await check("files");
  await ann.log.locator(".preview").click();
  await check("viewer");
  await ann.page.keyboard.press("Escape");
  await ann.page.route("**/files?*", (route) => route.abort());
  await ann.page.locator("input[type=file]").setInputFiles([
    { name: "lost.txt", mimeType: "text/plain", buffer: Buffer.from("lost") },
  ]);
  await ann.page.locator('.upload[data-state="failed"]').waitFor();
  await ann.page.evaluate(() => void (location.hash = "#@bob"));
  await ann.page.locator(".topbar h1", { hasText: "bob" }).waitFor();
  await bob.page.evaluate(() => fetch("/api/account", { method: "DELETE" }));
  await bob.page.locator("#welcome-name").waitFor();
  await ann.says("hello?");
  await ann.log.locator(".message.failed").waitFor();
  await check("direct, failed");
  await ann.page.locator(".channel").first().click();
  proxy.cut();
  await ann.isOffline();
  await ann.says("later");
  await check("offline");
  await ann.page.setViewportSize({ width: 320, height: 640 });
  await check("phone");
  await ann.page.locator(".topbar .icon-button").first().click();
  await check("phone, drawer");
  assertEquals(audit.found, []);
}

async function checkAccount(
  stage: Stage,
  { locale, schemes }: { locale: string; schemes: readonly ("light" | "dark")[] },
) {
  const server = await stage.server();
  const link = server.adminLink.replace("127.0.0.1", "localhost");
  const ann = await stage.visitor(link, { locale, reducedMotion: "reduce" });
  const { page } = ann;
  const audit = new Audit(ann, schemes);
  const opens = async (title: number) =>
    await page.locator(".account-dialog summary").nth(title).click();
  await page.locator("#welcome-password").waitFor();
  await audit.check("invitation");
  await page.locator(".aside button").last().click();
  await ann.page.locator("#welcome-room").waitFor();
  await page.locator("#welcome-name").fill("ann");
  await page.keyboard.press("Enter");
  await ann.isOnline();
  await page.locator(".account-name").click();
  await page.locator("#claim-password").press("Enter");
  await page.locator(".claim .problem:not(:empty)").waitFor();
  for (const title of [0, 1, 2]) await opens(title);
  await page.locator(".item").waitFor();
  await audit.check("account of a guest");
  // As an admin, with everything that there is.
  await page.keyboard.press("Escape");
  await page.evaluate((hash) => void (location.hash = hash), new URL(link).hash);
  await page.locator("#welcome-password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.locator(".account .role:not(:empty)").waitFor();
  await page.locator(".account-name").click();
  for (const title of [0, 1, 2, 3]) await opens(title);
  await page.locator(".item").waitFor();
  await audit.check("account of an admin");
  await page.locator(".account-body > .section > button").nth(1).click();
  const administration = page.locator("dialog[open]:has(#admin-announce)");
  await administration.waitFor();
  for (const title of [0, 1, 2, 3, 4]) await administration.locator("summary").nth(title).click();
  await administration.locator(".item").first().waitFor();
  await audit.check("administration");
  await page.keyboard.press("Escape");
  await page.locator(".account-body > .section > button").first().click();
  await page.locator(".invites[open]").waitFor();
  await page.locator(".invites .primary").click();
  await page.locator(".invites .item").waitFor();
  await audit.check("invitations");
  await page.setViewportSize({ width: 320, height: 640 });
  await audit.check("invitations, phone");
  const widths = await page.evaluate(() =>
    [...document.querySelectorAll("dialog[open]")].map((dialog) =>
      dialog.scrollWidth - dialog.clientWidth
    )
  );
  assertEquals(widths, [0, 0]);
  assertEquals(audit.found, []);
}

browserTest("axe finds nothing in the account's dialogs: en-GB, light and dark", async (stage) => {
  await checkAccount(stage, { locale: "en-GB", schemes: ["light", "dark"] });
});

browserTest("axe finds nothing in the account's dialogs: zh-CN", async (stage) => {
  await checkAccount(stage, { locale: "zh-CN", schemes: ["light"] });
});

// Names and labels depend on the language, contrast on the colour scheme, and neither on both.
browserTest("axe finds nothing in any view: en-GB, light and dark", async (stage) => {
  await checkViews(stage, { locale: "en-GB", schemes: ["light", "dark"] });
});

browserTest("axe finds nothing in any view: zh-CN", async (stage) => {
  await checkViews(stage, { locale: "zh-CN", schemes: ["light"] });
});

browserTest(
  "axe finds nothing in a private room, its dialogs and a direct conversation",
  async (stage) => {
    const server = await stage.server();
    const ann = await stage.visitor(server.url, { reducedMotion: "reduce" });
    const { page } = ann;
    const audit = new Audit(ann, ["light", "dark"]);
    await page.locator("#welcome-name").waitFor();
    await ann.enters("ann");
    const bob = await stage.person(server, "bob");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("b");
    await page.locator(".room-entry", { hasText: "bob" }).waitFor();
    await audit.check("people found");
    await page.locator('.room-entry[data-verb="create-room"]').click();
    // Its module is loaded first.
    await page.locator("dialog[open] [type=checkbox]").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await audit.check("create a room");
    await page.keyboard.press("Enter");
    await page.locator('.topbar .sign[data-sign="is_private"]').waitFor();
    await page.locator("button.topic").click();
    await page.locator("dialog[open]").waitFor();
    await audit.check("topic");
    await page.keyboard.press("Escape");
    await page.locator(".panel .browse").click();
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.type("bob");
    await page.keyboard.press("Enter");
    await page.locator(".dialog .hint:not(:empty)").waitFor();
    await audit.check("invite");
    await page.keyboard.press("Escape");
    await bob.page.goto("about:blank");
    await page.locator(".member.away", { hasText: "bob" }).waitFor();
    await audit.check("private room");
    await page.locator('[data-verb="manage-member"]').last().click();
    await page.locator("dialog[open]").waitFor();
    await audit.check("manage a member");
    await page.keyboard.press("Escape");
    await page.locator(".person", { hasText: "bob" }).click();
    await page.locator('.topbar .sign[data-sign="person_offline"]').waitFor();
    await ann.says("hello");
    await ann.sees("hello");
    await audit.check("direct conversation");
    assertEquals(audit.found, []);
  },
);
