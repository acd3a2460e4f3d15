/** Which part of a file is asked for. */
import { assertEquals } from "../../support/assert.ts";
import { readRange } from "../../../http/files/range.ts";

const CASES: readonly [header: string, part: ReturnType<typeof readRange>][] = [
  ["bytes=0-0", { first: 0, last: 0 }],
  ["bytes=2-5", { first: 2, last: 5 }],
  ["Bytes=2-5", { first: 2, last: 5 }],
  ["bytes= 2-5 ", { first: 2, last: 5 }],
  ["bytes=7-", { first: 7, last: 9 }],
  ["bytes=7-99999999999999999999999", { first: 7, last: 9 }],
  ["bytes=-3", { first: 7, last: 9 }],
  ["bytes=-99", { first: 0, last: 9 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=10-12", "unsatisfiable"],
  ["bytes=5-2", undefined],
  ["bytes=0-1,3-4", undefined],
  ["bytes=-", undefined],
  ["bytes=a-b", undefined],
  ["bytes=1.5-2", undefined],
  ["bytes=0x1-2", undefined],
  ["items=0-1", undefined],
  ["", undefined],
];

for (const [header, part] of CASES) {
  Deno.test(`readRange() of ten bytes: ${JSON.stringify(header)}`, () => {
    assertEquals(readRange(header, 10), part);
  });
}
