import { assertEquals } from "../support/assert.ts";
import { remoteAdmin } from "./accounts.ts";
import { browserTest } from "./harness.ts";
import { ServerProcess } from "../support/server_process.ts";

browserTest("what is written while offline goes out after a click on Try now", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const ann = await stage.person(proxy, "ann");
  const bob = await stage.person(server, "bob");
  await ann.says("before");
  await bob.sees("before");
  await ann.stopTimers();
  proxy.cut();
  await ann.isOffline();
  for (const text of ["one", "two", "three"]) await ann.says(text);
  await bob.says("meanwhile");
  assertEquals(await ann.page.locator(".message.waiting").count(), 3);
  proxy.mend();
  await ann.page.getByRole("button", { name: "Try now" }).click();
  await bob.sees("three");
  assertEquals(await bob.texts(), ["before", "meanwhile", "one", "two", "three"]);
  await ann.sees("three");
  assertEquals(await ann.texts(), ["before", "meanwhile", "one", "two", "three"]);
});

browserTest("the server is killed and started again in mid-conversation", async (stage) => {
  const data = await Deno.makeTempDir();
  stage.after(() => Deno.remove(data, { recursive: true }));
  const first = await ServerProcess.start(["--data", data]);
  stage.after(() => first[Symbol.asyncDispose]());
  const ann = await stage.person(first, "ann");
  const bob = await stage.person(first, "bob");
  await ann.says("before the crash");
  await bob.sees("before the crash");
  await first[Symbol.asyncDispose]();
  await ann.isOffline();
  await ann.says("during the crash");
  const { host } = new URL(first.url);
  const second = await ServerProcess.start(["--data", data, "--addr", host]);
  stage.after(() => second[Symbol.asyncDispose]());
  await ann.isOnline();
  await bob.isOnline();
  await bob.sees("during the crash");
  await bob.says("after the crash");
  await ann.sees("after the crash");
  const said = ["before the crash", "during the crash", "after the crash"];
  assertEquals(await ann.texts(), said);
  assertEquals(await bob.texts(), said);
});

browserTest("unsent words and drafts survive a reload", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const ann = await stage.person(proxy, "ann");
  await ann.opens("tea");
  await ann.composer.pressSequentially("half a sent");
  await ann.opens("lobby");
  assertEquals(await ann.composer.inputValue(), "");
  // The page still comes, but the chat does not.
  const later = await ann.context.newPage();
  await ann.page.routeWebSocket(/\/ws$/, (socket) => socket.close());
  proxy.cut();
  await ann.isOffline();
  await ann.says("not yet");
  proxy.mend();
  await ann.page.goto("about:blank");
  await ann.page.goto(`${proxy.url}#lobby`);
  await ann.page.locator(".message.waiting", { hasText: "not yet" }).waitFor();
  await ann.page.close();
  await later.goto(`${proxy.url}#lobby`);
  const bob = await stage.person(server, "bob");
  await bob.sees("not yet");
  await later.goto(`${proxy.url}#tea`);
  assertEquals(await later.locator("#composer").inputValue(), "half a sent");
});

browserTest(
  "a connection that breaks again and again loses nothing and doubles nothing",
  async (stage) => {
    const server = await stage.server();
    const proxy = stage.proxy(server);
    const ann = await stage.person(proxy, "ann");
    const bob = await stage.person(server, "bob");
    const said: string[] = [];
    for (let round = 0; round < 6; round++) {
      for (const part of ["a", "b", "c"]) {
        said.push(`${part}${round}`);
        await ann.says(`${part}${round}`);
      }
      proxy.cut();
      await ann.isOffline();
      proxy.mend();
      await ann.reconnects();
    }
    await bob.sees("c5");
    await ann.sees("c5");
    assertEquals(await bob.texts(), said);
    assertEquals(await ann.texts(), said);
  },
);

browserTest("what the server takes for another message is said again or copied", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  /** A page of an earlier version, or in another tab, has left this unsent. */
  const leave = async (content: string) => {
    const item = { id: "same", key: "lobby", type: "user", content, time: 1, state: "waiting" };
    await ann.page.evaluate(
      (items) => localStorage.setItem("hubbub.outbox", items),
      `[${JSON.stringify(item)}]`,
    );
    await ann.page.reload();
  };
  await leave("one");
  await ann.sees("one");
  await leave("two");
  const failed = ann.page.locator(".message.failed", { hasText: "two" });
  await failed.getByText("taken it for another message").waitFor();
  await failed.getByRole("button", { name: "Copy" }).click();
  await ann.page.getByText("Copied.").waitFor();
  await failed.getByRole("button", { name: "Try again" }).click();
  await ann.sees("two");
  assertEquals(await ann.texts(), ["one", "two"]);
});

browserTest(
  "a slow connection shows one's own words at once and keeps their order",
  async (stage) => {
    const server = await stage.server();
    const proxy = stage.proxy(server);
    const ann = await stage.person(proxy, "ann");
    const bob = await stage.person(server, "bob");
    proxy.delay = 300;
    const said = ["1", "2", "3", "4"].map((n) => `slow ${n}`);
    for (const text of said) await ann.says(text);
    assertEquals(await ann.texts(), said);
    await bob.sees("slow 4");
    assertEquals(await bob.texts(), said);
    await ann.sees("slow 4");
    assertEquals(await ann.texts(), said);
  },
);

browserTest("the page reconnects at once when the network comes back", async (stage) => {
  const server = await stage.server();
  const proxy = stage.proxy(server);
  const ann = await stage.person(proxy, "ann");
  await ann.stopTimers();
  proxy.cut();
  await ann.isOffline();
  proxy.mend();
  await ann.reconnects();
});

browserTest("a page that was kicked comes back only when its user says so", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  let connections = 0;
  ann.page.on("websocket", () => void connections++);
  await ann.page.clock.install();
  await (await remoteAdmin(server)).kick({ user: "ann", reason: "Enough" });
  const stopped = ann.page.locator(".connection[data-phase=stopped]");
  await stopped.waitFor();
  await ann.page.evaluate(() => dispatchEvent(new Event("online")));
  await ann.page.clock.fastForward("01:00:00");
  assertEquals([await stopped.count(), connections], [1, 0]);
  await ann.page.getByRole("button", { name: "Try now" }).click();
  await ann.isOnline();
  assertEquals(connections, 1);
});

browserTest("a page that is sent away comes back by itself once it is let in", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const admin = await remoteAdmin(server);
  await admin.drain({ for: "0s" });
  await ann.isOffline();
  await admin.endDrain();
  await ann.isOnline();
});

browserTest("the server's announcements are shown to everybody", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await server.stop("The server is shutting down");
  await ann.log.locator(".notice", { hasText: /shutting down/i }).waitFor();
});
