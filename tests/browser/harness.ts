/**
 * Browser tests: Chromium driven by playwright-core against a real server. Where there is no
 * Chromium they are skipped and say why, unless `TEST_REQUIRE` names `browser`: then they fail.
 *
 * All tests of one `deno test` module share one browser, which is started by the first of them and closed
 * after the last. The browser ends with this process, however that ends: it is driven through a pipe.
 *
 * @module
 */
import type { Browser, BrowserContextOptions, BrowserType, Page } from "playwright-core";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { FlakyProxy } from "../support/flaky_proxy.ts";
import { Guest } from "./guest.ts";
import { Person } from "./person.ts";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Milliseconds that a whole test may take: the deadline of what has no nearer one. */
const TEST_DEADLINE = 10 * DEADLINE;

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A headless window still renders its toolbar and tabs, as pages of their own; without them it opens in
  // two thirds of the time.
  "--disable-features=InitialWebUI,WebUIReloadButton,WebUIToolbarButton,WebUITabStrip,TabStripWebUI," +
  "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,WebUILocationBar,WebUIHomeButton," +
  "WebUIBackForwardButton",
];

const required = (Deno.env.get("TEST_REQUIRE") ?? "").split(",").includes("browser");
const executable = findChromium();
const driver = await loadDriver();
/** Why the tests cannot run; empty if they can. */
const obstacle = executable === undefined
  ? "no Chromium found; set CHROMIUM to its path"
  : typeof driver === "string"
  ? driver
  : "";
let browser: Promise<Browser> | undefined;
if (obstacle !== "" && !required) console.log(`Browser tests are skipped: ${obstacle}`);

/** The driver looks at files under /proc when it is loaded, which Deno allows only with all permissions. */
async function loadDriver(): Promise<BrowserType | string> {
  try {
    return (await import("playwright-core")).chromium;
  } catch (error) {
    return `playwright-core cannot be loaded: ${error instanceof Error ? error.message : error}`;
  }
}

function findChromium(): string | undefined {
  const named = Deno.env.get("CHROMIUM");
  return [...(named ? [named] : []), ...CANDIDATES].find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** The browser of all tests. Started again if it crashed. */
async function openBrowser(): Promise<Browser> {
  if (typeof driver === "string") throw new Error(driver);
  const running = await browser;
  if (running?.isConnected()) return running;
  return await (browser = driver.launch({
    executablePath: executable ?? "",
    args: CHROMIUM_FLAGS,
    timeout: DEADLINE,
  }));
}

/** What a test is given: servers, proxies and people. All of them are closed at its end. */
export class Stage {
  #closers = new AsyncDisposableStack();
  #people: Person[] = [];

  /** Registers something to be undone at the end, last first. */
  after(close: () => unknown): void {
    this.#closers.defer(async () => {
      await within(DEADLINE, `the end of a test: ${close}`, Promise.resolve(close()));
    });
  }

  /** Starts a server in this process with these flags of `hubbub serve`, each followed by its value. */
  async server(...flags: string[]): Promise<TestServer> {
    const server = await startTestServer(...flags);
    this.after(() => server.stop("the test is over"));
    return server;
  }

  proxy(server: { url: string }): FlakyProxy {
    const proxy = new FlakyProxy(Number(new URL(server.url).port));
    this.after(() => proxy.stop());
    return proxy;
  }

  /** Opens a browser profile of its own at an address. */
  async visitor(url: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await (await openBrowser()).newContext({
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      reducedMotion: "reduce", // drawing what moves is most of the work where there is no GPU
      ...options,
    });
    context.setDefaultTimeout(DEADLINE);
    this.after(() => context.close());
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
    await page.goto(url);
    const person = new Person(page, errors);
    this.#people.push(person);
    return person;
  }

  /** Somebody who has entered a room already. */
  async person(
    server: { url: string },
    name: string,
    { room = "lobby", ...options }: BrowserContextOptions & { room?: string } = {},
  ): Promise<Person> {
    const person = await this.visitor(`${server.url}#${room}`, options);
    await person.enters(name);
    return person;
  }

  /** Somebody who talks without a browser, in a room. */
  async guest(server: TestServer, name: string, room = "lobby"): Promise<Guest> {
    const guest = await Guest.enter(server, name, room);
    this.after(() => guest.leaves());
    return guest;
  }

  /** Saves what everybody saw when a test failed, if `HUBBUB_PICTURES` names a folder. */
  async picture(name: string): Promise<void> {
    const folder = Deno.env.get("HUBBUB_PICTURES");
    if (folder === undefined) return;
    for (const [index, { page }] of this.#people.entries()) {
      const path = `${folder}/${name.replace(/\W+/g, "-")}-${index + 1}.png`;
      await page.screenshot({ path }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    await this.#closers.disposeAsync();
    const errors = this.#people.flatMap((person) => person.errors);
    if (errors.length > 0) throw new Error(`The page threw: ${errors.join("\n")}`);
  }
}

/**
 * Waits in the page until `holds` does, for at most {@link DEADLINE}. Playwright's `waitForFunction` cannot:
 * it evaluates its text again for every look, which a `Content-Security-Policy` without `unsafe-eval` forbids
 * from the second look on.
 */
export function until<Value>(
  page: Page,
  holds: (value: Value) => boolean,
  value?: Value,
): Promise<void> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const holds = ${holds}, value = ${JSON.stringify(value)};
    const deadline = performance.now() + ${DEADLINE};
    const look = () => {
      if (holds(value)) return resolve();
      if (performance.now() > deadline) return reject(new Error("Waited ${DEADLINE} ms until " + holds));
      requestAnimationFrame(look);
    };
    look();
  })`);
}

/** A test named as what a person does. */
export function browserTest(name: string, run: (stage: Stage) => Promise<void>): void {
  Deno.test({
    name,
    ignore: obstacle !== "" && !required,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      if (obstacle !== "") throw new Error(`Cannot run browser tests: ${obstacle}`);
      const stage = new Stage();
      try {
        await within(TEST_DEADLINE, `the end of the test "${name}"`, run(stage));
      } catch (error) {
        await stage.picture(name);
        throw error;
      } finally {
        await stage.close();
      }
    },
  });
}

Deno.test.afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});
