/**
 * Splits a stream of text into lines. Imports nothing.
 *
 * @module
 */

/** Longest line that is held back for its end, in UTF-16 code units; a longer one is passed on in parts. */
const MAX_LINE = 1024 * 1024;

/** Text in, lines without their line breaks out; what follows the last line break is a line as well. */
export class TextLineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
        if (rest.length > MAX_LINE) {
          controller.enqueue(rest);
          rest = "";
        }
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
