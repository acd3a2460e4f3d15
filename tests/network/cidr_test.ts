import { formatCidr, Networks, parseCidr } from "../../network/cidr.ts";
import { networkOf } from "../../network/network.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("parseCidr() reads networks and addresses, and formatCidr() writes them back", () => {
  for (const text of ["10.0.0.0/8", "0.0.0.0/0", "192.0.2.7", "2001:db8::/32", "::/0", "::1"]) {
    const cidr = parseCidr(text);
    assertEquals(cidr && formatCidr(cidr), text);
  }
  assertEquals(parseCidr("192.0.2.7/32"), { address: "192.0.2.7", prefix: 32 });
});

Deno.test("parseCidr() refuses what is neither", () => {
  const bad = [
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "::/129",
    "10.0.0/8",
    "a.b.c.d",
    "10.0.0.0/8 ",
  ];
  for (const text of [...bad, "fe80::1%eth0", "1.2.3.4/-1", "1.2.3.4/1e1", "*"]) {
    assertEquals(parseCidr(text), undefined, text);
  }
});

Deno.test("Networks.includes() compares by the bits of the network, whichever way IPv4 is written", () => {
  const networks = new Networks([
    { address: "10.1.2.3", prefix: 8 },
    { address: "2001:db8::", prefix: 33 },
  ]);
  const inside = ["10.255.0.1", "::ffff:10.0.0.1", "2001:db8:7fff::1"];
  const outside = ["11.0.0.1", "2001:db8:8000::1", "::1", "", "unix", "10.0.0"];
  assertEquals(inside.map((ip) => networks.includes(ip)), inside.map(() => true));
  assertEquals(outside.map((ip) => networks.includes(ip)), outside.map(() => false));
});

Deno.test("networkOf() is the first 64 bits of an IPv6 address, and all of an IPv4 one", () => {
  assertEquals(networkOf("2001:db8:1:2:3:4:5:6"), networkOf("2001:db8:1:2:ffff::1"));
  assertEquals(networkOf("::1"), networkOf("::2"));
  assertEquals(["192.0.2.1", ""].map(networkOf), ["192.0.2.1", ""]);
});
