/**
 * Packs files into an archive: `.tar.gz` with the system's tar, `.zip` with fflate. Archives are
 * reproducible: the same files give the same bytes.
 *
 * @module
 */
import { zipSync } from "fflate";

/** A file to pack. */
export interface ArchiveFile {
  /** Relative to the archive's only directory. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable?: true;
}

/** The modification time of all files; zip does not support times before 1980. */
const MTIME = new Date("1980-01-02T00:00:00Z");

/**
 * Packs files into an archive with a single directory.
 *
 * @param output path of the archive; ends in `.zip` or `.tar.gz`, and the rest of its name is that of
 *   the directory
 */
export async function pack(output: string, files: readonly ArchiveFile[]): Promise<void> {
  const folder = (output.split("/").at(-1) ?? output).replace(/\.(zip|tar\.gz)$/, "");
  if (output.endsWith(".zip")) {
    const entries = files.map(({ path, bytes, executable }) => [
      `${folder}/${path}`,
      // The upper half of the external attributes is the Unix mode.
      [bytes, { mtime: MTIME, os: 3, attrs: (executable === true ? 0o755 : 0o644) << 16 }],
    ]);
    await Deno.writeFile(output, zipSync(Object.fromEntries(entries)));
  } else {
    await packTar(output, folder, files);
  }
}

async function packTar(output: string, folder: string, files: readonly ArchiveFile[]) {
  const directory = await Deno.makeTempDir();
  try {
    for (const { path, bytes, executable } of files) {
      const file = `${directory}/${folder}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(file, bytes);
      await Deno.chmod(file, executable === true ? 0o755 : 0o644);
    }
    const { success, stdout, stderr } = await new Deno.Command("tar", {
      args: [
        "--create",
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mode=u+rwX,go+rX,go-w",
        `--mtime=@${MTIME.getTime() / 1000}`,
        "--directory",
        directory,
        folder,
      ],
    }).output();
    if (!success) throw new Error(`Cannot pack ${output}: ${new TextDecoder().decode(stderr)}`);
    const packed = new Blob([stdout]).stream().pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(output, packed);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
