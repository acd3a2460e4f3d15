import { assert, assertEquals } from "../support/assert.ts";
import { claims, invites, kept, member, ownName, PASSWORD } from "./accounts.ts";
import { browserTest } from "./harness.ts";

browserTest(
  "an invitation lets somebody in once, and its code leaves the address",
  async (stage) => {
    const server = await stage.server();
    const ann = await member(stage, server, "ann");
    const link = await invites(ann);
    const bob = await stage.visitor(link);
    await bob.page.getByText("You are invited.").waitFor();
    assertEquals(bob.page.url(), server.url);
    const [, code = ""] = link.split("#invite=");
    assert(code.length > 10);
    await bob.page.getByLabel("Your name").fill("bob");
    await bob.page.getByLabel("New password").fill("short");
    await bob.page.getByRole("button", { name: "Join", exact: true }).click();
    await bob.page.locator("form .problem", { hasText: "8 to 256 characters" }).waitFor();
    await bob.page.getByLabel("New password").fill(PASSWORD);
    await bob.page.getByRole("button", { name: "Join", exact: true }).click();
    assertEquals(await ownName(bob), "bob");
    assert(!JSON.stringify([await kept(bob), bob.page.url()]).includes(code));

    const eve = await stage.visitor(link);
    await eve.page.getByLabel("Your name").fill("eve");
    await eve.page.getByLabel("New password").fill(PASSWORD);
    await eve.page.getByRole("button", { name: "Join", exact: true }).click();
    await eve.page.getByText("This invitation cannot be used any more.").waitFor();
    assertEquals((await eve.context.cookies()).length, 0);
  },
);

browserTest("a link that is opened in a page which is signed in asks first", async (stage) => {
  const server = await stage.server();
  const ann = await member(stage, server, "ann");
  const [, code = ""] = (await invites(ann)).split("#");
  const bob = await stage.person(server, "bob");
  await bob.page.evaluate((hash) => void (location.hash = hash), `#${code}`);
  await bob.page.getByText("have opened an invitation").waitFor();
  assertEquals(bob.page.url(), server.url);
  assertEquals(await bob.page.getByLabel("Your name").inputValue(), "bob");
  await bob.page.getByRole("button", { name: "Not now" }).click();
  assertEquals(await ownName(bob), "bob");
});

browserTest("an invitation brings somebody into the rooms that were chosen", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann", { room: "tea" });
  await claims(ann);
  await ann.page.getByRole("button", { name: "Invite people" }).click();
  await ann.page.getByLabel("#tea").check();
  await ann.page.getByRole("button", { name: "Make a link" }).click();
  await ann.page.locator(".item", { hasText: "#tea" }).waitFor();
  const bob = await stage.visitor(await ann.page.getByLabel("Link, shown only now").inputValue());
  await bob.page.getByLabel("Your name").fill("bob");
  await bob.page.getByLabel("New password").fill(PASSWORD);
  await bob.page.getByRole("button", { name: "Join", exact: true }).click();
  await bob.page.locator(".channel-name", { hasText: "tea" }).waitFor();
});

browserTest("an invitation is withdrawn", async (stage) => {
  const server = await stage.server();
  const ann = await member(stage, server, "ann");
  await invites(ann);
  await ann.page.getByRole("button", { name: /^Withdraw the invitation/ }).click();
  await ann.page.getByText("The invitation is withdrawn.").waitFor();
  await ann.page.getByText("No invitation of yours can be used now.").waitFor();
});
