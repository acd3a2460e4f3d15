import { assert, assertEquals } from "../support/assert.ts";
import { Accounts } from "../../sdk/accounts.js";
import { Chatter } from "../support/chatter.ts";
import { admin, confirms, PASSWORD, unfolds } from "./accounts.ts";
import { browserTest } from "./harness.ts";
import type { Person } from "./person.ts";

const ZALGO = "z" + "\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307".repeat(40) + "algo";

const SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>";

/** Notes what scripts of others say in a page. */
function dialogsOf({ page }: Person): string[] {
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    dialog.dismiss();
  });
  return dialogs;
}

/** Counts the elements that a page has made of {@linkcode SCRIPT} and its like. */
function elementsOf({ page }: Person): Promise<number> {
  return page.locator("[onerror], script:text('alert')").count();
}

browserTest("hostile names and messages are shown as text and break nothing", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const eve = await stage.person(server, "<img src=x onerror=alert(1)>");
  const dialogs = dialogsOf(ann);
  const texts = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    'javascript:alert(3) [x](javascript:alert(4)) https://example.org/"onmouseover=alert(5)',
    "\u202eright to left override\u202c and after",
    ZALGO,
    "w".repeat(16_000),
    "`".repeat(5_000) + "*".repeat(5_000) + "@".repeat(5_000),
    "__proto__ constructor toString",
  ];
  for (const text of texts) {
    await eve.composer.fill(text);
    await eve.page.keyboard.press("Enter");
  }
  await eve.says("the end");
  await ann.sees("the end");
  assertEquals(await ann.log.locator("img, script").count(), 0);
  assertEquals(await ann.log.locator("a[href^=javascript]").count(), 0);
  assertEquals(dialogs, []);
  const width = await ann.log.evaluate((log) => log.scrollWidth - log.clientWidth);
  assert(width <= 0, `the log scrolls sideways by ${width}`);
  const page = await ann.page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth
  );
  assert(page <= 0, `the page scrolls sideways by ${page}`);
  const panel = ann.page.locator(".person", { hasText: "onerror" });
  assertEquals(await panel.locator("img").count(), 0);
});

browserTest("a hostile topic and the name of a room are shown as text", async (stage) => {
  const server = await stage.server();
  const room = "constructor";
  const accounts = new Accounts(server.url);
  await accounts.enter({ name: "eve" });
  await accounts.claim({ password: PASSWORD });
  await using eve = await Chatter.connect(server.ws("/ws"), { credential: accounts.secret });
  await eve.send({ type: "login" }, { type: "create", room });
  await eve.next("create");
  const ann = await stage.person(server, "ann", { room });
  const dialogs = dialogsOf(ann);
  await eve.send({ type: "topic", room, content: SCRIPT });
  await ann.page.locator(".topbar", { hasText: SCRIPT }).waitFor();
  await eve.say("in here", room);
  await ann.sees("in here");
  await ann.page.getByRole("button", { name: "Browse or create rooms" }).click();
  const entry = ann.page.locator(".room-entry", { hasText: room });
  await entry.getByText(SCRIPT).waitFor();
  assertEquals([await elementsOf(ann), dialogs], [0, []]);
});

browserTest("the administration shows what others wrote as text", async (stage) => {
  const server = await stage.server();
  const name = "<img src=x onerror=alert(3)>";
  const eve = await stage.person(server, name);
  const agent = "<script>alert(4)";
  await using mallory = await Chatter.connect(server.ws("/ws"), {
    headers: { "user-agent": agent },
  });
  await mallory.send({ type: "login", content: "mallory" });
  await mallory.next("login");
  const ruth = await admin(stage, server);
  const { page } = ruth;
  const dialogs = [dialogsOf(eve), dialogsOf(ruth)];
  const item = (text: string) => page.locator(".item", { hasText: text });

  await page.getByLabel("Announcement").fill(SCRIPT);
  await page.getByRole("button", { name: "Tell everybody" }).click();
  await eve.log.locator(".notice", { hasText: SCRIPT }).waitFor();
  await unfolds(ruth, "Connections");
  await item("mallory").getByText(agent).waitFor();
  await unfolds(ruth, "Bans, mutes");
  await item(name).getByRole("button", { name: "Mute" }).click();
  await page.locator("dialog[open] h2", { hasText: name }).waitFor();
  await confirms(ruth, "Mute", SCRIPT);
  await page.locator(".news", { hasText: name }).waitFor();
  await item("until").getByText(SCRIPT).waitFor();
  await unfolds(ruth, "Users");
  await item("Guest").getByText(name).waitFor();
  await unfolds(ruth, "What admins did");
  await item("Mute: ").getByText(SCRIPT).waitFor();
  await item("Tell everybody").getByText(SCRIPT).waitFor();
  await eve.says("spam");
  await eve.message("spam").getByText(SCRIPT).waitFor();
  assertEquals([await elementsOf(eve), await elementsOf(ruth), dialogs], [0, 0, [[], []]]);
});

browserTest("a message from right to left does not turn what is around it", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.says("\u202eabc");
  await ann.sees("abc");
  const row = ann.log.locator("article.message").last();
  const order = await row.evaluate((element) => {
    const name = element.querySelector(".author")?.getBoundingClientRect();
    const time = element.querySelector(".heading time")?.getBoundingClientRect();
    return (name?.right ?? 0) <= (time?.left ?? 0);
  });
  assert(order, "the time is not behind the name");
});

browserTest("a message that is too long is not sent and not lost", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const text = "语".repeat(6_000);
  await ann.composer.fill(text);
  await ann.page.getByText("18,000").waitFor();
  await ann.composer.press("Enter");
  assertEquals(await ann.composer.inputValue(), text);
  assert(await ann.page.getByRole("button", { name: "Send" }).isDisabled());
});

browserTest("a name that mixes alphabets is marked wherever it is shown", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const eve = await stage.person(server, "Bоris К");
  await eve.says("it is me");
  await ann.sees("it is me");
  const mark = /mixes alphabets/;
  await ann.message("it is me").getByRole("img", { name: mark }).waitFor();
  await ann.page.locator(".person", { hasText: "К" }).getByRole("img", { name: mark }).waitFor();
  await eve.message("it is me").waitFor();
  assertEquals(await ann.page.locator(".person", { hasText: "ann" }).getByRole("img").count(), 0);
});
