/** The memory store against the contract, and its own behaviour. */
import { assertEquals, assertNotEquals, assertRejects } from "../support/assert.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import { testConformance } from "./conformance.ts";
import { messageCases } from "./message_cases.ts";
import { readingCases } from "./reading_cases.ts";
import { resendCases } from "./resend_cases.ts";
import { resumeCases } from "./resume_cases.ts";
import { roomCases } from "./room_cases.ts";
import { searchCases } from "./search_cases.ts";

testConformance("createMemoryStore()", (run) => run(createMemoryStore()), [
  ...messageCases,
  ...readingCases,
  ...resendCases,
  ...resumeCases,
  ...roomCases,
  ...searchCases,
]);

Deno.test("createMemoryStore() uses the given epoch, or a random one", () => {
  assertEquals(createMemoryStore({ epoch: "e" }).epoch, "e");
  assertNotEquals(createMemoryStore().epoch, createMemoryStore().epoch);
});

Deno.test("MemoryStore.close() is idempotent and ends all use", async () => {
  const store = createMemoryStore();
  await store.close();
  await store.close();
  await assertRejects(() => store.commit([]), Error, "Cannot use the store: it is closed");
});

Deno.test("createMemoryStore() has a run of its own, and knows of none before", () => {
  const store = createMemoryStore();
  assertNotEquals(store.run, createMemoryStore().run);
  assertEquals([store.previousRun, store.lastNoted], [undefined, undefined]);
});
