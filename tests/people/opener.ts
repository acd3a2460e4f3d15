/**
 * A process that opens a directory again and again, adds a user each time, and reports how many it could
 * add. For `kill_test.ts`. Arguments: the data directory, and what tells its users from those of others.
 *
 * @module
 */
import { openSqlitePeople } from "../../people/sqlite/store.ts";
import { member } from "./conformance.ts";

const [dir = "", own = ""] = Deno.args;
let added = 0;
for (let round = 0; round < 50; round++) {
  const people = await openSqlitePeople({ dir, sync: "full" });
  if (await people.add(member(`user${own}-${round}`))) added++;
  await people.close();
}
console.log(added);
