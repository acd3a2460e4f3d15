/** Binary frames with a file, and file names. */
import fc from "fast-check";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { frame } from "../support/file_frame.ts";
import { checkFileName, decodeFileFrame } from "../../protocol.ts";

Deno.test("decodeFileFrame() decodes any name and bytes", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 })
    .filter((name) => "name" in checkFileName(name));
  const bytes = fc.array(fc.nat(255), { minLength: 1 });
  fc.assert(fc.property(name, bytes, (name, bytes) => {
    // Within a larger buffer, as a transport may hand it over.
    const larger = Uint8Array.from([9, 9, 9, ...frame(name, bytes), 9]);
    const read = decodeFileFrame(larger.subarray(3, -1));
    assert("bytes" in read);
    assertEquals([read.name, [...read.bytes]], [name.normalize("NFC"), bytes]);
  }));
});

Deno.test("decodeFileFrame() reads the length in little-endian order", () => {
  const name = "n".repeat(0x0102 - 4);
  const read = decodeFileFrame(Uint8Array.from([0xfe, 0x00, ...new TextEncoder().encode(name), 7]));
  assert("bytes" in read);
  assertEquals([read.name, [...read.bytes]], [name, [7]]);
});

const WRONG: readonly [what: string, frame: Uint8Array, problem: string][] = [
  ["nothing", Uint8Array.of(), "must begin with the length"],
  ["half a length", Uint8Array.of(1), "must begin with the length"],
  ["a length beyond its end", frame("a", [1], 3), "must have the 3 bytes it claims, received 2"],
  ["the greatest length", frame("a", [1], 0xffff), "must have the 65535 bytes"],
  ["no name", frame("", [1]), "1 to 255 bytes"],
  ["no bytes", frame("a", []), "at least one byte"],
  ["a name that is not UTF-8", frame([0xc3, 0x28], [1]), "must be UTF-8"],
  ["a name cut in a character", frame("é", [1], 1), "must be UTF-8"],
  ["a path", frame("a/b", [1]), "without a path"],
  ["a path of Windows", frame("a\\b", [1]), "without a path"],
  ["the parent directory", frame("..", [1]), "without a path"],
  ["a name that is too long", frame("a".repeat(256), [1]), "1 to 255 bytes"],
];

for (const [what, bytes, problem] of WRONG) {
  Deno.test(`decodeFileFrame() refuses ${what}`, () => {
    const read = decodeFileFrame(bytes);
    assert("problem" in read);
    assertStringIncludes(read.problem, problem);
  });
}

Deno.test("decodeFileFrame() never throws, for any bytes", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const read = decodeFileFrame(bytes);
    assert("problem" in read || read.bytes.length > 0);
  }));
});

Deno.test("checkFileName() normalizes names to NFC and counts their bytes", () => {
  assertEquals(checkFileName("e\u0301.txt"), { name: "é.txt" });
  assertEquals(checkFileName("..."), { name: "..." });
  assertEquals(checkFileName(".hidden"), { name: ".hidden" });
  assertEquals(checkFileName("é".repeat(127)), { name: "é".repeat(127) });
  assert("problem" in checkFileName("é".repeat(128)));
});

for (
  const name of [
    "",
    " ",
    ".",
    "..",
    "/",
    "a/",
    "\\",
    "a\nb",
    "\0",
    "a\u2028",
    "\ud800",
    "gpj.\u202eexe",
  ]
) {
  Deno.test(`checkFileName() refuses ${JSON.stringify(name)}`, () => {
    assert("problem" in checkFileName(name));
  });
}
