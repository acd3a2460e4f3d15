/**
 * Certificates for tests, made by the `openssl` program of the machine.
 *
 * @module
 */
import type { TlsFiles } from "../../config/config.ts";

/** Whether the machine has the program. */
export const HAS_OPENSSL: boolean = await new Deno.Command("openssl", {
  args: ["version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/**
 * Makes a certificate for `localhost` and 127.0.0.1 that is its own issuer, so that a client trusts it by
 * having it.
 *
 * @param name the common name, and that of the files
 */
export async function makeCertificate(directory: string, name: string): Promise<TlsFiles> {
  const files = { cert: `${directory}/${name}.crt`, key: `${directory}/${name}.key` };
  const { success, stderr } = await new Deno.Command("openssl", {
    // deno-fmt-ignore
    args: [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", files.key, "-out", files.cert, "-days", "2", "-subj", `/CN=${name}`,
      "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
      "-addext", "basicConstraints=critical,CA:FALSE",
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return files;
}
