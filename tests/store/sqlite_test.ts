/** The SQLite store against the contract. */
import { openSqliteStore } from "../../store/sqlite.ts";
import { testConformance } from "./conformance.ts";
import { messageCases } from "./message_cases.ts";
import { readingCases } from "./reading_cases.ts";
import { searchCases } from "./search_cases.ts";

testConformance(
  "openSqliteStore()",
  () => openSqliteStore({ dir: Deno.makeTempDirSync({ prefix: "hubbub-" }), sync: "full" }),
  [...messageCases, ...readingCases, ...searchCases],
);
