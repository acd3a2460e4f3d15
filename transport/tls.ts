/**
 * Certificate and key for TLS, read and checked before anything uses them: the runtimes accept whatever they
 * are given, and refuse the connections instead.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsFiles } from "../config/config.ts";
import { StartError } from "../config/errors.ts";

/** The contents of the files, both PEM. */
export interface TlsCredentials {
  /** The certificate, followed by those that lead to a root. */
  readonly cert: string;
  readonly key: string;
}

/** One block of a PEM file (RFC 7468 §2). */
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads certificate and key.
 *
 * @throws {StartError} if a file cannot be read, is not what it should be, or they do not belong together
 */
export async function readTls(files: TlsFiles): Promise<TlsCredentials> {
  const cert = await read(files.cert, "--cert");
  const key = await read(files.key, "--key");
  const [first] = parseChain(cert, files.cert);
  if (first === undefined) throw noCertificate(files.cert);
  if (!isKeyOf(first, parseKey(key, files.key))) {
    throw new StartError(
      `Cannot use --key ${files.key}: it is not the key of the first certificate in ${files.cert}`,
    );
  }
  return { cert, key };
}

/** Like `checkPrivateKey()`, which Deno 2.5 does not have. */
function isKeyOf({ publicKey }: X509Certificate, key: KeyObject): boolean {
  const options = { type: "spki", format: "pem" } as const;
  return publicKey.export(options) === createPublicKey(key).export(options);
}

async function read(path: string, flag: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`Cannot read ${flag} ${path}: ${reason}`, { cause: error });
  }
}

function parseChain(text: string, path: string): X509Certificate[] {
  try {
    return (text.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  } catch (error) {
    throw noCertificate(path, error);
  }
}

function noCertificate(path: string, cause?: unknown): StartError {
  return new StartError(
    `Cannot use --cert ${path}: it must be a certificate in PEM, followed by those of its issuers`,
    { cause },
  );
}

function parseKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new StartError(
      `Cannot use --key ${path}: it must be an unencrypted private key in PEM`,
      { cause: error },
    );
  }
}
