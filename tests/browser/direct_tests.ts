import { Buffer } from "node:buffer";
import { assertEquals } from "../support/assert.ts";
import { browserTest } from "./harness.ts";

const notes = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("tea at four\n") };

browserTest("two people write to each other alone", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "Bob");
  const eve = await stage.person(server, "eve");
  await ann.page.locator(".person", { hasText: "Bob" }).click();
  await ann.page.locator(".topbar h1", { hasText: "Bob" }).waitFor();
  await ann.page.locator(".topbar .topic", { hasText: "online" }).waitFor();
  await ann.says("psst");
  await ann.sees("psst");
  await bob.page.locator(".channel.mentioned", { hasText: "ann" }).click();
  await bob.sees("psst");
  await bob.says("what?");
  await ann.sees("what?");
  await ann.page.reload();
  await ann.isOnline();
  await ann.sees("what?");
  assertEquals(await ann.texts(), ["psst", "what?"]);
  assertEquals(await eve.page.locator(".channel", { hasText: "ann" }).count(), 0);
});

browserTest(
  "what is written to somebody who is away is there when they come back",
  async (stage) => {
    const server = await stage.server();
    const ann = await stage.person(server, "ann");
    const bob = await stage.person(server, "bob");
    await bob.page.goto("about:blank");
    const away = ann.page.locator(".member.away", { hasText: "bob" });
    await away.getByRole("button", { name: "bob" }).first().click();
    await ann.page.locator(".topbar .topic", { hasText: "offline" }).waitFor();
    await ann.says("call me");
    await ann.sees("call me");
    await ann.says("when you are back");
    await ann.sees("when you are back");

    await bob.page.goto(`${server.url}#lobby`);
    await bob.isOnline();
    const channel = bob.page.locator(".channel.mentioned", { hasText: "ann" });
    await channel.locator(".badge", { hasText: "2" }).waitFor();
    await channel.click();
    await bob.sees("call me");
    await bob.sees("when you are back");
    await channel.locator(".badge").waitFor({ state: "hidden" });
    await ann.page.locator(".topbar .topic", { hasText: "online" }).waitFor();
  },
);

browserTest("a direct conversation has all that a room has", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await bob.says("hello");
  await ann.sees("hello");
  await ann.log.getByRole("button", { name: "bob" }).click();
  await ann.page.locator(".topbar h1", { hasText: "bob" }).waitFor();
  await ann.says("frist");
  await ann.sees("frist");
  await bob.page.locator(".channel", { hasText: "ann" }).click();
  await bob.sees("frist");
  await ann.composer.press("ArrowUp");
  await ann.page.getByText("Editing your message").waitFor();
  await ann.says("first");
  await bob.message("first").getByText("(edited)").waitFor();

  await bob.composer.pressSequentially("s");
  await ann.page.locator(".typing", { hasText: "bob" }).waitFor();
  await bob.acts("first", /^Reply/);
  await bob.says("second");
  await ann.message("second").locator(".quote", { hasText: "first" }).waitFor();
  await ann.acts("second", /^React with.*👍/);
  await bob.message("second").locator(".chip", { hasText: "👍" }).waitFor();

  await ann.page.locator("input[type=file]").setInputFiles([notes]);
  const card = bob.log.locator(".card", { hasText: "notes.txt" });
  const [download] = await Promise.all([bob.page.waitForEvent("download"), card.click()]);
  assertEquals(await Deno.readTextFile(await download.path()), "tea at four\n");

  await bob.page.getByRole("button", { name: "Search" }).click();
  await bob.page.keyboard.type("first");
  await bob.page.keyboard.press("Enter");
  await bob.page.locator(".hit", { hasText: "first" }).waitFor();
  await bob.acts("second", /^Delete/);
  await bob.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await ann.page.getByText("This message was deleted").waitFor();
});

browserTest("somebody is found by name, and nobody else is", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await stage.person(server, "Bob Ross", { room: "painting" });
  await ann.page.keyboard.press("Control+k");
  await ann.page.keyboard.type("Bob Ross");
  await ann.page.getByRole("dialog").getByRole("button", { name: /Bob Ross.*Look for/ }).click();
  await ann.page.locator(".topbar h1", { hasText: "Bob Ross" }).waitFor();
  await ann.says("happy little trees");
  await ann.sees("happy little trees");
  await ann.page.evaluate(() => void (location.hash = "#@nobody"));
  await ann.page.getByText("There is no such person").waitFor();
  await ann.page.locator(".topbar h1", { hasText: "Bob Ross" }).waitFor();
});

