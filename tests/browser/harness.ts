/**
 * Browser tests: Chromium driven by playwright-core against a real server. Where there is no
 * Chromium they are skipped and say why, unless `TEST_REQUIRE` names `browser`: then they fail.
 *
 * @module
 */
import type { Browser, BrowserContextOptions, BrowserType, Page } from "playwright-core";
import { Person } from "./person.ts";
import { RoughLine } from "./rough_line.ts";
import { ServerProcess } from "./server_process.ts";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Nothing that a person waits for takes longer than this, in milliseconds. */
const PATIENCE = 15_000;

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
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
let browser: Browser | undefined;
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

/** What a test is given. Everything is closed after it. */
export class Stage {
  #closers: (() => unknown)[] = [];
  #people: Person[] = [];

  /** Registers something to be undone at the end, last first. */
  after(close: () => unknown): void {
    this.#closers.push(close);
  }

  async server(options: Parameters<typeof ServerProcess.start>[0] = {}): Promise<ServerProcess> {
    const server = await ServerProcess.start(options);
    this.after(() => server.stop());
    return server;
  }

  line(server: ServerProcess): RoughLine {
    const line = new RoughLine(server.port);
    this.after(() => line.stop());
    return line;
  }

  /** Opens a browser of its own at an address. */
  async visitor(url: string, options: BrowserContextOptions = {}): Promise<Person> {
    if (typeof driver === "string") throw new Error(driver);
    browser ??= await driver.launch({ executablePath: executable ?? "", args: QUIET });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
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
    const person = await this.visitor(`${server.url}/#${room}`, options);
    await person.enters(name);
    return person;
  }

  /** Keeps what everybody saw when a test failed, if `HUBBUB_PICTURES` names a folder. */
  async picture(name: string): Promise<void> {
    const folder = Deno.env.get("HUBBUB_PICTURES");
    if (folder === undefined) return;
    for (const [index, { page }] of this.#people.entries()) {
      const path = `${folder}/${name.replace(/\W+/g, "-")}-${index + 1}.png`;
      await page.screenshot({ path }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    const errors = this.#people.flatMap((person) => person.errors);
    if (errors.length > 0) throw new Error(`The page threw: ${errors.join("\n")}`);
  }
}

/**
 * Waits in the page until `holds` does, for at most {@link PATIENCE}. Playwright's `waitForFunction` cannot:
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
    const patience = performance.now() + ${PATIENCE};
    const look = () => {
      if (holds(value)) return resolve();
      if (performance.now() > patience) return reject(new Error("Waited in vain until " + holds));
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
        await run(stage);
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
  await browser?.close();
  browser = undefined;
});
