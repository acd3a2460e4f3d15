import { join } from "node:path";
import { StartError } from "../../config/errors.ts";
import { Secret } from "../../config/secret.ts";
import {
  checkSessionFile,
  forgetSession,
  readSession,
  saveSession,
  sessionPath,
} from "../../cli/session_file.ts";
import {
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";

const SERVER = "https://chat.example.org/";
const OTHER = "http://localhost:8080/";
const ANN = { session: new Secret("secret-of-ann"), user: { id: "a", name: "Ann" } };
const BO = { session: new Secret("secret-of-bo"), user: { id: "b", name: "Bo" } };

const ON_UNIX = Deno.build.os !== "windows";

/** Runs `test` with the path of a file that does not exist yet, nor does its directory. */
function withPath(test: (path: string) => void): void {
  const dir = Deno.makeTempDirSync();
  try {
    test(join(dir, "config", "hubbub", "sessions.json"));
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

function secretAt(server: string, path: string): string | undefined {
  return readSession(server, path)?.session.reveal();
}

Deno.test("saveSession() keeps one session a server", () =>
  withPath((path) => {
    saveSession(SERVER, ANN, path);
    saveSession(OTHER, BO, path);
    assertEquals(readSession(SERVER, path), ANN);
    assertEquals([secretAt(SERVER, path), secretAt(OTHER, path)], [
      "secret-of-ann",
      "secret-of-bo",
    ]);
    saveSession(SERVER, BO, path);
    assertEquals([secretAt(SERVER, path), secretAt(OTHER, path)], ["secret-of-bo", "secret-of-bo"]);
  }));

Deno.test("saveSession() tells which session it has replaced", () =>
  withPath((path) => {
    assertEquals(saveSession(SERVER, ANN, path), undefined);
    assertEquals(saveSession(SERVER, BO, path)?.reveal(), "secret-of-ann");
  }));

/** Saves sessions in another thread; resolves when it has. */
function saveElsewhere(path: string, prefix: string): Promise<void> {
  const worker = new Worker(new URL("session_worker.ts", import.meta.url), { type: "module" });
  const done = Promise.withResolvers<void>();
  worker.onmessage = () => done.resolve();
  worker.onerror = ({ message }) => done.reject(new Error(message));
  worker.postMessage({ path, prefix, count: 50 });
  return within(DEADLINE, `sessions of ${prefix} to be saved`, done.promise)
    .finally(() => worker.terminate());
}

Deno.test("saveSession() loses nothing that is saved at the same moment", async () => {
  const dir = Deno.makeTempDirSync();
  try {
    const path = join(dir, "hubbub", "sessions.json");
    await Promise.all(["a", "b"].map((prefix) => saveElsewhere(path, prefix)));
    assertEquals(Object.keys(JSON.parse(Deno.readTextFileSync(path))).length, 100);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("readSession() finds nothing where there is no file, no place, or no such server", () =>
  withPath((path) => {
    assertEquals(readSession(SERVER, path), undefined);
    assertEquals(readSession(SERVER, ""), undefined);
    saveSession(OTHER, BO, path);
    assertEquals(readSession(SERVER, path), undefined);
    assertEquals(readSession("constructor", path), undefined);
  }));

Deno.test("forgetSession() removes the one and leaves the others", () =>
  withPath((path) => {
    forgetSession(SERVER, path);
    assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
    saveSession(SERVER, ANN, path);
    saveSession(OTHER, BO, path);
    forgetSession(SERVER, path);
    assertEquals([secretAt(SERVER, path), secretAt(OTHER, path)], [undefined, "secret-of-bo"]);
    assertFalse(Deno.readTextFileSync(path).includes("secret-of-ann"));
  }));

Deno.test({
  name: "saveSession() makes file and directory for the user alone, and leaves nothing else",
  ignore: !ON_UNIX,
  fn: () =>
    withPath((path) => {
      saveSession(SERVER, ANN, path);
      saveSession(SERVER, BO, path);
      const modes = [path, join(path, "..")].map((one) => (Deno.statSync(one).mode ?? 0) & 0o777);
      assertEquals(modes, [0o600, 0o700]);
      const names = [...Deno.readDirSync(join(path, ".."))].map(({ name }) => name);
      assertEquals(names, ["sessions.json"]);
    }),
});

Deno.test({
  name: "readSession() refuses a file that others can read or write, and says how to mend it",
  ignore: !ON_UNIX,
  fn: () =>
    withPath((path) => {
      saveSession(SERVER, ANN, path);
      for (const mode of [0o640, 0o604, 0o620, 0o602]) {
        Deno.chmodSync(path, mode);
        for (
          const use of [
            () => readSession(SERVER, path),
            () => saveSession(SERVER, BO, path),
            () => forgetSession(SERVER, path),
            () => checkSessionFile(path),
          ]
        ) assertStringIncludes(assertThrows(use, StartError).message, "chmod 600");
      }
      Deno.chmodSync(path, 0o600);
      assertEquals(secretAt(SERVER, path), "secret-of-ann");
    }),
});

Deno.test("readSession() refuses a damaged file and shows nothing of it", () =>
  withPath((path) => {
    saveSession(SERVER, ANN, path);
    const damaged = [
      "",
      "[]",
      "null",
      `{"${SERVER}": {"session": "secret-of-ann"`,
      `{"${SERVER}": "secret-of-ann"}`,
      `{"${SERVER}": {"session": "secret-of-ann", "user": null}}`,
      `{"${SERVER}": {"session": 1, "user": {"id": "a", "name": "Ann"}}}`,
    ];
    for (const text of damaged) {
      Deno.writeTextFileSync(path, text);
      const { message } = assertThrows(() => readSession(SERVER, path), StartError, "damaged");
      assertFalse(message.includes("secret-of-ann"), message);
      assertThrows(() => saveSession(SERVER, BO, path), StartError, "damaged");
    }
  }));

Deno.test("saveSession() says why it cannot write", () =>
  withPath((path) => {
    assertThrows(() => saveSession(SERVER, ANN, ""), StartError, "set ");
    Deno.writeTextFileSync(join(path, "../.."), "a file where the directory should be");
    assertThrows(() => saveSession(SERVER, ANN, path), StartError, "the sessions in ");
  }));

Deno.test("sessionPath() follows the directories of the system", () => {
  const table: [Record<string, string>, string, string][] = [
    [{ HOME: "/home/ann" }, "linux", "/home/ann/.config/hubbub/sessions.json"],
    [{ HOME: "/home/ann", XDG_CONFIG_HOME: "/x" }, "linux", "/x/hubbub/sessions.json"],
    [{ HOME: "/h", XDG_CONFIG_HOME: "relative" }, "linux", "/h/.config/hubbub/sessions.json"],
    [{ HOME: "/h", XDG_CONFIG_HOME: "" }, "darwin", "/h/.config/hubbub/sessions.json"],
    [{ APPDATA: "/roaming", HOME: "/h" }, "windows", "/roaming/hubbub/sessions.json"],
    [{ HOME: "" }, "linux", ""],
    [{ HOME: "/h" }, "windows", ""],
  ];
  for (const [variables, os, expected] of table) {
    const path = sessionPath((name) => variables[name], os);
    assertEquals(path.replaceAll("\\", "/"), expected);
  }
});
