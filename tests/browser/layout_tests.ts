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

browserTest("the dialogs of a room fit a small phone", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { viewport: { width: 320, height: 568 } });
  await stage.person(server, "A rather long name of 32 letters", { room: "tea" });
  const fits = async (name: RegExp) => {
    const box = await ann.page.getByRole("dialog", { name }).boundingBox();
    assert(box && box.x >= 0 && box.y >= 0, `${name}`);
    assert(box.x + box.width <= 320 && box.y + box.height <= 568, `${name}`);
    const beyond = await ann.page.getByRole("dialog", { name }).evaluate((dialog) =>
      dialog.scrollWidth - dialog.clientWidth
    );
    assertEquals(beyond, 0, `${name}`);
  };
  await ann.page.keyboard.press("Control+k");
  await fits(/^Browse/);
  await ann.page.keyboard.type("board");
  await ann.page.keyboard.press("Enter");
  await fits(/^Create a room/);
  await ann.page.getByLabel("Private").check();
  await ann.page.getByRole("textbox", { name: "Topic" }).fill(
    "A topic that is longer than a phone is wide, by far",
  );
  await ann.page.keyboard.press("Enter");
  await ann.page.locator(".topbar h1", { hasText: "board" }).waitFor();
  assertEquals(await outsideOf(ann), []);
  await ann.page.getByRole("button", { name: "1 person here" }).click();
  await ann.page.getByRole("button", { name: "Invite to this room" }).click();
  await fits(/^Invite/);
  await ann.page.keyboard.type("A rather long name of 32 letters");
  await ann.page.keyboard.press("Enter");
  await ann.page.getByText("is a member now").waitFor();
  await ann.page.keyboard.press("Escape");
  await ann.page.getByRole("button", { name: /^Manage .?A rather/ }).click();
  await fits(/^Manage/);
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
