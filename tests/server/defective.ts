/**
 * `hubbub serve` with two defects: with SIGUSR2 it throws, and with SIGUSR1 it rejects, what nobody catches.
 *
 * @module
 */
import { main } from "../../main.ts";

Deno.addSignalListener("SIGUSR2", () => {
  setTimeout(() => {
    throw new TypeError("a defect");
  });
});
Deno.addSignalListener("SIGUSR1", () => void Promise.reject(new TypeError("a defect")));
Deno.exit(await main(Deno.args, Deno.env.toObject()));
