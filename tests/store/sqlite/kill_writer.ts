/**
 * A process that commits messages as fast as it can and reports each committed `seq`, to be killed by
 * `kill_test.ts`. Arguments: the data directory, and the number of the first message.
 *
 * @module
 */
import { openSqliteStore } from "../../../store/sqlite/store.ts";
import { message } from "../conformance.ts";

const [dir = "", first = "1"] = Deno.args;
const store = await openSqliteStore({ dir, sync: "full" });
const batches: Promise<void>[] = [];
for (let next = Number(first);;) {
  const texts = Array.from({ length: 1 + next % 97 }, () => `number ${next++}`);
  const batch = texts.map((text) => message("lobby", text, { id: text }));
  batches.push(
    store.commit(batch).then((outcomes) => console.log(outcomes.join(" "))),
  );
  if (batches.length > 1) await batches.shift();
}
