import { assert, assertEquals } from "../support/assert.ts";
import type { TestServer } from "../support/test_server.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { browserTest, type Stage, until } from "./harness.ts";
import { Guest } from "./guest.ts";
import type { Person } from "./person.ts";

/** Says many things in the lobby, as a program would. */
async function fill(server: TestServer, texts: string[]): Promise<void> {
  const robot = await Guest.enter(server, "robot", "lobby");
  await robot.says(...texts);
  await robot.leaves();
}

/** Puts messages into a data directory that no server uses yet. */
async function fillStore(dir: string, texts: string[]): Promise<void> {
  const store = await openSqliteStore({ dir, sync: "normal" });
  const message = { kind: "message", room: "lobby", from: "robot", time: Date.now() } as const;
  await store.commit(texts.map((content) => ({ ...message, content })));
  await store.close();
}

async function temporaryFolder(stage: Stage): Promise<string> {
  const folder = await Deno.makeTempDir();
  stage.after(() => Deno.remove(folder, { recursive: true }));
  return folder;
}

function numbered(count: number, length = 1): string[] {
  return Array.from(
    { length: count },
    (_, i) => `number ${i + 1} ${"words ".repeat((i * 7) % length)}`,
  );
}

/** The row in the middle of the log: its key, and how far below the window's top it is, in pixels. */
function middleRow(person: Person): Promise<{ key: string; top: number }> {
  return person.log.evaluate((log) => {
    const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
    const rows = [...log.querySelectorAll<HTMLElement>("article.message")];
    const row = rows.find((row) => row.getBoundingClientRect().bottom > middle);
    if (!row) throw new Error("Cannot find a row in the middle of the log");
    return { key: row.dataset["key"] ?? "", top: row.getBoundingClientRect().top };
  });
}

/** How far a row has moved down, in pixels. */
function movedBy(person: Person, { key, top }: { key: string; top: number }): Promise<number> {
  const row = person.log.locator(`article[data-key="${key}"]`);
  return row.evaluate((row, top) => row.getBoundingClientRect().top - top, top);
}

/** Waits until the next picture was drawn, and nothing is being loaded any more. */
async function settles(person: Person): Promise<void> {
  await person.page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  await person.page.locator(".loading").waitFor({ state: "hidden" });
}

browserTest("older pages load while scrolling up, and nothing jumps", async (stage) => {
  const server = await stage.server();
  await fill(server, numbered(500, 60));
  const ann = await stage.person(server, "ann");
  await ann.sees("number 500 ");
  assertEquals(await ann.message("number 100 ").count(), 0);
  await ann.log.hover();
  // Each step moves the rows by exactly what the wheel says, whatever is loaded meanwhile. So every step
  // leads up, and the loop ends however high the rows are.
  while (await ann.message("number 300 ").count() === 0) {
    const row = await middleRow(ann);
    await ann.page.mouse.wheel(0, -500);
    await until(ann.page, ({ key, top }) => {
      const element = document.querySelector(`article[data-key="${key}"]`);
      return element?.getBoundingClientRect().top !== top;
    }, row);
    await settles(ann);
    const moved = await movedBy(ann, row);
    assert(Math.abs(moved - 500) < 2, `${row.key} moved by ${moved}`);
  }
  await ann.sees("number 300 ");
  assert(await ann.log.locator("article").count() < 120, "too many rows are in the document");
});

browserTest("new messages do not pull somebody down who reads further up", async (stage) => {
  const server = await stage.server();
  await fill(server, numbered(100));
  const ann = await stage.person(server, "ann");
  const bob = await stage.guest(server, "bob");
  await ann.sees("number 100 ");
  await ann.log.hover();
  await ann.page.mouse.wheel(0, -900);
  const button = ann.page.locator(".jump");
  await button.waitFor();
  await settles(ann);
  const row = await middleRow(ann);
  await bob.says("one", "two");
  await ann.page.getByRole("button", { name: "2 new messages" }).waitFor();
  assertEquals(await movedBy(ann, row), 0);
  await button.click();
  await ann.sees("two");
  await ann.log.locator(".rule.new").waitFor();
  await button.waitFor({ state: "hidden" });
  await bob.says("three");
  await ann.sees("three");
});

browserTest("a search hit leads to the message in its context, and back", async (stage) => {
  const server = await stage.server();
  const texts = numbered(900);
  texts[99] = "the needle in the haystack";
  await fill(server, texts);
  const ann = await stage.person(server, "ann");
  await ann.sees("number 900 ");
  await ann.page.getByRole("button", { name: "Search" }).click();
  await ann.page.keyboard.type("NEEDLE");
  const hit = ann.page.locator(".hit", { hasText: "needle" });
  await ann.page.keyboard.press("Enter");
  await hit.waitFor();
  assertEquals(await hit.locator("mark").allTextContents(), ["needle"]);
  await hit.click();
  await ann.sees("the needle");
  await ann.sees("number 99 ");
  await ann.sees("number 101 ");
  assertEquals(await ann.message("number 900 ").count(), 0);
  await ann.page.getByRole("button", { name: "Newest messages" }).click();
  await ann.sees("number 900 ");
});

browserTest("a search is read on page by page", async (stage) => {
  const server = await stage.server();
  await fill(server, numbered(60));
  const ann = await stage.person(server, "ann");
  await ann.page.getByRole("button", { name: "Search" }).click();
  await ann.page.keyboard.type("number");
  await ann.page.getByText("50 messages found").waitFor();
  await ann.page.getByRole("button", { name: "More", exact: true }).click();
  await ann.page.getByText("60 messages found").waitFor();
  assertEquals(await ann.page.locator(".hit").count(), 60);
  assertEquals(await ann.page.locator(".hit mark").first().textContent(), "number");
  assertEquals(await ann.page.getByRole("button", { name: "More", exact: true }).count(), 0);
});

browserTest("a reader who was away begins at the first unread message", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.says("good night");
  await ann.sees("good night");
  await ann.page.goto("about:blank");
  await fill(server, numbered(80));
  await ann.page.goto(`${server.url}#lobby`);
  await ann.sees("number 1 ");
  await ann.log.locator(".rule.new").waitFor();
  await ann.message("good night").waitFor();
  await ann.page.getByRole("button", { name: "80 new messages" }).click();
  await ann.sees("number 80 ");
});

browserTest(
  "twenty thousand messages are read back to the first with few rows drawn",
  async (stage) => {
    const dir = await temporaryFolder(stage);
    await fillStore(dir, numbered(20_000, 40));
    const server = await stage.server("--data", dir);
    const ann = await stage.person(server, "ann");
    await ann.sees("number 20000 ");
    await ann.page.evaluate(() => {
      const log = document.querySelector(".log");
      const seen = { most: 0 };
      const up = () => {
        if (!log || log.querySelector(".intro")) return;
        log.scrollTop = 0;
        seen.most = Math.max(seen.most, log.querySelectorAll("article").length);
        requestAnimationFrame(up);
      };
      Object.assign(globalThis, { seen });
      up();
    });
    await ann.log.locator(".intro").waitFor();
    await ann.sees("number 1 ");
    const most = await ann.page.evaluate(() => Reflect.get(globalThis, "seen").most as number);
    assert(most < 200, `${most} rows`);
    await ann.page.getByRole("button", { name: "Newest messages" }).click();
    await ann.sees("number 20000 ");
  },
);
