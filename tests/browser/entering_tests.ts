import { CLIENT_ID, CLIENT_SECRET, startProvider } from "../http/accounts/oidc_harness.ts";
import { assertEquals } from "../support/assert.ts";
import { ENDED, logsOut, member, opensAccount, ownName, PASSWORD, signsIn } from "./accounts.ts";
import { browserTest } from "./harness.ts";

browserTest("a wrong password is told, and says nothing about the name", async (stage) => {
  const server = await stage.server();
  await member(stage, server, "ann");
  const eve = await stage.visitor(server.url);
  await eve.page.getByRole("button", { name: "I have an account" }).click();
  for (const name of ["ann", "nobody"]) {
    await signsIn(eve, name, "wrong password");
    await eve.page.getByText("The name or the password is wrong.").waitFor();
    await eve.page.locator("#welcome-password:focus[aria-invalid]").waitFor();
  }
});

browserTest("who waits after many attempts is told how long", async (stage) => {
  const server = await stage.server();
  const eve = await stage.visitor(server.url);
  await eve.page.route(
    "**/api/session",
    (route) =>
      route.request().method() === "GET" ? route.continue() : route.fulfill({
        status: 429,
        headers: { "retry-after": "300" },
        json: { code: "rate_limited", detail: "", retry_ms: 300_000 },
      }),
  );
  await eve.page.getByRole("button", { name: "I have an account" }).click();
  await signsIn(eve, "ann");
  await eve.page.getByText("Too many attempts. Wait 5 minutes.").waitFor();
});

browserTest("a guest whose name a member has signs in right there", async (stage) => {
  const server = await stage.server();
  await member(stage, server, "ann");
  const again = await stage.visitor(server.url);
  await again.page.getByLabel("Your name").fill("Ann");
  await again.page.keyboard.press("Enter");
  await again.page.getByText("This name is taken.").waitFor();
  await again.page.getByRole("button", { name: "It is mine: sign in" }).click();
  await again.page.locator("#welcome-password:focus").waitFor();
  await again.page.keyboard.type(PASSWORD);
  await again.page.keyboard.press("Enter");
  assertEquals(await ownName(again), "ann");
});

browserTest("the page of a server for members offers nothing but to sign in", async (stage) => {
  const server = await stage.server("--access", "members");
  const ann = await stage.visitor(server.url);
  await ann.page.getByText("Only members may enter.").waitFor();
  assertEquals(await ann.page.getByLabel("Room").count(), 0);
  assertEquals(await ann.page.getByRole("button", { name: "guest" }).count(), 0);
  await ann.page.goto("about:blank");
  await ann.page.goto(server.adminLink);
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByLabel("New password").fill(PASSWORD);
  await ann.page.getByRole("button", { name: "Join", exact: true }).click();
  await ann.isOnline();
  await opensAccount(ann);
  await logsOut(ann);
  await signsIn(ann, "ann");
  assertEquals(await ownName(ann), "ann");
});

browserTest("the page finds out why a server for members refuses its WebSocket", async (stage) => {
  const server = await stage.server("--access", "members");
  const proxy = stage.proxy(server);
  const ann = await stage.visitor(server.adminLink.replace(server.url, proxy.url));
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByLabel("New password").fill(PASSWORD);
  await ann.page.getByRole("button", { name: "Join", exact: true }).click();
  await ann.isOnline();
  await ann.context.clearCookies();
  proxy.cut();
  proxy.mend();
  await ann.page.locator(".news", { hasText: ENDED }).waitFor();
  await ann.page.getByText("Only members may enter.").waitFor();
});

browserTest("a server with one password for all lets guests in with it", async (stage) => {
  const file = await Deno.makeTempFile();
  stage.after(() => Deno.remove(file));
  await Deno.writeTextFile(file, "our kitchen password\n");
  const server = await stage.server("--password-file", file);
  const ann = await stage.visitor(server.url);
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByLabel("Password of this server").fill("another password");
  await ann.page.keyboard.press("Enter");
  await ann.page.getByText("This is not the password of this server.").waitFor();
  await ann.page.getByLabel("Password of this server").fill("our kitchen password");
  await ann.page.keyboard.press("Enter");
  assertEquals(await ownName(ann), "ann");
});

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

browserTest("a provider signs somebody in", async (stage) => {
  const addr = `127.0.0.1:${freePort()}`;
  const provider = await startProvider([`http://${addr}`]);
  stage.after(() => provider[Symbol.asyncDispose]());
  provider.claims.set("ann@work", { name: "ann" });
  const secret = await Deno.makeTempFile();
  stage.after(() => Deno.remove(secret));
  await Deno.writeTextFile(secret, CLIENT_SECRET);
  const server = await stage.server(
    ...["--addr", addr, "--access", "members", "--oidc-issuer", provider.issuer],
    ...["--oidc-client-id", CLIENT_ID, "--oidc-client-secret-file", secret],
  );
  const ann = await stage.visitor(server.url);
  const { page } = ann;
  await page.getByRole("link", { name: "Sign in with your organisation" }).click();
  await page.locator("input[name=login]").fill("ann@work");
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
  assertEquals(await ownName(ann), "ann");
  assertEquals(page.url(), `${server.url}#lobby`);
});

browserTest(
  "how a sign-in at a provider has ended is told, and leaves the address",
  async (stage) => {
    const server = await stage.server();
    const ann = await stage.visitor(`${server.url}#sign-in=cancelled`);
    await ann.page.locator(".news", { hasText: "You cancelled the sign-in." }).waitFor();
    assertEquals(ann.page.url(), server.url);
    await ann.page.route("**/api/session", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...await response.json(), oidc: true } });
    });
    await ann.page.reload();
    await ann.page.getByRole("button", { name: "I have an account" }).click();
    const link = ann.page.getByRole("link", { name: "Sign in with your organisation" });
    assertEquals(await link.getAttribute("href"), "api/oidc");
  },
);
