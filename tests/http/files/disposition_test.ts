/** Reading and writing Content-Disposition. */
import fc from "fast-check";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { formatDisposition, readFileName } from "../../../http/files/disposition.ts";

/** A header as the runtime delivers it: one character for each byte. */
function asBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

const READ: readonly [header: string, name: string | undefined][] = [
  ['attachment; filename="a b.txt"', "a b.txt"],
  ["attachment; filename=a.txt", "a.txt"],
  ["Attachment;FileName = a.txt ;x=y", "a.txt"],
  ['form-data; name="f"; filename="a.txt"', "a.txt"],
  [String.raw`attachment; filename="a\"b\\c.txt"`, 'a"b\\c.txt'],
  ['attachment; filename="semi;colon.txt"', "semi;colon.txt"],
  ["attachment; filename*=UTF-8''caf%C3%A9.txt", "café.txt"],
  ["attachment; filename*=utf-8'en'caf%C3%A9.txt", "café.txt"],
  ["attachment; filename=\"fallback\"; filename*=UTF-8''caf%C3%A9", "café"],
  ["attachment; filename*=UTF-8''caf%C3%A9; filename=\"fallback\"", "café"],
  ["attachment; filename*=UTF-8''%FF; filename=\"fallback\"", "fallback"],
  ["attachment; filename*=ISO-8859-1''caf%E9.txt; filename=\"fallback\"", "café.txt"],
  ["attachment; filename*=ISO-8859-2''x; filename=\"fallback\"", "fallback"],
  [`attachment; filename="${asBytes("café.txt")}"`, "café.txt"],
  ['attachment; filename="caf\xe9.txt"', "café.txt"],
  ['attachment; filename="unended', undefined],
  ["attachment", undefined],
  ["", undefined],
  ["filename=a.txt", undefined],
];

for (const [header, name] of READ) {
  Deno.test(`readFileName() reads ${name} from ${header}`, () => {
    assertEquals(readFileName(header), name);
  });
}

Deno.test("readFileName() comes to an end with long malformed headers, and finds no name in them", () => {
  for (
    const header of ["; a=", '; a="', "; a=\\", ";;;; ", "; =", ' ;a = "\\'].map((s) =>
      s.repeat(50_000)
    )
  ) {
    assertEquals(readFileName(`attachment${header}`), undefined, header.slice(0, 8));
  }
});

Deno.test("formatDisposition() writes plain names once and others twice", () => {
  assertEquals(formatDisposition("inline", "a.txt"), "inline; filename=a.txt");
  assertEquals(formatDisposition("inline", "a b.txt"), 'inline; filename="a b.txt"');
  assertEquals(
    formatDisposition("attachment", 'café 100% "it\'s".txt'),
    'attachment; filename="caf_ 100_ _it\'s_.txt"; ' +
      "filename*=UTF-8''caf%C3%A9%20100%25%20%22it%27s%22.txt",
  );
});

Deno.test("readFileName() reads any name that formatDisposition() writes, in ASCII", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
    const header = formatDisposition("attachment", name);
    assertMatch(header, /^[\x20-\x7e]+$/);
    assertEquals(readFileName(header), name);
  }));
});
