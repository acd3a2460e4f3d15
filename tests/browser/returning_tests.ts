/**
 * Who comes back sees what somebody sees who opens the page for the first time.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import type { FlakyProxy } from "../support/flaky_proxy.ts";
import type { TestServer } from "../support/test_server.ts";
import { browserTest, type Stage, until } from "./harness.ts";
import type { Person } from "./person.ts";

/** Messages that bob says in a room before anybody comes. */
const MANY = 260;

/** A picture of one red pixel. */
const PICTURE = {
  name: "red.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "base64",
  ),
};

/** Bob speaks without a browser. */
async function enterBob(stage: Stage, server: TestServer): Promise<Chatter> {
  const bob = await Chatter.enter(server.ws("/ws"), "bob", { room: "lobby" });
  stage.after(() => bob[Symbol.asyncDispose]());
  return bob;
}

/** Says "number 1." to "number COUNT." in the lobby, where nothing was said before. */
async function count(bob: Chatter, count: number): Promise<void> {
  const said = Array.from({ length: count }, (_, i) => {
    return { type: "user", room: "lobby", content: `number ${i + 1}.`, id: `n${i + 1}` };
  });
  for (let i = 0; i < count; i += 100) await bob.send(...said.slice(i, i + 100));
  await bob.next("user", ({ id }) => id === `n${count}`);
}

/** Ann's connection breaks; it is back once this is done. */
async function absence(
  ann: Person,
  proxy: FlakyProxy,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  await ann.stopTimers();
  proxy.cut();
  await ann.isOffline();
  await meanwhile();
  proxy.mend();
  await ann.reconnects();
}

/** Bob changes something in the lobby. */
async function change(bob: Chatter, type: "edit" | "delete" | "react", request: object) {
  assertEquals((await bob.ask({ type, room: "lobby", ...request })).type, type);
}

/** What screen readers were told last. */
function spoken(person: Person): Promise<string> {
  return person.page.evaluate(() =>
    document.querySelector('.hidden-text[aria-live="polite"]')?.textContent ?? ""
  );
}

browserTest("changes during an absence are seen 200 messages back", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const bob = await enterBob(stage, server);
  await count(bob, MANY);
  const ann = await stage.person(proxy, "ann");
  await ann.sees(`number ${MANY}.`);
  await ann.page.evaluate(() => {
    const up = () => {
      const log = document.querySelector(".log");
      if (!log || log.querySelector('[data-seq="4"]')) return;
      log.scrollTop = 0;
      requestAnimationFrame(up);
    };
    up();
  });
  await ann.sees("number 4.");
  await absence(ann, proxy, async () => {
    await change(bob, "delete", { seq: 4 });
    await change(bob, "edit", { seq: 5, content: "better than before" });
    await change(bob, "react", { seq: 6, content: "👍" });
  });
  await ann.sees("better than before");
  const row = (seq: number) => ann.log.locator(`[data-seq="${seq}"]`);
  await row(4).getByText("This message was deleted").waitFor();
  await row(6).locator(".chip", { hasText: "👍" }).waitFor();
  assertEquals(await ann.message("number 4.").count(), 0);
  assertEquals(await ann.message("number 5.").count(), 0);
});

browserTest("what is deleted during an absence is not quoted any more", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const bob = await enterBob(stage, server);
  await count(bob, MANY);
  await bob.ask({ type: "user", room: "lobby", content: "an answer", reply_to: 5 });
  await bob.ask({ type: "user", room: "lobby", content: "one more", reply_to: MANY });
  const ann = await stage.person(proxy, "ann");
  const quote = (text: string) => ann.message(text).locator(".quote");
  await quote("an answer").getByText("number 5.").waitFor();
  await quote("one more").getByText(`number ${MANY}.`).waitFor();
  await absence(ann, proxy, async () => {
    await change(bob, "delete", { seq: 5 });
    await change(bob, "edit", { seq: MANY, content: "better" });
  });
  await quote("an answer").getByText("no longer exists").waitFor();
  await quote("one more").getByText("better").waitFor();
});

browserTest("what is deleted or edited is not read out any more", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const bob = await enterBob(stage, server);
  const ann = await stage.person(proxy, "ann");
  const [secret, slip, last] = [
    await bob.say("a secret"),
    await bob.say("a slip"),
    await bob.say("the last"),
  ];
  await ann.sees("the last");
  await until(ann.page, () => {
    const region = document.querySelector('.hidden-text[aria-live="polite"]');
    return /secret.*slip.*last/.test(region?.textContent ?? "");
  });
  await absence(ann, proxy, async () => {
    await change(bob, "delete", { seq: secret.seq });
    await change(bob, "edit", { seq: slip.seq, content: "mended" });
  });
  await ann.sees("mended");
  assertEquals((await spoken(ann)).replace(/[\u2068\u2069]/g, ""), "bob: mendedbob: the last");
  await change(bob, "delete", { seq: last.seq });
  await ann.message("the last").waitFor({ state: "detached" });
  assertEquals((await spoken(ann)).replace(/[\u2068\u2069]/g, ""), "bob: mended");
});

browserTest("hits of a search and an open picture go with their messages", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const ann = await stage.person(proxy, "ann");
  const bob = await enterBob(stage, server);
  const robot = await stage.person(server, "carol");
  const needle = await bob.say("the needle");
  await bob.say("another needle");
  await robot.page.locator("input[type=file]").setInputFiles(PICTURE);
  await ann.page.getByRole("button", { name: "Search" }).click();
  await ann.page.keyboard.type("needle");
  await ann.page.locator(".hit", { hasText: "the needle" }).waitFor();
  await ann.log.locator(".preview img").click();
  await ann.page.locator(".viewer[open] img").waitFor();
  await absence(ann, proxy, async () => {
    await change(bob, "delete", { seq: needle.seq });
    await robot.acts("red.png", /^Delete/);
    await robot.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await robot.page.getByText("This message was deleted").last().waitFor();
  });
  await ann.page.locator(".viewer[open]").waitFor({ state: "detached" });
  await ann.page.locator(".hit", { hasText: "the needle" }).waitFor({ state: "detached" });
  assertEquals(await ann.page.locator(".hit").count(), 1);
  assertEquals(await ann.log.locator(".preview").count(), 0);
});

