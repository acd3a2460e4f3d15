/**
 * Installs the servers that Hubbub is compared with from npm, outside the project: Bun and `ws`.
 *
 * @module
 */
import { exists } from "./processes.ts";

const BUN = { name: "bun", spec: "bun@1.4.5", accepts: /^1\.4\.5$/ };
const WS = { name: "ws", spec: "ws@8", accepts: /^8\./ };

/** Why a program is missing. */
export interface Missing {
  readonly reason: string;
}

/** An installed program. */
export interface Installed {
  readonly version: string;
  /** The command that starts its relay. */
  readonly command: readonly string[];
}

/** The servers to compare with. */
export interface Peers {
  readonly bun: Installed | Missing;
  readonly ws: Installed | Missing;
}

/** The default directory: the user's cache directory. */
export function defaultCache(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA, HOME } = Deno.env.toObject();
  const base = XDG_CACHE_HOME ?? LOCALAPPDATA ??
    (HOME === undefined ? undefined : `${HOME}/.cache`);
  if (base === undefined) throw new Error("Cannot find a cache directory: give one with --cache");
  return `${base}/hubbub-bench`;
}

/** Installs the programs that are missing into a directory. */
export async function installPeers(cache: string): Promise<Peers> {
  await Deno.mkdir(cache, { recursive: true });
  return { bun: await installBun(cache), ws: await installWs(cache) };
}

async function installBun(cache: string): Promise<Installed | Missing> {
  const version = await install(cache, BUN);
  if (typeof version !== "string") return version;
  // The package installs the program here on every platform.
  const program = `${cache}/node_modules/bun/bin/bun.exe`;
  return { version, command: [program, `${PEERS}bun.ts`] };
}

async function installWs(cache: string): Promise<Installed | Missing> {
  if (!await exists("node")) return { reason: "node is not installed" };
  const version = await install(cache, WS);
  if (typeof version !== "string") return version;
  // Node.js resolves packages relative to the importing module.
  const relay = `${cache}/relay.mjs`;
  await Deno.copyFile(`${PEERS}ws.mjs`, relay);
  return { version, command: ["node", relay] };
}

const PEERS = `${import.meta.dirname}/../peers/`;

/** Installs a package. Returns its version. */
async function install(
  cache: string,
  { name, spec, accepts }: typeof BUN,
): Promise<string | Missing> {
  const present = await installedVersion(cache, name);
  if (present !== undefined && accepts.test(present)) return present;
  if (!await exists("npm")) return { reason: "npm is not installed" };
  console.error(`Installing ${spec} into ${cache}`);
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--prefix", cache, "--no-audit", "--no-fund", spec],
    stdout: "null",
  }).output();
  const version = await installedVersion(cache, name);
  if (success && version !== undefined) return version;
  return { reason: `npm could not install ${spec}: ${new TextDecoder().decode(stderr).trim()}` };
}

async function installedVersion(cache: string, name: string): Promise<string | undefined> {
  try {
    const text = await Deno.readTextFile(`${cache}/node_modules/${name}/package.json`);
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) return;
    return typeof manifest.version === "string" ? manifest.version : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
