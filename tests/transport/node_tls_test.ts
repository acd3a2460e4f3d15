/**
 * TLS of the transport `node`.
 *
 * @module
 */
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { StartError } from "../../config/errors.ts";
import type { TlsFiles } from "../../config/config.ts";
import { toFrame } from "../../client/outgoing.ts";
import { listen } from "../../transport/node/listen.ts";
import type { Socket } from "../../transport/socket.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { HAS_OPENSSL, makeCertificate } from "../support/certificates.ts";
import { Condition } from "../support/condition.ts";
import { listenOptions } from "../support/listen_options.ts";
import { handshake } from "../support/raw_http.ts";
import { formatRequest } from "../support/raw_tcp.ts";
import { TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";

/** A TLS connection that trusts everybody, written to by hand. */
class TlsLine {
  readonly #socket: TLSSocket;
  readonly #changed = new Condition();
  #received = "";

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#received += text;
      this.#changed.notify();
    });
    socket.on("error", () => {});
  }

  static open(url: string): Promise<TlsLine> {
    const options: ConnectionOptions = {
      port: Number(new URL(url).port),
      host: "127.0.0.1",
      rejectUnauthorized: false,
    };
    const opened = new Promise<TlsLine>((resolve, reject) => {
      const socket = connect(options, () => resolve(new TlsLine(socket)));
      socket.once("error", reject);
    });
    return within(DEADLINE, `TLS to ${url}`, opened);
  }

  /** The common name of the server's certificate. */
  get name(): string {
    return String(this.#socket.getPeerCertificate().subject.CN);
  }

  write(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  until(pattern: RegExp): Promise<string> {
    return this.#changed.until(
      String(pattern),
      () => pattern.test(this.#received) ? this.#received : undefined,
    );
  }

  end(): void {
    this.#socket.destroy();
  }
}

Deno.test("transport node serves TLS and takes a new certificate without dropping anybody", {
  ignore: !HAS_OPENSSL || !TRANSPORTS.includes("node"),
}, async () => {
  const directory = await Deno.makeTempDir();
  const [first, second] = [
    await makeCertificate(directory, "first"),
    await makeCertificate(directory, "second"),
  ];
  const tls: TlsFiles = { cert: `${directory}/cert`, key: `${directory}/key` };
  const install = async ({ cert, key }: TlsFiles) => {
    await Deno.copyFile(cert, tls.cert);
    await Deno.copyFile(key, tls.key);
  };
  await install(first);
  const urls: string[] = [];
  const sockets: Socket[] = [];
  const listener = await listen(listenOptions({ tls }), {
    connect: (request) => {
      urls.push(request.url);
      if (!request.url.endsWith("/ws")) return Promise.resolve(undefined);
      return Promise.resolve({
        ip: "127.0.0.1",
        maxPayload: 1000,
        opened(socket) {
          sockets.push(socket);
          socket.listen({ message: (data) => socket.send(toFrame(data)), closed: () => {} });
        },
        gone: () => {},
      });
    },
    fetch: ({ url }, { ip }) => Promise.resolve(new Response(`${url} ${ip}`)),
  });
  try {
    assert(listener.url.startsWith("https://127.0.0.1:"), listener.url);
    const plain = await TlsLine.open(listener.url);
    plain.write(formatRequest("GET /a HTTP/1.1", { host: "a:1" }));
    await plain.until(/https:\/\/a:1\/a 127\.0\.0\.1/);
    const webSocket = await TlsLine.open(listener.url);
    webSocket.write(handshake("/ws"));
    await webSocket.until(/101/);
    assertEquals(urls.at(-1), "https://localhost/ws");
    assertEquals([plain.name, webSocket.name], ["first", "first"]);

    // What does not fit together changes nothing.
    await Deno.copyFile(second.key, tls.key);
    await assertRejects(() => listener.reloadTls(), StartError, "it is not the key of");
    const same = await TlsLine.open(listener.url);
    assertEquals(same.name, "first");

    await install(second);
    await listener.reloadTls();
    const next = await TlsLine.open(listener.url);
    assertEquals(next.name, "second");
    webSocket.write(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 104, 105));
    await webSocket.until(/hi$/);
    plain.write(formatRequest("GET /b HTTP/1.1", { host: "a:1" }));
    await plain.until(/https:\/\/a:1\/b/);

    // Somebody who speaks no TLS, or goes away in the middle, harms nobody.
    await assertRejects(() => fetch(listener.url.replace("https", "http")));
    for (const line of [plain, webSocket, same, next]) line.end();
  } finally {
    await listener.close(1000);
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("transport node says at the start that its certificate cannot be used", {
  ignore: !TRANSPORTS.includes("node"),
}, async () => {
  const tls = { cert: "/nowhere/cert", key: "/nowhere/key" };
  const requests = {
    connect: () => Promise.resolve(undefined),
    fetch: () => Promise.resolve(new Response()),
  };
  await assertRejects(
    () => listen(listenOptions({ tls }), requests),
    StartError,
    "Cannot read --cert /nowhere/cert: ",
  );
});
