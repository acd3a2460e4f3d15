import { assert, assertEquals } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { withServer } from "./real_server.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** Runs openssl. Returns `false` if it is missing or fails. */
async function openssl(...args: string[]): Promise<boolean> {
  try {
    const command = new Deno.Command("openssl", { args, stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

/** Makes a certificate for localhost: `cert.pem` and `key.pem` in a directory. */
async function makeCertificate(directory: string): Promise<void> {
  const made = await openssl(
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", `${directory}/key.pem`, "-out", `${directory}/cert.pem`, "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  );
  assert(made, "openssl could not make a certificate");
}

/** Terminates TLS in front of a server, as a reverse proxy does. */
class TlsProxy implements AsyncDisposable {
  readonly #listener: Deno.TlsListener;
  readonly #serving: Promise<void>;

  constructor(directory: string, port: number) {
    this.#listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: Deno.readTextFileSync(`${directory}/cert.pem`),
      key: Deno.readTextFileSync(`${directory}/key.pem`),
      alpnProtocols: ["h2", "http/1.1"],
    });
    this.#serving = this.#serve(port);
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  async #serve(port: number): Promise<void> {
    const connections: Promise<unknown>[] = [];
    for await (const client of this.#listener) connections.push(forward(client, port));
    await Promise.all(connections);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await within(DEADLINE, "the proxy to end", this.#serving);
  }
}

async function forward(client: Deno.TlsConn, port: number): Promise<void> {
  const server = await Deno.connect({ hostname: "127.0.0.1", port });
  await Promise.allSettled([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]);
}

const hasOpenssl = await openssl("version");

Deno.test({
  name: `hubbub bench measures a server behind TLS${hasOpenssl ? "" : " (openssl is missing)"}`,
  ignore: !hasOpenssl,
  async fn() {
    const directory = await Deno.makeTempDir();
    try {
      await makeCertificate(directory);
      await withServer(["--rate", "0"], ({ base }) => measure(directory, base));
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

/** Measures the server at `base` through a proxy that terminates TLS. */
async function measure(directory: string, base: string): Promise<void> {
  await using proxy = new TlsProxy(directory, Number(new URL(base).port));
  await using child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--quiet", MAIN, "bench", `https://localhost:${proxy.port}`],
      ...["--clients", "3", "--window", "10", "--warmup", "0", "--duration", "200ms", "--json"],
    ],
    env: { DENO_CERT: `${directory}/cert.pem` },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = await within(DEADLINE, "the benchmark to end", child.output());
  const decoder = new TextDecoder();
  assert(output.success, decoder.decode(output.stderr));
  const result = JSON.parse(decoder.decode(output.stdout));
  assertEquals([result.connected, result.lost, result.refusals], [3, {}, {}]);
  assert(result.deliveries_per_second > 0);
}
