/**
 * The reader's thread: passes the store's messages to {@linkcode ReaderService}, and its answers back.
 *
 * @module
 */
import { DamageError, reasonOf } from "../../sqlite/data_error.ts";
import type { FromReader, Question, ToReader } from "./reader_messages.ts";
import { ReaderService } from "./reader_service.ts";

let service: ReaderService | undefined;

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  if (data.kind === "written") service?.written(data.rows);
  else answer(data);
};

async function answer(question: Question): Promise<void> {
  const { id } = question;
  try {
    if (question.kind === "open") service = new ReaderService(question.ask, post);
    // `open` is always the first question; no other follows before it is answered.
    post({ kind: "answer", id, answer: await service?.answer(question) });
  } catch (error) {
    post({ kind: "failure", id, message: reasonOf(error), damaged: error instanceof DamageError });
  }
}

function post(message: FromReader): void {
  self.postMessage(message);
}
