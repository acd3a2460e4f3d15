import { assert, assertEquals } from "../support/assert.ts";
import { LINES } from "../../protocol.ts";
import { browserTest, type Stage, until } from "./harness.ts";
import type { Person } from "./person.ts";

/** Says many things in the lobby, as a program would. */
async function fill(stage: Stage, url: string, texts: string[]): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, LINES);
  stage.after(() => socket.close());
  const last = `"id":"${texts.length - 1}"`;
  await new Promise<void>((resolve, reject) => {
    socket.onmessage = ({ data }) => {
      if (data.includes(`"handshake"`)) {
        const lines: object[] = [{ type: "login", content: "robot" }];
        texts.forEach((content, id) => lines.push({ type: "user", content, id: String(id) }));
        for (let i = 0; i < lines.length; i += 200) {
          socket.send(lines.slice(i, i + 200).map((line) => JSON.stringify(line)).join("\n"));
        }
      }
      if (data.includes(last)) resolve();
      if (data.includes(`"error"`)) reject(new Error(data));
    };
  });
  socket.close();
}

function numbered(count: number, length = 1): string[] {
  return Array.from(
    { length: count },
    (_, i) => `number ${i + 1} ${"words ".repeat((i * 7) % length)}`,
  );
}

/** How far below the top of the log a message stands, in pixels. */
function offsetOf(person: Person, text: string): Promise<number> {
  return person.message(text).first().evaluate((row) => row.getBoundingClientRect().top);
}

browserTest("older pages load while scrolling up, and nothing jumps", async (stage) => {
  const server = await stage.server({ flags: ["--rate", "0"] });
  await fill(stage, server.url, numbered(500, 60));
  const ann = await stage.person(server, "ann");
  await ann.sees("number 500 ");
  assertEquals(await ann.message("number 100 ").count(), 0);
  await ann.log.hover();
  // Each step must move the rows by just what the wheel said, whatever loads meanwhile.
  for (let step = 0; step < 60; step++) {
    const text = await ann.log.evaluate((log) => {
      const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
      const rows = [...log.querySelectorAll("article.message")];
      const row = rows.find((row) => row.getBoundingClientRect().bottom > middle);
      return /number \d+ /.exec(row?.textContent ?? "")?.[0] ?? "";
    });
    const before = await offsetOf(ann, text);
    const top = await ann.log.evaluate((log) => log.scrollTop);
    await ann.page.mouse.wheel(0, -200);
    await until(ann.page, (y) => document.querySelector(".log")?.scrollTop !== y, top);
    await ann.page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    const moved = await offsetOf(ann, text) - before;
    assert(Math.abs(moved - 200) < 2, `${text} moved by ${moved}`);
    if (await ann.message("number 300 ").count() > 0) break;
  }
  await ann.sees("number 300 ");
  assert(await ann.log.locator("article").count() < 120, "too many rows are in the document");
});

browserTest("new messages do not pull somebody down who reads further up", async (stage) => {
  const server = await stage.server({ flags: ["--rate", "0"] });
  await fill(stage, server.url, numbered(100));
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await ann.sees("number 100 ");
  await ann.log.hover();
  await ann.page.mouse.wheel(0, -900);
  const button = ann.page.locator(".jump");
  await button.waitFor();
  const before = await ann.log.evaluate((log) => log.scrollTop);
  for (const text of ["one", "two"]) await bob.says(text);
  await bob.sees("two");
  await ann.page.getByRole("button", { name: "2 new messages" }).waitFor();
  assertEquals(await ann.log.evaluate((log) => log.scrollTop), before);
  await button.click();
  await ann.sees("two");
  await ann.log.locator(".rule.new").waitFor();
  await button.waitFor({ state: "hidden" });
  await bob.says("three");
  await ann.sees("three");
});

browserTest("a search hit leads to the message in its context, and back", async (stage) => {
  const server = await stage.server({ flags: ["--rate", "0"] });
  const texts = numbered(900);
  texts[99] = "the needle in the haystack";
  await fill(stage, server.url, texts);
  const ann = await stage.person(server, "ann");
  await ann.sees("number 900 ");
  await ann.page.getByRole("button", { name: "Search" }).click();
  await ann.page.keyboard.type("NEEDLE");
  const hit = ann.page.locator(".hit", { hasText: "needle" });
  // The index may be a second behind.
  for (let tries = 0; tries < 20 && await hit.count() === 0; tries++) {
    await ann.page.keyboard.press("Enter");
    await ann.page.locator(".panel .hint", { hasText: /found/ }).waitFor();
  }
  assertEquals(await hit.locator("mark").allTextContents(), ["needle"]);
  await hit.click();
  await ann.sees("the needle");
  await ann.sees("number 99 ");
  await ann.sees("number 101 ");
  assertEquals(await ann.message("number 900 ").count(), 0);
  await ann.page.getByRole("button", { name: "Newest messages" }).click();
  await ann.sees("number 900 ");
});

browserTest("a reader who was away begins at the first unread message", async (stage) => {
  const server = await stage.server({ flags: ["--rate", "0"] });
  const ann = await stage.person(server, "ann");
  await ann.says("good night");
  await ann.sees("good night");
  await ann.page.goto("about:blank");
  await fill(stage, server.url, numbered(80));
  await ann.page.goto(`${server.url}/#lobby`);
  await ann.sees("number 1 ");
  await ann.log.locator(".rule.new").waitFor();
  await ann.message("good night").waitFor();
  await ann.page.getByRole("button", { name: "80 new messages" }).click();
  await ann.sees("number 80 ");
});

browserTest(
  "twenty thousand messages are read back to the first with few rows drawn",
  async (stage) => {
    const server = await stage.server({ flags: ["--rate", "0"] });
    await fill(stage, server.url, numbered(20_000, 40));
    const ann = await stage.person(server, "ann");
    await ann.sees("number 20000 ");
    const most = await ann.page.evaluate(async () => {
      const log = document.querySelector(".log");
      let most = 0;
      while (log && !log.querySelector(".intro")) {
        log.scrollTop = 0;
        await new Promise((done) => requestAnimationFrame(done));
        most = Math.max(most, log.querySelectorAll("article").length);
      }
      return most;
    });
    await ann.sees("number 1 ");
    assert(most < 200, `${most} rows`);
    await ann.page.getByRole("button", { name: "Newest messages" }).click();
    await ann.sees("number 20000 ");
  },
);
