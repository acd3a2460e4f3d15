/**
 * Starts that cannot succeed: one line that says what to do, and the right exit code.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { runToEnd, ServerProcess } from "../support/server_process.ts";
import { startTestServer } from "../support/test_server.ts";

/** Starts a server that must end by itself; returns its exit code and the line that it wrote. */
async function attempt(...flags: string[]): Promise<{ code: number; line: string }> {
  const { code, stdout, stderr } = await runToEnd(["serve", ...flags]);
  assertEquals(stdout, "");
  const lines = stderr.trimEnd().split("\n");
  assertEquals(lines.length, 1, stderr);
  return { code, line: lines[0] ?? "" };
}

Deno.test("serve ends with 1 where the port is in use", async () => {
  await using other = await startTestServer();
  const { host } = new URL(other.url);
  const { code, line } = await attempt("--addr", host, "--data", ":memory:");
  assertEquals(code, 1);
  assertStringIncludes(line, `hubbub: Cannot listen on ${host}: it is in use;`);
});

Deno.test("serve ends with 1 where another server uses the data", async () => {
  const data = await Deno.makeTempDir();
  try {
    await using _other = await ServerProcess.start(["--data", data]);
    const { code, line } = await attempt("--addr", "127.0.0.1:0", "--data", data);
    assertEquals(code, 1);
    assertStringIncludes(line, `hubbub: Cannot use the data directory "${data}"`);
    assertStringIncludes(line, "another server is using it");
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("serve ends with 1 where the data directory cannot be made or written to", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/file`;
    await Deno.writeTextFile(file, "");
    const paths = [file, `${file}/below`];
    // A superuser may write anywhere.
    if (Deno.uid() !== 0) {
      await Deno.mkdir(`${folder}/locked`, { mode: 0o555 });
      paths.push(`${folder}/locked`, `${folder}/locked/below`);
    }
    for (const path of paths) {
      const { code, line } = await attempt("--addr", "127.0.0.1:0", "--data", path);
      assertEquals(code, 1);
      assertStringIncludes(line, `hubbub: Cannot use the data directory "${path}"`);
      assertStringIncludes(line, "--data");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("serve ends with 2 for what it does not understand", async () => {
  for (
    const [flags, hint] of [
      [["--adr", ":8080"], "did you mean --addr?"],
      [["--addr", "nowhere"], "--addr"],
      [["--sync", "sometimes"], "--sync"],
    ] as const
  ) {
    const { code, line } = await attempt(...flags);
    assertEquals(code, 2);
    assert(line.startsWith("hubbub: "), line);
    assertStringIncludes(line, hint);
  }
});
