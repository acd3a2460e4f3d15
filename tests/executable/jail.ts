/**
 * An all but empty root directory, in which nothing but the data can be written: the executable, the C
 * library that it needs, `setpriv`, and `/proc`. No Deno, no cache, no home, no shell, no names of hosts.
 * Who runs in it has no capabilities and gets none: `docker run --read-only --cap-drop ALL --security-opt
 * no-new-privileges` as far as one gets without Docker.
 *
 * @module
 */
import { EXECUTABLE, runCommand } from "./executable.ts";

/** Who runs in the jail when the tests run as root: nobody. */
const NOBODY = 65_534;

/** Turns the folder into the root, read-only but for `data`; `$1` is the folder, `$2` says who runs in it. */
const SCRIPT = `set -eu
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mount --bind "$root/data" "$root/data"
mount --rbind /proc "$root/proc"
mount -o remount,bind,ro "$root"
exec env -i "$(command -v chroot || echo /usr/sbin/chroot)" "$root" /setpriv $user \\
  --no-new-privs --ambient-caps=-all --inh-caps=-all --bounding-set=-all /hubbub "$@"`;

/** A jail. */
export interface Jail {
  /** What runs the executable within, before its arguments. */
  readonly prefix: readonly string[];
  /** The path of the data, within. */
  readonly data: string;
}

/** Why there can be no jail here; empty if there can. */
export async function jailObstacle(): Promise<string> {
  if (Deno.build.os !== "linux") return "jails are made on Linux only";
  if (EXECUTABLE === "") return "";
  const { code } = await runCommand([...unshare(), "true"], { env: environment() })
    .catch(() => ({ code: 1 }));
  return code === 0 ? "" : "unshare is missing or may not make namespaces here";
}

/** Fills a folder; the caller removes it. */
export async function makeJail(folder: string): Promise<Jail> {
  await Deno.mkdir(`${folder}/data`);
  await Deno.mkdir(`${folder}/proc`);
  const which = await runCommand(["which", "setpriv"], { env: environment() });
  for (
    const [name, program] of [["hubbub", EXECUTABLE], ["setpriv", which.stdout.trim()]] as const
  ) {
    await Deno.copyFile(program, `${folder}/${name}`);
    const { stdout } = await runCommand(["ldd", program], { env: environment() });
    for (const [library] of stdout.matchAll(/(?<=\s)\/\S+/g)) {
      const place = `${folder}${library}`;
      await Deno.mkdir(place.slice(0, place.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(library, place);
    }
  }
  await Deno.chmod(folder, 0o755);
  const isRoot = Deno.uid() === 0;
  if (isRoot) await Deno.chown(`${folder}/data`, NOBODY, NOBODY);
  const user = isRoot ? `--reuid=${NOBODY} --regid=${NOBODY} --clear-groups` : "";
  return {
    prefix: ["/usr/bin/env", PATH, ...unshare(), "sh", "-c", SCRIPT, "jail", folder, user],
    data: "/data",
  };
}

const PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

function unshare(): string[] {
  return Deno.uid() === 0
    ? ["unshare", "--mount"]
    : ["unshare", "--user", "--map-root-user", "--mount"];
}

function environment(): Record<string, string> {
  return { PATH: PATH.slice("PATH=".length) };
}
