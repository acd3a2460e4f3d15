/**
 * Certificates for tests that need TLS, made with openssl.
 *
 * @module
 */
import { runToEnd } from "./server_process.ts";

/** Files with a certificate for `localhost` and its key, and the text of the certificate. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly pem: string;
}

/** Makes a certificate: `cert.pem` and `key.pem` in a directory. */
export async function makeCertificate(directory: string): Promise<Certificate> {
  const [cert, key] = [`${directory}/cert.pem`, `${directory}/key.pem`];
  const { code, stderr } = await runToEnd([
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", cert, "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  ], { command: ["openssl"] });
  if (code !== 0) throw new Error(`openssl could not make a certificate: ${stderr}`);
  return { cert, key, pem: await Deno.readTextFile(cert) };
}
