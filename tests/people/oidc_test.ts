/** What `OidcSignIn` refuses to start with. How it signs in: tests/http/accounts/oidc_test.ts. */
import { StartError } from "../../config/errors.ts";
import { Identities } from "../../people/identities.ts";
import { OidcSignIn } from "../../people/oidc.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";
import { createMemoryPeople } from "./fake_store.ts";

function create(issuer: string): OidcSignIn {
  const store = createMemoryPeople();
  const options = { issuer, clientId: "hubbub", mayRegister: true };
  return new OidcSignIn(store, new Identities(store), options);
}

Deno.test("OidcSignIn takes providers by https, and by http on this machine", () => {
  for (
    const issuer of [
      "https://idp.example/realms/a",
      "http://localhost:3000",
      "http://127.0.0.1:3000",
      "http://[::1]:3000",
    ]
  ) create(issuer);
});

for (const issuer of ["http://idp.example", "http://127.0.0.1.evil.example", "idp.example", ""]) {
  Deno.test(`OidcSignIn refuses the issuer "${issuer}"`, () => {
    assertEquals(
      assertThrows(() => create(issuer), StartError).message,
      `Cannot use OpenID provider: --oidc-issuer must be an https URL, received "${issuer}"`,
    );
  });
}
