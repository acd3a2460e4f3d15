import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { Condition, tail } from "../support/condition.ts";
import { DEADLINE, within } from "../support/within.ts";
import { EXECUTABLE, serve, temporaryFolder, testExecutable } from "./executable.ts";

/** `script` of util-linux gives a program a pseudo-terminal. */
const obstacle = Deno.build.os === "linux" && await hasScript()
  ? ""
  : "script of util-linux is missing";

async function hasScript(): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command("script", { args: ["--version"] }).output();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

/** A shell command on a pseudo-terminal. */
class PseudoTerminal {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  readonly #changed = new Condition();
  /** All that was written to the terminal. */
  written = "";

  constructor(command: string, env: Record<string, string>) {
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", command, "/dev/null"],
      env: { TERM: "xterm-256color", NO_COLOR: "", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.written += text;
      this.#changed.notify();
    }
  }

  type(keys: string): Promise<void> {
    return this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Waits until a text was written; fails with what was written instead if it never is. */
  async shows(text: string): Promise<void> {
    const what = () => `${JSON.stringify(text)} on the terminal, after ${tail(this.written)}`;
    await this.#changed.until(what, () => this.written.includes(text) || undefined);
  }

  /** Waits for the end. Returns the exit code. */
  async end(): Promise<number> {
    const what = () => `the end of the terminal, after ${tail(this.written)}`;
    const { code } = await within(DEADLINE, what, this.#child.status);
    await within(DEADLINE, what, this.#reading);
    await this.#keys.close().catch(() => {});
    return code;
  }
}

testExecutable("hubbub chat talks on a terminal", async () => {
  await using server = await serve(":memory:");
  await using bo = await Chatter.enter(server.ws(), "bo", { since: 0 });
  const terminal = new PseudoTerminal(
    `stty cols 80 rows 24; '${EXECUTABLE}' chat ${server.url} --name ann`,
    {},
  );
  await terminal.shows("2 here: bo, ann");
  await terminal.type("hello 日本 👩‍👩‍👧\x1b[D\x7f!\r");
  const { content } = await bo.next("user");
  assertMatch(content, /^hello 日本 ?!👩‍👩‍👧$/);
  await bo.say("hi \x1b]0;owned\x07ann");
  await terminal.shows("hi ␛]0;owned␇ann");
  await terminal.type("/he\t\r");
  await terminal.shows("/quit");
  await terminal.type("\x03");
  assertEquals(await terminal.end(), 0);
  assertEquals((await bo.next("logout")).from, "ann");
  assertStringIncludes(terminal.written, "\x1b[?1049h");
  assertMatch(terminal.written.slice(-60), /\?1049l/);
}, obstacle);

testExecutable("hubbub chat leaves the modes of the terminal as they were", async () => {
  await using folder = await temporaryFolder();
  await using server = await serve(":memory:");
  const chat = `'${EXECUTABLE}' chat ${server.url} --name ann`;
  for (const end of ["\x03", "\x04", "/quit\r"]) {
    const terminal = new PseudoTerminal(
      `cd '${folder.path}'; stty cols 80 rows 24; stty -g > before; ${chat}; stty -g > after`,
      {},
    );
    await terminal.shows("1 here: ann");
    await terminal.type(end);
    assertEquals(await terminal.end(), 0);
    const [before, after] = await Promise.all(
      ["before", "after"].map((name) => Deno.readTextFile(`${folder.path}/${name}`)),
    );
    assertEquals(after, before);
  }
}, obstacle);

testExecutable("hubbub chat comes back by itself after the server was away", async () => {
  await using folder = await temporaryFolder();
  const server = await serve(folder.path);
  const { port } = server;
  const terminal = new PseudoTerminal(
    `stty cols 80 rows 24; '${EXECUTABLE}' chat ${server.url} --name ann`,
    {},
  );
  await terminal.shows("1 here: ann");
  await server.stop("SIGKILL");
  await terminal.shows("offline, again in");
  await terminal.type("meanwhile\r");
  await terminal.shows("ann: meanwhile …");
  await using back = await serve(folder.path, { port });
  await using bo = await Chatter.enter(back.ws(), "bo", { since: 0 });
  const { messages } = await bo.next("history");
  const said = messages[0] ?? await bo.next("user");
  assertEquals([said.from, said.content], ["ann", "meanwhile"]);
  await bo.say("welcome back");
  await terminal.shows("welcome back");
  await terminal.type("\x03");
  assertEquals(await terminal.end(), 0);
}, obstacle);

testExecutable("hubbub chat uses no colours where NO_COLOR is set", async () => {
  await using server = await serve(":memory:");
  await using bo = await Chatter.enter(server.ws(), "bo", { since: 0 });
  const command = `stty cols 80 rows 24; '${EXECUTABLE}' chat ${server.url} --name ann`;
  for (const [env, colored] of [[{}, true], [{ NO_COLOR: "1" }, false]] as const) {
    const terminal = new PseudoTerminal(command, env);
    await terminal.shows("2 here");
    await bo.say("a colour?");
    await terminal.shows("a colour?");
    await terminal.type("\x03");
    await terminal.end();
    // deno-lint-ignore no-control-regex -- SGR codes 30 to 37 and 90 to 97 are colours
    assertEquals(/\x1b\[(?:\d;)?[39][0-7]m/.test(terminal.written), colored);
  }
}, obstacle);
