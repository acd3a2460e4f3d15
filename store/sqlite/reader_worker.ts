/**
 * The thread of a reader: passes the store's messages to {@linkcode HistoryReader} or
 * {@linkcode SearchReader}, and the answers back.
 *
 * @module
 */
import { DamageError, reasonOf } from "../../sqlite/data_error.ts";
import { HistoryReader } from "./reader_history.ts";
import type {
  Answer,
  FromReader,
  HistoryQuestion,
  Question,
  ReaderOptions,
  SearchQuestion,
  ToReader,
} from "./reader_messages.ts";
import { SearchReader } from "./reader_search.ts";

let history: HistoryReader | undefined;
let search: SearchReader | undefined;

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  if (data.kind === "written") search?.written(data.pages);
  else respond(data);
};

async function respond(question: Question): Promise<void> {
  const { id } = question;
  try {
    post({ kind: "answer", id, answer: await answer(question) });
  } catch (error) {
    const damaged = error instanceof DamageError;
    post({ kind: "failure", id, message: reasonOf(error), damaged });
  }
}

/** The store asks each thread only what belongs to its role. */
function answer(question: Question): Answer | Promise<Answer> {
  switch (question.kind) {
    case "open":
      return open(question.ask);
    case "close":
      return (history ?? search)?.close();
    case "search":
    case "rooms":
    case "authored":
    case "figures":
      return search?.answer(question satisfies SearchQuestion);
    default:
      return history?.answer(question satisfies HistoryQuestion);
  }
}

function open(options: ReaderOptions): void {
  if (options.role === "history") history = new HistoryReader(options);
  else search = new SearchReader(options, post);
}

function post(message: FromReader): void {
  self.postMessage(message);
}
