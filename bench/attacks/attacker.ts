/**
 * The attacker's process: `attacker.ts NAME PORT MILLISECONDS`.
 *
 * @module
 */
import process from "node:process";
import { ATTACKS } from "./attacks.ts";

const [name, port, length] = Deno.args;
const attack = ATTACKS.find((one) => one.name === name);
if (attack === undefined) throw new Error(`Cannot attack: there is no attack "${name}"`);

// What the server does to the attacker's connections must not end the attack.
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});

const target = { port: Number(port) };
const sockets = await attack.prepare?.(target) ?? [];
const end = performance.now() + Number(length);
for (let n = 0; performance.now() < end; n++) {
  attack.step?.(target, sockets, n);
  await new Promise((resolve) => setTimeout(resolve, attack.every));
}
Deno.exit(0);
