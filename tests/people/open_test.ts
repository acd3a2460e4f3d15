import { join } from "node:path";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { StartError } from "../../config/errors.ts";
import { openPeople } from "../../people/open.ts";
import { addAll, member, user } from "./conformance.ts";
import { withDir } from "./harness.ts";

Deno.test("openPeople() opens the backend that the configuration selects", () =>
  withDir(async (path) => {
    const memory = await openPeople({ data: { kind: "memory" }, sync: "full" });
    await addAll(memory, member("Ann"));
    await memory.close();
    assertEquals([...Deno.readDirSync(path)], []);
    const data = { kind: "directory", path } as const;
    let people = await openPeople({ data, sync: "full" });
    await addAll(people, user("Bob"));
    await people.visit("id-Bob", "Bob", 1000);
    await people.close();
    people = await openPeople({ data, sync: "normal" });
    assertEquals((await people.findByName("Bob"))?.id, "id-Bob");
    await people.close();
    people = await openPeople({ data, sync: "normal", serve: true });
    assertEquals(await people.findByName("Bob"), undefined);
    await people.close();
  }));

Deno.test("openPeople() explains why a data directory cannot be used", () =>
  withDir(async (dir) => {
    const path = join(dir, "people.db");
    Deno.writeTextFileSync(path, "Not a database. ".repeat(1000));
    const error = await assertRejects(
      () => openPeople({ data: { kind: "directory", path: dir }, sync: "full" }),
      StartError,
    );
    assertEquals(
      error.message,
      `Cannot open "${path}": it is damaged (file is not a database); restore it from a backup, ` +
        `or choose another directory with --data`,
    );
  }));