browserTest(
  "a conversation that was closed comes back when something is said there",
  async (stage) => {
    const server = await stage.server();
    const ann = await stage.person(server, "ann");
    const bob = await stage.person(server, "bob");
    await ann.page.locator(".person", { hasText: "bob" }).click();
    await ann.page.locator(".topbar h1", { hasText: "bob" }).waitFor();
    await ann.says("bye");
    await ann.sees("bye");
    await ann.page.getByRole("button", { name: "Close this conversation" }).click();
    const channel = ann.page.locator(".channel", { hasText: "bob" });
    await channel.waitFor({ state: "detached" });
    await ann.page.reload();
    await ann.isOnline();
    await ann.page.locator(".person", { hasText: "bob" }).waitFor();
    assertEquals(await channel.count(), 0);
    await bob.page.locator(".channel", { hasText: "ann" }).click();
    await bob.page.locator(".topbar h1", { hasText: "ann" }).waitFor();
    await bob.says("one more thing");
    await channel.locator(".badge", { hasText: "1" }).waitFor();
    await channel.click();
    await ann.sees("bye");
    await ann.sees("one more thing");
  },
);

browserTest("a new name is seen wherever somebody has spoken", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await bob.says("hello");
  await ann.sees("hello");
  await ann.acts("hello", /^Reply/);
  await ann.says("hello to you");
  await ann.sees("hello to you");
  await bob.page.keyboard.press("Control+k");
  await bob.page.keyboard.type("ann");
  await bob.page.getByRole("dialog").getByRole("button", { name: /ann.*Write/ }).first().click();
  await bob.page.locator(".topbar h1", { hasText: "ann" }).waitFor();
  await bob.says("psst");
  await bob.sees("psst");
  await rename(bob.page, "robert");
  await ann.message("hello").first().locator(".author", { hasText: "robert" }).waitFor();
  await ann.log.locator(".quote", { hasText: "robert" }).waitFor();
  await ann.page.locator(".person", { hasText: "robert" }).waitFor();
  await ann.page.locator(".channel", { hasText: "robert" }).waitFor();
});

browserTest(
  "a stranger who takes a freed name owns nothing of what was said under it",
  async (stage) => {
    const server = await stage.server();
    const ann = await stage.person(server, "ann");
    await ann.says("mine");
    await ann.sees("mine");
    await ann.page.getByRole("button", { name: "Search" }).click();
    await rename(ann.page, "anna");
    const eve = await stage.person(server, "ann");
    await eve.sees("mine");
    await eve.message("mine").locator(".author", { hasText: "anna" }).waitFor();
    await eve.message("mine").hover();
    const toolbar = eve.message("mine").locator(".toolbar");
    await toolbar.getByRole("button", { name: "Reply" }).waitFor();
    assertEquals(await toolbar.getByRole("button", { name: /^(Edit|Delete)/ }).count(), 0);
    const answers = await eve.page.evaluate(() =>
      new Promise<unknown[]>((resolve) => {
        const socket = new WebSocket("/ws", ["hubbub.v1"]);
        const codes: unknown[] = [];
        const send = (message: object) => socket.send(JSON.stringify(message));
        socket.onopen = () => {
          send({ type: "login", room: "lobby" });
          send({ type: "edit", room: "lobby", seq: 1, content: "hers", id: "e" });
          send({ type: "delete", room: "lobby", seq: 1, id: "d" });
        };
        socket.onmessage = ({ data }) => {
          for (const line of data.split("\n")) {
            const message = JSON.parse(line);
            if (message.type === "error") codes.push(message.code);
          }
          if (codes.length === 2) resolve(codes);
        };
      })
    );
    assertEquals(answers, ["not_yours", "not_yours"]);
    assertEquals(await ann.texts(), ["mine"]);
  },
);

async function rename(page: import("playwright-core").Page, name: string): Promise<void> {
  await page.evaluate(async (content) => {
    const socket = new WebSocket("/ws", ["hubbub.v1"]);
    await new Promise((resolve) => socket.onopen = resolve);
    socket.send(JSON.stringify({ type: "login", room: "lobby" }));
    socket.send(JSON.stringify({ type: "rename", content, id: "r" }));
    await new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => data.includes('"id":"r"') && resolve();
    });
    socket.close();
  }, name);
}
