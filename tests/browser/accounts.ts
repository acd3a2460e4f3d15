/**
 * What people do with their accounts in front of a browser.
 *
 * @module
 */
import type { BrowserContextOptions } from "playwright-core";
import { Accounts } from "../../sdk/accounts.js";
import { Admin } from "../../sdk/admin.js";
import type { Stage } from "./harness.ts";
import type { Person } from "./person.ts";

export const PASSWORD = "correct horse battery";

export const LOGGED_OUT = "You are logged out. This browser has forgotten everything.";
export const ENDED = "You have been logged out: the session was ended, here or on another device.";

/** Opens the account dialog. */
export async function opensAccount({ page }: Person): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Account", exact: true }).click();
  await page.locator(".account-dialog[open]").waitFor();
}

/** Unfolds a part of the account dialog. */
export async function unfolds({ page }: Person, title: string): Promise<void> {
  await page.locator("summary", { hasText: title }).click();
}

/** A guest becomes a member. Leaves the account dialog open. */
export async function claims(person: Person): Promise<void> {
  await opensAccount(person);
  await person.page.getByLabel("New password").fill(PASSWORD);
  await person.page.getByRole("button", { name: "Keep this name" }).click();
  await person.page.getByText("The name is yours now.").waitFor();
}

/** A member, with the account dialog open. */
export async function member(stage: Stage, server: { url: string }, name: string): Promise<Person> {
  const person = await stage.person(server, name);
  await claims(person);
  return person;
}

/** The first admin, with the administration open. */
export async function admin(
  stage: Stage,
  server: { adminLink: string },
  options: BrowserContextOptions = {},
): Promise<Person> {
  const ruth = await stage.visitor(server.adminLink, options);
  await ruth.page.getByLabel("Your name").fill("ruth");
  await ruth.page.getByLabel("New password").fill(PASSWORD);
  await ruth.page.getByRole("button", { name: "Join", exact: true }).click();
  await ruth.isOnline();
  if (options.isMobile) await ruth.page.getByRole("button", { name: "Show conversations" }).tap();
  await opensAccount(ruth);
  await ruth.page.getByRole("button", { name: "Administration" }).click();
  await ruth.page.getByLabel("Announcement").waitFor();
  return ruth;
}

/** Answers the question before an act. */
export async function confirms({ page }: Person, act: string, reason: string): Promise<void> {
  await page.getByLabel("Reason").fill(reason);
  await page.locator("dialog[open] form").getByRole("button", { name: act, exact: true }).click();
}

/** The first admin, who acts without a browser. */
export async function remoteAdmin(server: { url: string; adminLink: string }): Promise<Admin> {
  const [, invite = ""] = server.adminLink.split("#invite=");
  const accounts = new Accounts(server.url);
  await accounts.useInvite({ invite, name: "root", password: PASSWORD });
  return new Admin(server.url, { session: accounts.secret });
}

/** A member logs out. Expects the account dialog to be open. */
export async function logsOut({ page }: Person): Promise<void> {
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await page.locator(".news", { hasText: LOGGED_OUT }).waitFor();
}

/** Signs in on the first page. */
export async function signsIn({ page }: Person, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Makes an invitation, and returns its link. Expects the account dialog to be open. */
export async function invites({ page }: Person): Promise<string> {
  await page.getByRole("button", { name: "Invite people" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = page.getByLabel("Link, shown only now");
  await link.waitFor();
  return await link.inputValue();
}

/** All that the browser keeps for the page, cookies that scripts cannot read included. */
export async function kept({ page, context }: Person): Promise<unknown> {
  const stores = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
  }));
  return { ...stores, cookies: (await context.cookies()).map(({ name }) => name) };
}

export const NOTHING = { local: {}, session: {}, databases: [], caches: [], cookies: [] };

/** The name that the sidebar shows, once the page is online. */
export async function ownName(person: Person): Promise<string | null> {
  await person.isOnline();
  return await person.page.locator(".account-name").textContent();
}
