import { DIALECTS } from "../../cli/load/dialect.ts";
import { type Notice, NoticeReader } from "../../cli/load/notices.ts";
import { assertEquals } from "../support/assert.ts";

const ERROR = '{"type":"error","code":"rate_limited","content":"Too fast","time":1}';
const USER = '{"type":"user","room":"r","from":"a","content":"x","seq":1,"time":1}';
const PONG = '{"type":"pong","time":1}';

/** What a reader finds in frames, each cut into pieces. */
function notices(frames: readonly string[], piece: number, wantsFirst = false) {
  const reader = new NoticeReader(DIALECTS.hubbub, () => wantsFirst);
  return frames.map((frame): Notice | undefined => {
    const bytes = new TextEncoder().encode(frame);
    for (let at = 0; at < bytes.length; at += piece) {
      reader.read(bytes, at, Math.min(bytes.length, at + piece));
    }
    return reader.end();
  });
}

Deno.test("NoticeReader finds errors however the bytes are cut, and passes over the rest", () => {
  for (const piece of [1, 7, 1000]) {
    assertEquals(notices([USER, ERROR, `${ERROR}\n${PONG}\n${ERROR}`, USER], piece), [
      undefined,
      { errors: ["rate_limited"] },
      { errors: ["rate_limited", "rate_limited"] },
      undefined,
    ]);
  }
});

Deno.test("NoticeReader passes over frames that are very long", () => {
  assertEquals(notices([`${ERROR}${"\n".repeat(65_536)}`], 4096), [undefined]);
});

Deno.test("NoticeReader decodes the first frame only if it is wanted", () => {
  assertEquals(notices([PONG, PONG], 1000, true), [{ errors: [] }, undefined]);
});
