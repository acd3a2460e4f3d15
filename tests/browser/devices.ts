/**
 * One person on several devices: another tab of the same browser, and a phone on which they have signed in.
 *
 * @module
 */
import type { Stage } from "./harness.ts";
import { Person } from "./person.ts";

const PASSWORD = "correct horse battery staple";

/** Opens the page once more, in another tab of the same browser. */
export async function openTab(person: Person, url: string): Promise<Person> {
  const page = await person.context.newPage();
  page.on("pageerror", (error) => person.errors.push(error.stack ?? error.message));
  await page.goto(url);
  const tab = new Person(page, person.errors);
  await tab.isOnline();
  return tab;
}

/** Makes a member of somebody, signs them in on a phone, and opens the page there. */
export async function openPhone(stage: Stage, person: Person, url: string): Promise<Person> {
  const name = await person.page.locator(".account-name").textContent();
  await post(person, "api/account", { password: PASSWORD });
  const phone = await stage.visitor(new URL("healthz", url).href, {
    viewport: { width: 375, height: 720 },
    hasTouch: true,
    isMobile: true,
  });
  await post(phone, "api/session", { name, password: PASSWORD });
  await phone.page.goto(url);
  await phone.isOnline();
  return phone;
}

/** Asks the server for something, with the browser's cookie. */
async function post({ page }: Person, path: string, body: Record<string, unknown>): Promise<void> {
  const status = await page.evaluate(async ([path, body]) => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`/${path}`, { method: "POST", body, headers })).status;
  }, [path, JSON.stringify(body)] as const);
  if (status >= 300) throw new Error(`Cannot post to ${path}: the server answered ${status}`);
}
