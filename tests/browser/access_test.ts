import { assertEquals } from "../support/assert.ts";
import { Buffer } from "node:buffer";
import axe from "axe-core";
import { browserTest, type Stage } from "./harness.ts";
import type { Person } from "./person.ts";

/** A picture of one red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

/** What axe finds in the page as it stands, shortly. */
async function findings(person: Person): Promise<string[]> {
  await person.page.evaluate(axe.source);
  return await person.page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any -- axe is put into the page as a script
    const { violations } = await (globalThis as any).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.flatMap(({ id, nodes }: { id: string; nodes: { html: string }[] }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`)
    );
  });
}

/** Checks every view, one after the other. */
async function checkViews(
  stage: Stage,
  options: { locale: string; colorScheme: "light" | "dark" },
) {
  const server = await stage.server();
  const line = stage.line(server);
  const ann = await stage.visitor(line.url, options);
  const found: string[] = [];
  const check = async (view: string) => {
    // Things that fade in are not yet as visible as they are meant to be.
    await ann.page.evaluate(() =>
      Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
    );
    found.push(...(await findings(ann)).map((finding) => `${view}: ${finding}`));
  };
  await ann.page.locator("#welcome-name").waitFor();
  await check("welcome");
  await ann.page.locator("#welcome-name").fill(" ");
  await ann.page.keyboard.press("Enter");
  await check("welcome, refused");
  await ann.page.locator("#welcome-name").fill("ann");
  await ann.page.keyboard.press("Enter");
  await ann.isOnline();
  await check("empty room");
  const bob = await stage.person(server, "bob", { locale: "en-GB" }).catch(() => null);
  for (let i = 0; i < 12; i++) await bob?.says(`@ann **${i}** \`code\` https://example.org/`);
  await ann.says("```\ncode\n```");
  await ann.log.locator("article[data-seq]", { hasText: "code" }).last().waitFor();
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
  await ann.page.evaluate(() => void (location.hash = "#@nobody"));
  await ann.page.locator(".topbar h1", { hasText: "nobody" }).waitFor();
  await ann.says("hello?");
  await ann.log.locator(".message.failed").waitFor();
  await check("direct, failed");
  await ann.page.locator(".channel").first().click();
  line.cut();
  await ann.isOffline();
  await ann.says("later");
  await check("offline");
  await ann.page.setViewportSize({ width: 320, height: 640 });
  await check("phone");
  await ann.page.locator(".topbar .icon-button").first().click();
  await check("phone, drawer");
  assertEquals(found, []);
}

for (const locale of ["en-GB", "zh-CN"]) {
  for (const colorScheme of ["light", "dark"] as const) {
    browserTest(`axe finds nothing in any view: ${locale}, ${colorScheme}`, async (stage) => {
      await checkViews(stage, { locale, colorScheme });
    });
  }
}
