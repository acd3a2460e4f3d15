import { connect } from "node:tls";
import { StartError } from "../../config/errors.ts";
import { NO_REFUSALS } from "../../log/refusals.ts";
import { NO_METRICS } from "../../metrics/metrics.ts";
import { toFrame } from "../../client/outgoing.ts";
import { listen } from "../../transport/deno/listen.ts";
import type { Listener } from "../../transport/listener.ts";
import type { Accepted, RequestHandler } from "../../transport/socket.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { HAS_OPENSSL, makeCertificate } from "../support/certificates.ts";
import { DEADLINE, poll, within } from "../support/within.ts";

const OPTIONS = {
  addr: { kind: "host", hostname: "127.0.0.1", port: 0 },
  pingInterval: 0,
  deflate: false,
  maxConnectionsPerAddress: Infinity,
  maxAcceptRate: Infinity,
  maxHeldBytes: Infinity,
  refusals: NO_REFUSALS,
  metrics: NO_METRICS,
} as const;

/** Whether WebSockets live on while the certificate is changed: the runtime closes them since Deno 2.9. */
const KEEPS_SOCKETS = Deno.version.deno.startsWith("2.5.");

/** Sends text back, and answers requests with the host that they name. */
const REQUESTS: RequestHandler = {
  connect({ url }): Promise<Accepted | undefined> {
    if (new URL(url).pathname !== "/ws") return Promise.resolve(undefined);
    return Promise.resolve({
      ip: "127.0.0.1",
      maxPayload: 1024,
      opened(socket) {
        const message = (data: string | Uint8Array) => socket.send(toFrame(data));
        socket.listen({ message, closed: () => {} });
      },
      gone: () => {},
    });
  },
  async fetch({ headers, url, body }) {
    const text = await new Response(body).text();
    return new Response(`${text} to ${headers.get("host")} at ${url}`);
  },
};

/** The common name of the certificate that is shown; `undefined` if nobody listens at the moment. */
function shownName({ url }: Listener): Promise<string | undefined> {
  const shown = new Promise<string | undefined>((resolve) => {
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", () => resolve(undefined));
  });
  return within(DEADLINE, "a certificate", shown);
}

Deno.test(
  "reloadTls() of deno shows the new certificate, and keeps the old one if that cannot be used",
  {
    ignore: !HAS_OPENSSL,
  },
  async () => {
    const directory = await Deno.makeTempDir();
    const [a, b] = [await makeCertificate(directory, "a"), await makeCertificate(directory, "b")];
    const tls = { cert: `${directory}/used.crt`, key: `${directory}/used.key` };
    const use = async (cert: string, key: string) => {
      await Deno.copyFile(cert, tls.cert);
      await Deno.copyFile(key, tls.key);
    };
    await use(a.cert, a.key);
    const listener = await listen({ ...OPTIONS, tls }, REQUESTS);
    assertMatch(listener.url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
    assertEquals(await shownName(listener), "a");

    const caCerts = [await Deno.readTextFile(a.cert), await Deno.readTextFile(b.cert)];
    using client = Deno.createHttpClient({ caCerts });
    const response = await fetch(listener.url, { method: "POST", body: "a letter", client });
    const { host } = new URL(listener.url);
    assertEquals(await response.text(), `a letter to ${host} at ${listener.url}`);

    // The options are Deno's own, which the types of the DOM do not know.
    const socket: WebSocket = Reflect.construct(WebSocket, [
      `${listener.url.replace("http", "ws")}ws`,
      { client },
    ]);
    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    const say = (text: string) => {
      const answer = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
      socket.send(text);
      return within(DEADLINE, `an answer to ${text}`, answer);
    };
    const opened = new Promise((resolve) => socket.onopen = resolve);
    await within(DEADLINE, "a WebSocket over TLS", opened);
    assertEquals(await say("before"), "before");

    await use(a.cert, b.key);
    await assertRejects(() => listener.reloadTls(), StartError, "it is not the key of");
    assertEquals(await shownName(listener), "a");
    assertEquals(await say("still there"), "still there");

    await use(b.cert, b.key);
    await listener.reloadTls();
    await poll("the new certificate", () => shownName(listener), (name) => name === "b");
    if (KEEPS_SOCKETS) {
      assertEquals(await say("after"), "after");
      socket.close();
    }
    const { code } = await within(DEADLINE, "the end of a WebSocket", closed);
    assert([1000, 1001, 1005].includes(code), `received ${code}`);
    await listener.close(1000);
    await Deno.remove(directory, { recursive: true });
  },
);

Deno.test("listen() of deno refuses TLS on a Unix socket, and files that are no certificate", async () => {
  const tls = { cert: "/nowhere.crt", key: "/nowhere.key" };
  const unix = { kind: "unix", path: "/nowhere/hubbub.sock" } as const;
  await assertRejects(
    () => listen({ ...OPTIONS, addr: unix, tls }, REQUESTS),
    StartError,
    "Cannot use --cert with --addr unix:/nowhere/hubbub.sock: TLS needs a port to listen on",
  );
  await assertRejects(
    () => listen({ ...OPTIONS, tls }, REQUESTS),
    StartError,
    "Cannot read --",
  );
});
