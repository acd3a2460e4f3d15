/** The memory backend against the people contract. */
import { createMemoryPeople } from "../../people/memory/store.ts";
import { administrationCases } from "./administration_cases.ts";
import { testConformance } from "./conformance.ts";
import { credentialCases } from "./credential_cases.ts";
import { userCases } from "./user_cases.ts";
import { watchCases } from "./watch_cases.ts";

testConformance("createMemoryPeople()", (run) => run(createMemoryPeople()), [
  ...userCases,
  ...credentialCases,
  ...watchCases,
  ...administrationCases,
]);
