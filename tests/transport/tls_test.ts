import { StartError } from "../../config/errors.ts";
import { readTls } from "../../transport/tls.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { HAS_OPENSSL, makeCertificate } from "../support/certificates.ts";

Deno.test("readTls() reads a certificate and its key, and says what is wrong with others", {
  ignore: !HAS_OPENSSL,
}, async () => {
  const directory = await Deno.makeTempDir();
  try {
    const [a, b] = [await makeCertificate(directory, "a"), await makeCertificate(directory, "b")];
    const { cert, key } = await readTls(a);
    assertEquals(
      [cert, key],
      await Promise.all([a.cert, a.key].map((path) => Deno.readTextFile(path))),
    );
    const chain = `${directory}/chain.crt`;
    await Deno.writeTextFile(
      chain,
      `Subject: somebody\n${cert}\n${await Deno.readTextFile(b.cert)}`,
    );
    await readTls({ cert: chain, key: a.key });
    const broken = `${directory}/broken.crt`;
    await Deno.writeTextFile(broken, cert.replace(/[A-Z]{2}/g, "AA"));
    const wrong: [string, string, string][] = [
      [a.cert, b.key, `Cannot use --key ${b.key}: it is not the key of`],
      [a.key, a.key, `Cannot use --cert ${a.key}: it must be a certificate in PEM`],
      [broken, a.key, `Cannot use --cert ${broken}: it must be a certificate in PEM`],
      [a.cert, a.cert, `Cannot use --key ${a.cert}: it must be an unencrypted private key`],
      [`${directory}/none`, a.key, `Cannot read --cert ${directory}/none: `],
      [a.cert, directory, `Cannot read --key ${directory}: `],
    ];
    for (const [cert, key, message] of wrong) {
      const error = await assertRejects(() => readTls({ cert, key }), StartError, message);
      assert(!error.message.includes("\n"), error.message);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
