import { assert, assertEquals } from "../support/assert.ts";
import { browserTest } from "./harness.ts";

/** Most that the page may weigh, compressed, in bytes. */
const BUDGET = 150_000;

browserTest("the page is light, complete and from this server alone", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor("about:blank");
  const session = await ann.context.newCDPSession(ann.page);
  await session.send("Network.enable");
  let weight = 0;
  session.on(
    "Network.loadingFinished",
    ({ encodedDataLength }) => void (weight += encodedDataLength),
  );
  const hosts = new Set<string>();
  const failed: string[] = [];
  ann.page.on("request", (request) => hosts.add(new URL(request.url()).host));
  ann.page.on("response", (response) => {
    if (response.status() >= 400) failed.push(response.url());
  });
  const complaints: string[] = [];
  ann.page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await ann.page.goto(server.url);
  await ann.enters("ann");
  assertEquals([...hosts], [new URL(server.url).host]);
  assertEquals(failed, []);
  assertEquals(complaints, []);
  assert(weight > 0 && weight < BUDGET, `${weight} bytes`);
});

browserTest("the page can be installed", async (stage) => {
  const server = await stage.server();
  const ann = await stage.visitor(server.url);
  const { manifest, sizes } = await ann.page.evaluate(async () => {
    const link = document.querySelector("link[rel=manifest]")?.getAttribute("href") ?? "";
    const address = new URL(link, location.href);
    const manifest = await (await fetch(address)).json();
    const sizes = await Promise.all(manifest.icons.map(async ({ src }: { src: string }) => {
      const image = new Image();
      image.src = new URL(src, address).href;
      await image.decode();
      return `${image.naturalWidth}`;
    }));
    return { manifest, sizes };
  });
  assertEquals(manifest.display, "standalone");
  assertEquals(sizes.slice(1), ["192", "512", "512"]);
});
