import { StartError } from "../../config/errors.ts";
import { clientIp, formatUrl, listenError, removeStaleSocket } from "../../transport/address.ts";
import { assertEquals, assertInstanceOf, assertRejects } from "../support/assert.ts";

Deno.test("formatUrl() names an address as a browser on this machine would", () => {
  assertEquals(formatUrl({ kind: "any", port: 8080 }), "http://localhost:8080/");
  assertEquals(
    formatUrl({ kind: "host", hostname: "127.0.0.1", port: 80 }),
    "http://127.0.0.1:80/",
  );
  assertEquals(formatUrl({ kind: "host", hostname: "::1", port: 8080 }), "http://[::1]:8080/");
  assertEquals(formatUrl({ kind: "unix", path: "/run/h.sock" }), "unix:/run/h.sock");
});

Deno.test("clientIp() gives IPv4 clients on an IPv6 socket their own form", () => {
  assertEquals(clientIp("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(clientIp("192.0.2.1"), "192.0.2.1");
  assertEquals(clientIp("2001:db8::ffff:1"), "2001:db8::ffff:1");
});

Deno.test("listenError() says in one line what to do", () => {
  const port = { kind: "any", port: 80 } as const;
  const path = { kind: "unix", path: "/run/h.sock" } as const;
  const text = (...parameters: Parameters<typeof listenError>) => {
    const error = listenError(...parameters);
    assertInstanceOf(error, StartError);
    return error.message;
  };
  assertEquals(
    text(port, "in_use"),
    "Cannot listen on :80: it is in use; stop the other program or choose another --addr",
  );
  assertEquals(
    text(port, "not_permitted"),
    "Cannot listen on :80: not permitted; choose an --addr with a port above 1023",
  );
  assertEquals(
    text(path, "not_permitted"),
    "Cannot listen on unix:/run/h.sock: not permitted; choose an --addr in a directory that you " +
      "may write to",
  );
  assertEquals(
    text({ kind: "host", hostname: "::1", port: 1 }, new Error("no such device")),
    "Cannot listen on [::1]:1: no such device; choose another --addr",
  );
});

Deno.test("removeStaleSocket() leaves alone what is not there, and what is no socket", async () => {
  await removeStaleSocket({ kind: "any", port: 1 });
  await removeStaleSocket({ kind: "unix", path: "/nowhere/at/all" });
  const folder = await Deno.makeTempDir();
  try {
    const addr = { kind: "unix", path: folder } as const;
    await assertRejects(() => removeStaleSocket(addr), StartError, "no socket");
  } finally {
    await Deno.remove(folder);
  }
});
