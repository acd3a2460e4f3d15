/**
 * A process that adds users as fast as it can and reports each that was added, to be killed by
 * `kill_test.ts`. Arguments: the data directory, and the number of the first user.
 *
 * @module
 */
import { openSqlitePeople } from "../../people/sqlite/store.ts";
import { member } from "./conformance.ts";

const [dir = "", first = "1"] = Deno.args;
const people = await openSqlitePeople({ dir, sync: "full" });
const groups: Promise<void>[] = [];
for (let next = Number(first);;) {
  const numbers = Array.from({ length: 1 + next % 17 }, () => next++);
  const adding = numbers.map((number) => people.add(member(`user${number}`)));
  groups.push(Promise.all(adding).then(() => console.log(numbers.join(" "))));
  if (groups.length > 1) await groups.shift();
}
