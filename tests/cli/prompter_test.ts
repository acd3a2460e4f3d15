import { InterruptedError, Prompter } from "../../cli/prompter.ts";
import { assertEquals, assertFalse, assertRejects } from "../support/assert.ts";
import { FakeTerminal } from "./fake_terminal.ts";

Deno.test("Prompter.askSecret() shows the question and nothing of the answer", async () => {
  const terminal = new FakeTerminal(["hun", "ter2\r"]);
  assertEquals(await new Prompter(terminal).askSecret("Password: "), "hunter2");
  assertEquals(terminal.shown, "Password: \n");
  assertEquals(terminal.raw, [true, false]);
});

Deno.test("Prompter.askSecret() reads keys as a terminal's line does", async () => {
  const table: [string[], string][] = [
    [["abc\x7f\x7fd\r"], "ad"],
    [["\x7f\bab\b\r"], "a"],
    [["wrong\x15right\n"], "right"],
    [["a\x1b[D\x1b[1;5Cb\x1bOPc\x1b[3~\r"], "abc"],
    [["a\tb\x00\x01\r"], "ab"],
    [["a\x04b\r"], "ab"],
    [["pass phrase \r"], "pass phrase "],
    [["😀é\x7f\x7f\x7fx\r"], "x"],
    [["\r"], ""],
  ];
  for (const [chunks, expected] of table) {
    assertEquals(await new Prompter(new FakeTerminal(chunks)).askSecret("?"), expected);
  }
});

Deno.test("Prompter.askSecret() joins a character that comes in two parts", async () => {
  const [first, second] = [new Uint8Array([0x61, 0xc3]), new Uint8Array([0xa9, 0x0d])];
  assertEquals(await new Prompter(new FakeTerminal([first, second])).askSecret("?"), "aé");
});

Deno.test("Prompter.askSecret() leaves raw mode at Ctrl-C, Ctrl-D and the end of input", async () => {
  const interrupted = new FakeTerminal(["secret\x03"]);
  await assertRejects(() => new Prompter(interrupted).askSecret("?"), InterruptedError);
  const ended = new FakeTerminal(["\x04"]);
  assertEquals(await new Prompter(ended).askSecret("?"), undefined);
  const closed = new FakeTerminal(["secr"]);
  assertEquals(await new Prompter(closed).askSecret("?"), undefined);
  for (const { raw, shown } of [interrupted, ended, closed]) {
    assertEquals(raw, [true, false]);
    assertEquals(shown, "?\n");
  }
});

Deno.test("Prompter.askSecret() leaves raw mode when a signal comes", async () => {
  const terminal = new FakeTerminal();
  const prompter = new Prompter(terminal);
  const asking = prompter.askSecret("?");
  terminal.signal?.(15);
  const { exitCode } = await assertRejects(() => asking, InterruptedError);
  prompter.close();
  assertEquals([exitCode, terminal.raw, terminal.signal], [143, [true, false], undefined]);
});

Deno.test("Prompter answers the next question with what was typed ahead", async () => {
  const prompter = new Prompter(new FakeTerminal(["ann\nhunter2\rhunter2\r"]));
  assertEquals(await prompter.askLine("Name: "), "ann");
  assertEquals(await prompter.askSecret("Password: "), "hunter2");
  assertEquals(await prompter.askSecret("Again: "), "hunter2");
});

Deno.test("Prompter reads lines from a pipe without a word", async () => {
  const terminal = new FakeTerminal(["hun", "ter2\r\nsecond\nthi", "rd"], { interactive: false });
  const prompter = new Prompter(terminal);
  assertEquals(await prompter.askSecret("Password: "), "hunter2");
  assertEquals(await prompter.askLine("?"), "second");
  assertEquals(await prompter.askLine("?"), "third");
  assertEquals(await prompter.askLine("?"), undefined);
  assertEquals([terminal.shown, terminal.raw], ["", []]);
});

Deno.test("Prompter tells an empty line from the end of input", async () => {
  const prompter = new Prompter(new FakeTerminal(["\n"], { interactive: false }));
  assertEquals([await prompter.askSecret("?"), await prompter.askSecret("?")], ["", undefined]);
});

Deno.test("Prompter.close() lets somebody else read on", async () => {
  const terminal = new FakeTerminal(["a\n", "b\n"], { interactive: false });
  const prompter = new Prompter(terminal);
  await prompter.askLine("?");
  prompter.close();
  assertFalse(terminal.input.locked);
  await terminal.input.cancel();
});
