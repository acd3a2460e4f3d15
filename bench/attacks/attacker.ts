/**
 * Attacks a server for a time: `attacker.ts NAME HOST PORT SECONDS`. A process of its own, so that what it
 * burns itself is not counted for the server.
 *
 * @module
 */
import { ATTACKS, CONTROLS } from "./attacks.ts";

const [name = "", host = "", port = "", seconds = ""] = Deno.args;
const attack = { ...CONTROLS, ...ATTACKS }[name];
if (attack === undefined) throw new TypeError(`Unknown attack ${name}`);
globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
const ms = Number(seconds) * 1000;
const end = setTimeout(() => Deno.exit(0), ms + 2000);
await attack({ host, port: Number(port), signal: AbortSignal.timeout(ms) });
clearTimeout(end);
Deno.exit(0);
