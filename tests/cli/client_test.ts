import { join } from "node:path";
import { findIdentity } from "../../cli/client.ts";
import { parseServerUrl, type ServerUrl } from "../../cli/server_url.ts";
import { saveSession } from "../../cli/session_file.ts";
import { Secret } from "../../config/secret.ts";
import { assert, assertEquals } from "../support/assert.ts";

const token = new Secret("t".repeat(20));

/** Runs `test` with the file of somebody who is logged in to `chat.example.org` as Ann. */
function withAnn(test: (url: ServerUrl, path: string) => void): void {
  const dir = Deno.makeTempDirSync();
  try {
    const path = join(dir, "hubbub", "sessions.json");
    const url = parseServerUrl("https://chat.example.org");
    assert(url !== undefined);
    saveSession(url.base, { session: new Secret("secret"), user: { id: "a", name: "Ann" } }, path);
    test(url, path);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("findIdentity() takes the session of hubbub login, by whichever URL of the server", () =>
  withAnn((_url, path) => {
    for (const text of ["https://chat.example.org/#kitchen", "wss://chat.example.org/ws"]) {
      const url = parseServerUrl(text);
      assert(url !== undefined);
      const { name, session } = findIdentity(url, { name: undefined, token: undefined }, path);
      assertEquals([name, session?.reveal()], ["Ann", "secret"]);
    }
  }));

Deno.test("findIdentity() takes the session for its own name, and makes a guest of another one", () =>
  withAnn((url, path) => {
    const same = findIdentity(url, { name: "ann", token: undefined }, path);
    assertEquals([same.name, same.session?.reveal()], ["Ann", "secret"]);
    assertEquals(findIdentity(url, { name: "ci", token: undefined }, path), { name: "ci" });
  }));

Deno.test("findIdentity() prefers a token, and does not look at the sessions then", () =>
  withAnn((url, path) => {
    Deno.writeTextFileSync(path, "damaged");
    assertEquals(findIdentity(url, { name: "ci", token }, path), { name: "ci", token });
  }));

Deno.test("findIdentity() is a guest where nobody has logged in", () =>
  withAnn((_url, path) => {
    const url = parseServerUrl("http://chat.example.org");
    assert(url !== undefined);
    assertEquals(findIdentity(url, { name: "ci", token: undefined }, path), { name: "ci" });
  }));
