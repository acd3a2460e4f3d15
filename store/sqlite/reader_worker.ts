/**
 * The reader's thread: hands what the store says to {@linkcode Reading}, and its answers back.
 *
 * @module
 */
import { reason } from "./open_error.ts";
import type { FromReader, Question, ToReader } from "./reader_messages.ts";
import { Reading } from "./reading.ts";

let reading: Reading | undefined;

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  if (data.kind === "written") reading?.written(data.rows);
  else answer(data);
};

async function answer(question: Question): Promise<void> {
  const { id } = question;
  try {
    if (question.kind === "open") reading = new Reading(question.ask, post);
    // `open` is always the first question; without its answer no other is asked.
    post({ kind: "answer", id, answer: await reading?.answer(question) });
  } catch (error) {
    post({ kind: "failure", id, message: reason(error) });
  }
}

function post(message: FromReader): void {
  self.postMessage(message);
}
