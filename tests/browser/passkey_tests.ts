import { assertEquals } from "../support/assert.ts";
import type { TestServer } from "../support/test_server.ts";
import { logsOut, member, opensAccount, ownName, PASSWORD, unfolds } from "./accounts.ts";
import { browserTest } from "./harness.ts";
import type { Person } from "./person.ts";

/** The server under the name that passkeys can be bound to. */
function byName({ url }: TestServer): { url: string } {
  return { url: url.replace("127.0.0.1", "localhost") };
}

/** Puts an authenticator into the browser that agrees to everything. */
async function addAuthenticator({ page, context }: Person): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

browserTest("a passkey is registered, and signs in", async (stage) => {
  const server = byName(await stage.server());
  const ann = await stage.visitor(server.url);
  await addAuthenticator(ann);
  await ann.enters("ann");
  await opensAccount(ann);
  await ann.page.getByRole("button", { name: "Keep it with a passkey" }).click();
  await ann.page.getByText("The name is yours now.").waitFor();
  await unfolds(ann, "Passkeys");
  await ann.page.getByRole("button", { name: /^Remove the passkey/ }).click();
  await ann.page.getByText("It is your only way to sign in.").waitFor();
  await logsOut(ann);
  await ann.page.getByRole("button", { name: "Sign in with a passkey" }).click();
  assertEquals(await ownName(ann), "ann");
});

browserTest("passkeys are added beside a password, named, and removed", async (stage) => {
  const server = byName(await stage.server());
  const ann = await member(stage, server, "ann");
  await addAuthenticator(ann);
  await unfolds(ann, "Passkeys");
  await ann.page.getByText("You have no passkey yet.").waitFor();
  await ann.page.getByLabel("Name of the passkey").fill("my laptop");
  await ann.page.getByRole("button", { name: "Add a passkey" }).click();
  await ann.page.getByText("The passkey is added.").waitFor();
  await ann.page.getByRole("button", { name: /^Remove the passkey \u2068my laptop/ }).click();
  await ann.page.getByText("The passkey is removed.").waitFor();
  await ann.page.getByText("You have no passkey yet.").waitFor();
});

browserTest("passkeys are not offered at an address without a name", async (stage) => {
  const ann = await stage.visitor((await stage.server()).url);
  await ann.page.getByRole("button", { name: "I have an account" }).click();
  await ann.page.getByLabel("Password").waitFor();
  assertEquals(await ann.page.getByRole("button", { name: "passkey" }).count(), 0);
});

browserTest("the link of the first admin makes an admin, without a password too", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.adminLink.replace("127.0.0.1", "localhost"));
  await addAuthenticator(ann);
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByRole("button", { name: "Join with a passkey" }).click();
  assertEquals(await ownName(ann), "ann");
  await opensAccount(ann);
  await ann.page.locator(".account-dialog .role", { hasText: "Admin" }).waitFor();
  await ann.page.getByRole("button", { name: "Invite people" }).click();
  await ann.page.getByLabel("For", { exact: true }).waitFor();
});

browserTest("who joins without a passkey after all is asked for a password", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.adminLink.replace("127.0.0.1", "localhost"));
  await ann.page.evaluate(() => {
    navigator.credentials.create = () => Promise.reject(new DOMException("", "NotAllowedError"));
  });
  await ann.page.getByLabel("Your name").fill("ann");
  await ann.page.getByRole("button", { name: "Join with a passkey" }).click();
  await ann.page.getByText("without one you cannot sign in again").waitFor();
  await unfolds(ann, "Password");
  await ann.page.getByLabel("New password").fill(PASSWORD);
  await ann.page.getByRole("button", { name: "Change password" }).click();
  await ann.page.getByText("The password is changed").waitFor();
});
