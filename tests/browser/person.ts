/**
 * Somebody in front of a browser: what they do and what they see, in their own words.
 *
 * @module
 */
import type { BrowserContext, Locator, Page } from "playwright-core";

/** One person with a browser of their own. */
export class Person {
  readonly log: Locator;
  readonly composer: Locator;

  constructor(readonly page: Page, readonly errors: string[]) {
    this.log = page.locator(".log");
    this.composer = page.locator("#composer");
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  /** Takes a name on the first page and enters. */
  async enters(name: string): Promise<void> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.keyboard.press("Enter");
    await this.isOnline();
  }

  async isOnline(): Promise<void> {
    await this.page.locator('.dot[data-phase="online"]').waitFor({ state: "attached" });
  }

  async isOffline(): Promise<void> {
    await this.page.locator('.dot[data-phase="waiting"]').waitFor({ state: "attached" });
  }

  /** Connects at once, as when the network comes back, unless the page has done so already. */
  async reconnects(): Promise<void> {
    await this.page.evaluate(() => dispatchEvent(new Event("online")));
    await this.isOnline();
  }

  /** From now on no timer of the page ends: it does nothing by itself after a while. */
  async stopTimers(): Promise<void> {
    await this.page.evaluate(() => void Object.assign(globalThis, { setTimeout: () => 0 }));
  }

  async says(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** The row that holds a text. */
  message(text: string): Locator {
    return this.log.locator("article.message", { hasText: text });
  }

  /** Waits until a message is there and confirmed by the server. */
  async sees(text: string): Promise<void> {
    await this.log.locator("article[data-seq]", { hasText: text }).first().waitFor();
  }

  /** Puts the pointer on a message and presses a button of its toolbar. */
  async acts(text: string, button: RegExp): Promise<void> {
    await this.message(text).hover();
    await this.message(text).locator(".toolbar").getByRole("button", { name: button }).click();
  }

  /** Goes to a room by its link, or to the conversation with `@NAME`. */
  async opens(room: string): Promise<void> {
    await this.page.evaluate((hash) => void (location.hash = hash), `#${room}`);
    const name = room.replace(/^@/, "");
    await this.page.locator(".topbar h1", { hasText: name }).waitFor();
  }

  /** The texts of the drawn messages, top to bottom. */
  texts(): Promise<string[]> {
    return this.log.locator("article.message .body").allTextContents();
  }
}
