import { type ByteWriter, LineWriter } from "../../log/writer.ts";
import { assert, assertEquals, assertFalse } from "../support/assert.ts";

/** An output whose writes end when the test releases them. */
class HeldOutput implements ByteWriter {
  readonly writes: string[] = [];
  #release: (() => void) | undefined;

  async write(bytes: Uint8Array): Promise<number> {
    this.writes.push(new TextDecoder().decode(bytes));
    await new Promise<void>((resolve) => this.#release = resolve);
    return bytes.length;
  }

  /** Ends the write in progress. */
  release(): void {
    this.#release?.();
  }
}

/** An output that accepts everything at once. */
function instantOutput(): ByteWriter & { text: string } {
  return {
    text: "",
    write(bytes) {
      this.text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
}

const lostLine = (count: number) => `lost ${count}\n`;

/** Lets all pending microtasks run. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("LineWriter.write() writes the lines of one synchronous run together, in order", async () => {
  const out = new HeldOutput();
  const writer = new LineWriter(out, { lostLine });
  writer.write("a\n");
  writer.write("b\n");
  await settle();
  assertEquals(out.writes, ["a\nb\n"]);
  out.release();
});

Deno.test("LineWriter.write() gathers lines that arrive during a write into the next one", async () => {
  const out = new HeldOutput();
  const writer = new LineWriter(out, { lostLine });
  writer.write("a\n");
  await settle();
  writer.write("b\n");
  writer.write("c\n");
  await settle();
  assertEquals(out.writes, ["a\n"]);
  out.release();
  await settle();
  assertEquals(out.writes, ["a\n", "b\nc\n"]);
  out.release();
});

Deno.test("LineWriter.write() drops lines that do not fit, and reports how many", async () => {
  const out = new HeldOutput();
  const writer = new LineWriter(out, { lostLine, maxWaiting: 4 });
  writer.write("a\n");
  await settle();
  for (const line of ["b\n", "c\n", "d\n", "e\n"]) writer.write(line);
  out.release();
  await settle();
  assertEquals(out.writes, ["a\n", "b\nc\nlost 2\n"]);
  writer.write("f\n");
  out.release();
  await settle();
  assertEquals(out.writes.at(-1), "f\n");
  out.release();
});

Deno.test("LineWriter.write() completes a partial write", async () => {
  let text = "";
  const out: ByteWriter = {
    write(bytes) {
      text += new TextDecoder().decode(bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.length));
    },
  };
  const writer = new LineWriter(out, { lostLine });
  writer.write("0123456789\n");
  assert(await writer.flush(1000));
  assertEquals(text, "0123456789\n");
});

Deno.test("LineWriter.write() survives a failing output, and goes on once it works again", async () => {
  const good = instantOutput();
  let broken = true;
  const out: ByteWriter = {
    write: (bytes) => broken ? Promise.reject(new Deno.errors.BrokenPipe()) : good.write(bytes),
  };
  const writer = new LineWriter(out, { lostLine });
  writer.write("a\n");
  assert(await writer.flush(1000));
  broken = false;
  writer.write("b\n");
  assert(await writer.flush(1000));
  assertEquals(good.text, "b\n");
});

Deno.test("LineWriter.flush() waits for lines that arrive during a write", async () => {
  const out = new HeldOutput();
  const writer = new LineWriter(out, { lostLine });
  writer.write("a\n");
  const flushed = writer.flush(60_000);
  await settle();
  writer.write("b\n");
  out.release();
  await settle();
  out.release();
  assert(await flushed);
  assertEquals(out.writes, ["a\n", "b\n"]);
});

Deno.test("LineWriter.flush() returns at once if nothing was written", async () => {
  assert(await new LineWriter(instantOutput(), { lostLine }).flush(60_000));
});

Deno.test("LineWriter.flush() gives up on an output that does not accept anything", async () => {
  const out = new HeldOutput();
  const writer = new LineWriter(out, { lostLine });
  writer.write("a\n");
  assertFalse(await writer.flush(1));
  out.release();
});
