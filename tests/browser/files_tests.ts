import { assert, assertEquals } from "../support/assert.ts";
import { Buffer } from "node:buffer";
import { DEADLINE, within } from "../support/within.ts";
import { browserTest } from "./harness.ts";
import type { Person } from "./person.ts";

/** A picture of one red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const picture = { name: "red.png", mimeType: "image/png", buffer: PNG };
const notes = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("tea at four\n") };

function choose(person: Person, files: (typeof picture)[]): Promise<void> {
  return person.page.locator("input[type=file]").setInputFiles(files);
}

/** Hands a file to the page as the browser does on a drop or a paste. */
function hand(person: Person, event: "drop" | "paste"): Promise<void> {
  return person.page.locator(".main").evaluate((main, event) => {
    const data = new DataTransfer();
    data.items.add(new File(["handed over"], `${event}.txt`, { type: "text/plain" }));
    const how = { bubbles: true, cancelable: true };
    const target = event === "drop" ? main : main.querySelector("#composer") ?? main;
    target.dispatchEvent(
      event === "drop"
        ? new DragEvent("drop", { ...how, dataTransfer: data })
        : new ClipboardEvent("paste", { ...how, clipboardData: data }),
    );
  }, event);
}

browserTest("chosen files arrive, pictures with a preview, others as cards", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const bob = await stage.person(server, "bob");
  await choose(ann, [picture, notes]);
  const preview = bob.log.locator(".preview img");
  await preview.waitFor();
  assertEquals(
    await preview.evaluate((image: HTMLImageElement) => image.decode().then(() => 1)),
    1,
  );
  const card = bob.log.locator(".card", { hasText: "notes.txt" });
  await card.getByText("12 bytes").waitFor();
  const [download] = await Promise.all([bob.page.waitForEvent("download"), card.click()]);
  assertEquals(download.suggestedFilename(), "notes.txt");
  assertEquals(await Deno.readTextFile(await download.path()), "tea at four\n");
  await preview.click();
  await bob.page.locator("dialog.viewer img").waitFor();
  await bob.page.keyboard.press("Escape");
  await bob.page.locator("dialog.viewer").waitFor({ state: "hidden" });
});

browserTest("files are dropped and pasted into a room", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await hand(ann, "drop");
  await ann.log.locator(".card", { hasText: "drop.txt" }).waitFor();
  await hand(ann, "paste");
  await ann.log.locator(".card", { hasText: "paste.txt" }).waitFor();
});

browserTest("an upload shows its progress and can be cancelled", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  const stalled = Promise.withResolvers<void>();
  await ann.page.route("**/files?*", () => stalled.resolve());
  await choose(ann, [notes]);
  await within(DEADLINE, "the upload's request", stalled.promise);
  await ann.page.getByRole("progressbar", { name: "notes.txt" }).waitFor();
  await ann.page.getByRole("button", { name: /^Cancel the upload/ }).click();
  await ann.page.locator(".upload").waitFor({ state: "detached" });
  await ann.page.unrouteAll();
  await ann.says("no file");
  await ann.sees("no file");
  assertEquals(await ann.log.locator(".card").count(), 0);
});

browserTest("an upload that fails can be tried again", async (stage) => {
  const server = await stage.server();
  const ann = await stage.person(server, "ann");
  await ann.page.route("**/files?*", (route) => route.abort());
  await choose(ann, [notes]);
  const failed = ann.page.locator('.upload[data-state="failed"]');
  await failed.waitFor();
  await ann.page.unrouteAll();
  await failed.getByRole("button", { name: "Try again" }).click();
  await ann.log.locator(".card", { hasText: "notes.txt" }).waitFor();
  assert(await failed.count() === 0);
});
