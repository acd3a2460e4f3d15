import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { browserTest, type Stage, until } from "./harness.ts";

const FOLDER = new URL("../../docs/examples/", import.meta.url);

/** Serves the examples on a host of their own, as people try them; resolves to its address. */
function serveExamples(stage: Stage): string {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const page = await Deno.readTextFile(new URL(`.${pathname}`, FOLDER)).catch(() => undefined);
    const headers = { "content-type": "text/html" };
    return page === undefined
      ? new Response(null, { status: 404 })
      : new Response(page, { headers });
  });
  stage.after(() => server.shutdown());
  return `http://127.0.0.1:${server.addr.port}`;
}

/** A server that takes pages from anywhere; its address for a WebSocket. */
async function serveChat(stage: Stage): Promise<string> {
  const server = await stage.server("--allow-origin", "*");
  return server.ws("/");
}

Deno.test("docs/examples have under 60 lines each", async () => {
  const pages = [...Deno.readDirSync(FOLDER)].map(({ name }) => name);
  assertEquals(pages.sort(), ["chat.html", "relay.html"]);
  for (const page of pages) {
    const text = await Deno.readTextFile(new URL(page, FOLDER));
    assert(text.trimEnd().split("\n").length < 60, page);
    assert(!/innerHTML =|insertAdjacentHTML|document\.write/.test(text), page);
  }
});

browserTest("chat.html is a chat", async (stage) => {
  const [examples, chat] = [serveExamples(stage), await serveChat(stage)];
  const people = [];
  for (const name of ["ann", "bob"]) {
    const { page } = await stage.visitor(`${examples}/chat.html`);
    assertMatch(await page.getByLabel("Server").inputValue(), /^ws:\/\/127\.0\.0\.1:\d+$/);
    await page.getByLabel("Server").fill(chat);
    await page.getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByText(`* ${name} is here`).waitFor();
    people.push(page);
  }
  const [ann, bob] = people;
  assert(ann !== undefined && bob !== undefined);
  const hostile = "<img src=x onerror=alert(1)>";
  await ann.getByLabel("Message").fill(hostile);
  await ann.keyboard.press("Enter");
  for (const page of [ann, bob]) await page.getByText(`] ann: ${hostile}`).waitFor();
  assertEquals(await bob.locator("img").count(), 0);
  await bob.getByLabel("Message").fill("hello ann");
  await bob.getByRole("button", { name: "Send" }).click();
  await ann.getByText("] bob: hello ann").waitFor();
  await bob.close();
  await ann.getByText("* bob has left (1 in all)").waitFor();
});

browserTest(
  "relay.html draws what anybody draws, and survives what is no drawing",
  async (stage) => {
    const [examples, chat] = [serveExamples(stage), await serveChat(stage)];
    const pages = [];
    for (let count = 0; count < 2; count++) {
      const { page } = await stage.visitor(`${examples}/relay.html`);
      await page.getByLabel("Server").fill(chat);
      await page.getByRole("button", { name: "Connect" }).click();
      await page.getByText("Connected: draw").waitFor();
      pages.push(page);
    }
    const [ann, bob] = pages;
    assert(ann !== undefined && bob !== undefined);
    // Once this connection has been closed in good order, all that it sent was passed on.
    const sent = bob.evaluate((url) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.onopen = () => {
          for (const frame of ["no JSON", "null", "[1]", new Uint8Array(9)]) socket.send(frame);
          socket.close();
        };
        socket.onclose = resolve;
      }), new URL("/relay/drawing", chat).href);
    await within(DEADLINE, "the end of a relay's connection", sent);
    const inked = () => {
      const canvas = document.querySelector("canvas");
      const pixels = canvas?.getContext("2d")?.getImageData(90, 90, 120, 120).data ?? [];
      return pixels.some((value) => value > 0);
    };
    assertEquals(await ann.evaluate(inked), false);
    await ann.locator("canvas").hover({ position: { x: 100, y: 100 } });
    await ann.mouse.down();
    await ann.locator("canvas").hover({ position: { x: 200, y: 200 } });
    await ann.mouse.up();
    await until(bob, inked);
    await until(ann, inked);
  },
);