browserTest(
  "what is answered or edited may be deleted meanwhile, and nothing typed is lost",
  async (stage) => {
    const server = await stage.server();
    const proxy = stage.proxy(server);
    const bob = await enterBob(stage, server);
    const ann = await stage.person(proxy, "ann");
    const { seq } = await bob.say("a question");
    await ann.sees("a question");
    await ann.acts("a question", /^Reply/);
    await ann.composer.fill("an answer");
    await absence(ann, proxy, () => change(bob, "delete", { seq }));
    await ann.page.getByText("The message that you are replying to was deleted").waitFor();
    assertEquals(await ann.composer.inputValue(), "an answer");
    await ann.composer.press("Enter");
    await ann.sees("an answer");
    assertEquals(await ann.message("an answer").locator(".quote").count(), 0);
    // On another device of hers.
    const tab = await ann.context.newPage();
    await ann.composer.press("ArrowUp");
    await ann.composer.fill("a better answer");
    await tab.goto(`${proxy.url}#lobby`);
    const own = tab.locator(".log article.message", { hasText: "an answer" });
    await own.hover();
    await own.locator(".toolbar").getByRole("button", { name: "Delete" }).click();
    await tab.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await ann.page.getByText("The message that you were editing was deleted").waitFor();
    assertEquals(await ann.composer.inputValue(), "a better answer");
    assertEquals(await ann.page.locator(".composer-banner").isVisible(), false);
  },
);

browserTest(
  "a backup that is put back shows under an open page, which keeps its draft",
  async (stage) => {
    const folder = await Deno.makeTempDir();
    stage.after(() => Deno.remove(folder, { recursive: true }));
    const [data, backup] = [`${folder}/data`, `${folder}/backup`];
    const first = await stage.server("--data", data);
    const { host } = new URL(first.url);
    const again = () => stage.server("--data", data, "--addr", host);
    const ann = await stage.person(first, "ann");
    for (const text of ["one", "two"]) await ann.says(text);
    await ann.sees("two");
    await first.stop("for a backup");
    copyFolder(data, backup);
    const second = await again();
    await ann.reconnects();
    for (const text of ["lost", "lost as well"]) await ann.says(text);
    await ann.sees("lost as well");
    await ann.acts("lost as well", /^Reply/);
    await ann.composer.fill("half a sent");
    await second.stop("for the backup");
    Deno.removeSync(data, { recursive: true });
    copyFolder(backup, data);
    const third = await again();
    const bob = await enterBob(stage, third);
    for (const text of ["instead", "instead as well"]) await bob.say(text);
    await ann.reconnects();
    await ann.sees("instead as well");
    const carol = await stage.person(third, "carol");
    await carol.sees("instead as well");
    assertEquals(await ann.texts(), ["one", "two", "instead", "instead as well"]);
    assertEquals(await ann.texts(), await carol.texts());
    assertEquals(await ann.composer.inputValue(), "half a sent");
    await ann.page.getByText("The message that you are replying to was deleted").waitFor();
  },
);

browserTest("a reader at the end is at the end of a room that starts over", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const bob = await enterBob(stage, server);
  await bob.say("at the start");
  const ann = await stage.person(proxy, "ann");
  await ann.sees("at the start");
  await ann.composer.fill("half a sent");
  // More than the server replays.
  await absence(ann, proxy, () => count(bob, 1_100));
  await ann.sees("number 1100.");
  assertEquals(await ann.message("at the start").count(), 0);
  assertEquals(await ann.composer.inputValue(), "half a sent");
  await bob.say("goes on");
  await ann.sees("goes on");
});

browserTest("a reader further up stays there when a room starts over", async (stage) => {
  const folder = await Deno.makeTempDir();
  stage.after(() => Deno.remove(folder, { recursive: true }));
  const [data, backup] = [`${folder}/data`, `${folder}/backup`];
  const first = await stage.server("--data", data);
  const { host } = new URL(first.url);
  await count(await enterBob(stage, first), 50);
  const ann = await stage.person(first, "ann");
  await ann.sees("number 50.");
  await first.stop("for a backup");
  copyFolder(data, backup);
  const second = await stage.server("--data", data, "--addr", host);
  await ann.reconnects();
  await ann.says("lost");
  await ann.sees("lost");
  await ann.log.hover();
  await ann.page.mouse.wheel(0, -700);
  await ann.page.locator(".jump").waitFor();
  const top = await topRow(ann);
  await second.stop("for the backup");
  Deno.removeSync(data, { recursive: true });
  copyFolder(backup, data);
  const third = await stage.server("--data", data, "--addr", host);
  await ann.reconnects();
  await (await enterBob(stage, third)).say("instead");
  await ann.page.getByRole("button", { name: "1 new message" }).waitFor();
  assertEquals(await topRow(ann), top);
});

/** The number of the message at the top of the log. */
function topRow(person: Person): Promise<string> {
  return person.log.evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll<HTMLElement>("article[data-seq]")];
    const row = rows.find((row) => row.getBoundingClientRect().bottom > top + 1);
    return row?.dataset["seq"] ?? "";
  });
}

/** Copies a folder and all that is in it. */
function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(`${from}/${name}`, `${to}/${name}`);
    else Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}
