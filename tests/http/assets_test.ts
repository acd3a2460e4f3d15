import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Assets } from "../../http/assets.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

const TEXT = "body { color: green }\n".repeat(100);

/** Runs a test with the assets of a folder that has one file of each kind. */
async function withAssets(test: (assets: Assets) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/deep/er`, { recursive: true });
    await Deno.writeTextFile(`${folder}/style.css`, TEXT);
    await Deno.writeTextFile(`${folder}/small.js`, "export {};\n");
    await Deno.writeTextFile(`${folder}/deep/er/module.js`, "// deep\n".repeat(100));
    await Deno.writeTextFile(`${folder}/icon.svg`, "<svg/>".repeat(100));
    await Deno.writeFile(`${folder}/image.png`, new Uint8Array(1000));
    await Deno.writeFile(`${folder}/odd.xyzzy`, new Uint8Array(10));
    await test(await Assets.load({ "": new URL(`file://${folder}/`) }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function get(
  assets: Assets,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: Headers; bytes: Uint8Array }> {
  const request = new Request("http://localhost/", { headers, method });
  const response = await assets.respond(request, path);
  assert(response !== undefined, `nothing at ${path}`);
  const { status, headers: answered } = response;
  return { status, headers: answered, bytes: new Uint8Array(await response.arrayBuffer()) };
}

Deno.test("Assets.respond() serves files with their types", async () => {
  await withAssets(async (assets) => {
    const { status, headers, bytes } = await get(assets, "style.css");
    assertEquals(status, 200);
    assertEquals(headers.get("content-type"), "text/css; charset=UTF-8");
    assertEquals(headers.get("content-length"), String(TEXT.length));
    assertEquals(headers.get("cache-control"), "no-cache");
    assertEquals(new TextDecoder().decode(bytes), TEXT);
    const odd = await get(assets, "odd.xyzzy");
    assertEquals(odd.headers.get("content-type"), "application/octet-stream");
    assertEquals((await get(assets, "deep/er/module.js")).status, 200);
  });
});

Deno.test("Assets.respond() finds nothing outside of its folder", async () => {
  await withAssets(async (assets) => {
    const request = new Request("http://localhost/");
    for (
      const path of ["", "nothing.css", "../style.css", "/style.css", "deep", "deep/", "__proto__"]
    ) {
      assertEquals(await assets.respond(request, path), undefined);
    }
  });
});

Deno.test("Assets.respond() compresses files that get smaller, with an encoding that the client accepts", async () => {
  await withAssets(async (assets) => {
    const brotli = await get(assets, "style.css", { "accept-encoding": "gzip, deflate, br" });
    assertEquals(brotli.headers.get("content-encoding"), "br");
    assertEquals(brotli.headers.get("content-length"), String(brotli.bytes.length));
    assertEquals(String(brotliDecompressSync(brotli.bytes)), TEXT);
    const gzip = await get(assets, "style.css", { "accept-encoding": "gzip" });
    assertEquals(gzip.headers.get("content-encoding"), "gzip");
    assertEquals(String(gunzipSync(gzip.bytes)), TEXT);
    const again = await get(assets, "style.css", { "accept-encoding": "gzip" });
    assertEquals(again.bytes, gzip.bytes);
    for (
      const [path, accepted] of [
        ["style.css", "identity"],
        ["style.css", "zstd, identity;q=0"],
        ["small.js", "br"],
        ["image.png", "br"],
      ] as const
    ) {
      const plain = await get(assets, path, { "accept-encoding": accepted });
      assertEquals(plain.headers.get("content-encoding"), null, path);
    }
    const svg = await get(assets, "icon.svg", { "accept-encoding": "br" });
    assertEquals(svg.headers.get("content-encoding"), "br");
  });
});

Deno.test("Assets.respond() answers 304 if the client has the file, compressed or not", async () => {
  await withAssets(async (assets) => {
    const { headers } = await get(assets, "style.css", { "accept-encoding": "br" });
    const etag = headers.get("etag") ?? "";
    assert(etag.startsWith(`W/"`), etag);
    const fresh = await get(assets, "style.css", { "if-none-match": etag });
    assertEquals([fresh.status, fresh.bytes.length], [304, 0]);
    assertEquals(fresh.headers.get("etag"), etag);
    assertEquals((await get(assets, "style.css", { "if-none-match": `W/"other"` })).status, 200);
    assertEquals((await get(assets, "small.js", { "if-none-match": etag })).status, 200);
  });
});

Deno.test("Assets.respond() answers HEAD with the same headers and no body", async () => {
  await withAssets(async (assets) => {
    const { status, headers, bytes } = await get(assets, "style.css", {}, "HEAD");
    assertEquals([status, bytes.length], [200, 0]);
    assertEquals(headers.get("content-length"), String(TEXT.length));
  });
});

Deno.test("Assets.load() rejects if there is no such folder", async () => {
  await assertRejects(
    () => Assets.load({ "": new URL("file:///nowhere/at/all/") }),
    Deno.errors.NotFound,
  );
});
