import { Secret } from "../../config/config.ts";
import { StartError } from "../../config/errors.ts";
import { ensureBots } from "../../people/bots.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { PeopleHarness } from "./people_harness.ts";

const BUILD = { name: "Build", secret: new Secret("build-secret") };

Deno.test("ensureBots() makes each bot once, whatever its token is", async () => {
  const { store } = new PeopleHarness();
  const [first] = await ensureBots(store, [BUILD]);
  const [second] = await ensureBots(store, [{ ...BUILD, secret: new Secret("another one") }]);
  assertEquals(second?.id, first?.id);
  assert(second?.digest !== undefined && first?.digest !== undefined);
  assert(Deno.inspect(second.digest) !== Deno.inspect(first.digest));
  const user = await store.findByName("build");
  assertEquals([user?.id, user?.role, user?.remembered], [first.id, "bot", true]);
});

Deno.test("ensureBots() leaves the user of a token that is no longer there", async () => {
  const { store } = new PeopleHarness();
  await ensureBots(store, [BUILD]);
  assertEquals(await ensureBots(store, []), []);
  assert(await store.findByName("Build") !== undefined);
});

Deno.test("ensureBots() refuses a name that somebody else has, and says so", async () => {
  const people = new PeopleHarness();
  await people.add("build");
  const error = await assertRejects(() => ensureBots(people.store, [BUILD]), StartError, "Build");
  assert(error.message.includes("a user has this name"), error.message);
  assert(!error.message.includes("build-secret"));
});

Deno.test("ensureBots() takes over a bot that a crash left without its identity", async () => {
  const people = new PeopleHarness();
  const { id } = await people.add("Build", "bot");
  assertEquals((await ensureBots(people.store, [BUILD]))[0]?.id, id);
});
