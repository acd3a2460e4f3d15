/**
 * Saves sessions in a thread of its own, as another process would at the same moment.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { saveSession } from "../../cli/session_file.ts";
import { Secret } from "../../config/secret.ts";

interface Task {
  readonly path: string;
  readonly prefix: string;
  readonly count: number;
}

addEventListener("message", ({ data }: MessageEvent<Task>) => {
  const user = { id: "a", name: "Ann" };
  for (let i = 0; i < data.count; i++) {
    const server = `http://${data.prefix}${i}/`;
    saveSession(server, { session: new Secret("secret"), user }, data.path);
  }
  postMessage("saved");
});
