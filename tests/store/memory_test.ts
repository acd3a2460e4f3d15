/** The memory store against the contract, and what is its own. */
import { assertEquals, assertNotEquals, assertRejects } from "../support/assert.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import { testConformance } from "./conformance.ts";
import { messageCases } from "./message_cases.ts";
import { readingCases } from "./reading_cases.ts";
import { searchCases } from "./search_cases.ts";

testConformance("createMemoryStore()", (run) => run(createMemoryStore()), [
  ...messageCases,
  ...readingCases,
  ...searchCases,
]);

Deno.test("createMemoryStore() has the epoch it was given, else a random one", () => {
  assertEquals(createMemoryStore({ epoch: "e" }).epoch, "e");
  assertNotEquals(createMemoryStore().epoch, createMemoryStore().epoch);
});

Deno.test("MemoryStore.close() may be called twice; then everything is refused", async () => {
  const store = createMemoryStore();
  await store.close();
  await store.close();
  await assertRejects(() => store.commit([]), Error, "Cannot use the store: it is closed");
});
