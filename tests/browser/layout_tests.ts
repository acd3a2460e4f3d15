import { assert, assertEquals } from "../support/assert.ts";
import { browserTest } from "./harness.ts";
import type { Person } from "./person.ts";

const SIZES = [[320, 568], [375, 720], [640, 360], [768, 1024], [1280, 720], [3840, 2160]] as const;

/**
 * The elements that reach over an edge of the window. Text that ends in an ellipsis and what can be scrolled
 * to may be wider: there it is their box that has to fit.
 */
function outsideOf(person: Person): Promise<string[]> {
  return person.page.evaluate(() => {
    const isCut = (element: Element | null): boolean => {
      if (element === null || element.matches(".main")) return false;
      const { textOverflow, overflowX } = getComputedStyle(element);
      const cuts = textOverflow === "ellipsis" || ["auto", "scroll"].includes(overflowX);
      return cuts || element.matches(".hidden-text") || isCut(element.parentElement);
    };
    return [...document.querySelectorAll(".main *")].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      const isOutside = width > 0 && (left < -1 || right > innerWidth + 1);
      return isOutside && !isCut(element.parentElement);
    }).map((element) => element.outerHTML.slice(0, 100));
  });
}

browserTest("the page fits every width from 320 pixels to 4K", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "A rather long name of 32 letters");
  await ann.says(`A word: ${"x".repeat(300)} https://example.org/${"y".repeat(300)}`);
  await ann.sees("A word");
  for (const [width, height] of SIZES) {
    await ann.page.setViewportSize({ width, height });
    assertEquals(await outsideOf(ann), [], `${width} × ${height}`);
    assert(await ann.composer.isVisible());
  }
});

browserTest("at 200 % zoom everything is still there", async (stage) => {
  const server = await stage.server();
  // Zoom to 200 % is half as many CSS pixels, twice as large.
  const options = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
  const ann = await stage.person(server, "ann", options);
  await ann.says("hello");
  await ann.sees("hello");
  await ann.page.getByRole("button", { name: "Show conversations" }).click();
  await ann.page.getByRole("button", { name: "Settings" }).click();
  await ann.page.getByRole("dialog").getByLabel("Language").scrollIntoViewIfNeeded();
});

browserTest("on a phone the panels are drawers", async (stage) => {
  const server = await stage.server();
  const phone = { viewport: { width: 375, height: 720 }, hasTouch: true, isMobile: true };
  const ann = await stage.person(server, "ann", phone);
  const sidebar = ann.page.locator(".sidebar");
  assert(!await sidebar.isVisible());
  await ann.page.getByRole("button", { name: "Show conversations" }).tap();
  await sidebar.waitFor();
  await ann.page.locator(".channel").tap();
  await sidebar.waitFor({ state: "hidden" });
  await ann.page.getByRole("button", { name: "1 person here" }).tap();
  await ann.page.locator(".person").waitFor();
  await ann.page.getByRole("button", { name: "Close" }).tap();
  await ann.page.locator(".person").waitFor({ state: "hidden" });
});

browserTest("a reader who prefers reduced motion gets none", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { reducedMotion: "reduce" });
  await ann.says("hello");
  await ann.sees("hello");
  const longest = await ann.page.evaluate(() =>
    Math.max(
      0,
      ...document.getAnimations().map((animation) =>
        Number(animation.effect?.getComputedTiming().endTime ?? 0)
      ),
    )
  );
  assert(longest <= 1, `${longest} ms`);
});
