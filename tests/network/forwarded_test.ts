import { Networks, parseCidr } from "../../network/cidr.ts";
import { forwardedClient } from "../../network/forwarded.ts";
import { assert, assertEquals } from "../support/assert.ts";

const PROXY = "10.0.0.1";

function trust(cidrs: readonly string[], unix = false) {
  const networks = cidrs.map((text) => {
    const cidr = parseCidr(text);
    assert(cidr !== undefined);
    return cidr;
  });
  return { networks: new Networks(networks), unix };
}

const TRUST = trust(["10.0.0.0/8", "2001:db8:aaaa::/48"]);

/** Headers as a server has them, and the client that they tell of. */
const CLIENTS: readonly [what: string, headers: Record<string, string>, ip: string][] = [
  ["nothing", {}, PROXY],
  ["one address", { "x-forwarded-for": "192.0.2.1" }, "192.0.2.1"],
  ["what the client has invented", { "x-forwarded-for": "1.1.1.1, 192.0.2.1" }, "192.0.2.1"],
  ["another trusted proxy", { "x-forwarded-for": "1.1.1.1,192.0.2.1,10.9.9.9" }, "192.0.2.1"],
  ["trusted proxies only", { "x-forwarded-for": "10.1.1.1, 10.2.2.2" }, "10.1.1.1"],
  ["a port", { "x-forwarded-for": "192.0.2.1:4711" }, "192.0.2.1"],
  ["IPv6", { "x-forwarded-for": "2001:DB8::0001" }, "2001:db8::1"],
  ["IPv6 with a port", { "x-forwarded-for": "[2001:db8::1]:443" }, "2001:db8::1"],
  ["IPv6 by a trusted proxy", { "x-forwarded-for": "192.0.2.1, 2001:db8:aaaa::9" }, "192.0.2.1"],
  ["IPv4 in IPv6", { "x-forwarded-for": "::ffff:192.0.2.1" }, "192.0.2.1"],
  ["IPv4 in IPv6, in hexadecimal", { "x-forwarded-for": "::ffff:c000:0201" }, "192.0.2.1"],
  ["a zone", { "x-forwarded-for": "fe80::1%eth0" }, PROXY],
  ["unknown", { "x-forwarded-for": "192.0.2.1, unknown" }, PROXY],
  ["nonsense after a trusted proxy", { "x-forwarded-for": "x y, 10.2.2.2" }, "10.2.2.2"],
  ["an empty entry", { "x-forwarded-for": "192.0.2.1, " }, PROXY],
  ["too large a number", { "x-forwarded-for": "192.0.2.256" }, PROXY],
  ["a list that is nothing but commas", { "x-forwarded-for": ",".repeat(10_000) }, PROXY],
  ["for", { forwarded: "for=192.0.2.1" }, "192.0.2.1"],
  ["other parameters", { forwarded: "by=_x;For=192.0.2.1;host=a;proto=http" }, "192.0.2.1"],
  ["a quoted port", { forwarded: 'for="192.0.2.1:47011"' }, "192.0.2.1"],
  ["quoted IPv6", { forwarded: 'for="[2001:db8:cafe::17]:4711"' }, "2001:db8:cafe::17"],
  ["quoted pairs", { forwarded: 'for="192.0.2.\\1"' }, "192.0.2.1"],
  ["two elements", { forwarded: "for=1.1.1.1, for=192.0.2.1, for=10.2.2.2" }, "192.0.2.1"],
  ["unknown in Forwarded", { forwarded: "for=192.0.2.1, for=unknown" }, PROXY],
  ["an obfuscated node", { forwarded: 'for=192.0.2.1, for="_gazonk"' }, PROXY],
  ["an open quote of the client", { forwarded: 'for="x, for=192.0.2.1' }, "192.0.2.1"],
  ["an open quote, then quotes", { forwarded: 'for="x\\, for="[2001:db8::1]:8"' }, "2001:db8::1"],
  ["a comma in quotes", { forwarded: 'for=192.0.2.1;ext="a,for=1.1.1.1"' }, "192.0.2.1"],
  ["a malformed element", { forwarded: "for=192.0.2.1;;=, x=" }, PROXY],
  ["nothing but quotes", { forwarded: '"'.repeat(9999) }, PROXY],
  ["nothing but backslashes", { forwarded: `${"\\".repeat(9999)}"` }, PROXY],
  ["both", { "x-forwarded-for": "192.0.2.1", forwarded: "for=1.1.1.1" }, "192.0.2.1"],
];

for (const [what, headers, ip] of CLIENTS) {
  Deno.test(`forwardedClient() reads ${what}`, () => {
    assertEquals(forwardedClient(new Headers(headers), PROXY, TRUST).ip, ip);
  });
}

Deno.test("forwardedClient() believes nothing from a peer that is not trusted", () => {
  const headers = new Headers({
    "x-forwarded-for": "192.0.2.1",
    forwarded: "for=192.0.2.1;proto=https",
    "x-forwarded-proto": "https",
  });
  for (const peer of ["203.0.113.1", "2001:db8::1", ""]) {
    assertEquals(forwardedClient(headers, peer, TRUST), { ip: peer, isSecure: false });
  }
});

Deno.test("forwardedClient() believes the peers of a Unix socket only if told so", () => {
  const headers = new Headers({ "x-forwarded-for": "192.0.2.1" });
  assertEquals(forwardedClient(headers, "", trust([], true)).ip, "192.0.2.1");
  assertEquals(forwardedClient(headers, "", trust([], false)).ip, "");
});

Deno.test("forwardedClient() tells whether the client speaks TLS with the proxy", () => {
  const isSecure = (headers: Record<string, string>) =>
    forwardedClient(new Headers(headers), PROXY, TRUST).isSecure;
  assertEquals(
    [
      isSecure({ "x-forwarded-proto": "https" }),
      isSecure({ "x-forwarded-proto": "HTTPS, http" }),
      isSecure({ forwarded: "for=192.0.2.1;proto=https" }),
      isSecure({ forwarded: "for=192.0.2.1;proto=https, for=10.2.2.2;proto=http" }),
      isSecure({}),
      isSecure({ "x-forwarded-proto": "http" }),
      isSecure({ forwarded: "for=1.1.1.1;proto=https, for=192.0.2.1;proto=http" }),
    ],
    [true, true, true, true, false, false, false],
  );
});
