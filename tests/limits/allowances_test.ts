import { Allowances } from "../../limits/allowances.ts";
import { assertEquals } from "../support/assert.ts";

const NONE = {
  rate: 0,
  burst: 1,
  byteRate: Infinity,
  ratePerUser: Infinity,
  ratePerAddress: Infinity,
};

function create(limits: Partial<typeof NONE>, maxFrame = 1000) {
  return new Allowances({ ...NONE, ...limits }, { maxFrame, now: () => 0 });
}

Deno.test("Allowance.takeRequest() counts for the connection, its user and its address", () => {
  const allowances = create({ rate: 10, burst: 3, ratePerUser: 2, ratePerAddress: 3 });
  const one = allowances.ofConnection("192.0.2.1");
  const other = allowances.ofConnection("192.0.2.1");
  one.setUser("u1");
  other.setUser("u1");
  const results = [one, one, one, one, other, other].map((by) => by.takeRequest(0)?.of);
  // Three of the connection; the user may make four, and has made three.
  assertEquals(results, [undefined, undefined, undefined, "connection", undefined, "user"]);
  other.setUser("u2");
  // Six of the address: four so far, and what the user was refused was never counted there.
  assertEquals([1, 2, 3].map(() => allowances.ofConnection("192.0.2.1").takeRequest(0)?.of), [
    undefined,
    undefined,
    "address",
  ]);
  assertEquals(allowances.ofConnection("192.0.2.2").takeRequest(0), undefined);
});

Deno.test("Allowance.takeRequest() counts an IPv6 client by its network of 64 bits", () => {
  const allowances = create({ ratePerAddress: 1 });
  const ips = ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1", "2001:db8:0:1::1"];
  assertEquals(
    ips.map((ip) => allowances.ofConnection(ip).takeRequest(0)?.of),
    [undefined, undefined, "address", undefined],
  );
});

Deno.test("Allowance.takeBytes() lets the largest frame through at once, and says when the next", () => {
  const allowances = create({ rate: 1, byteRate: 100 });
  const connection = allowances.ofConnection("192.0.2.1");
  assertEquals(connection.takeBytes(0, 1000), undefined);
  assertEquals(connection.takeBytes(0, 100), { of: "connection", wait: 1000 });
  assertEquals(connection.takeBytes(1000, 100), undefined);
});

Deno.test("Allowance.takeBytes() counts bytes of users and addresses in proportion to requests", () => {
  const allowances = create({ rate: 1, byteRate: 100, ratePerUser: 2, ratePerAddress: 4 }, 100);
  const send = (ip: string, user: string) => {
    const connection = allowances.ofConnection(ip);
    connection.setUser(user);
    return [1, 2, 3, 4].map(() => connection.takeBytes(0, 100)?.of);
  };
  const all = [undefined, undefined, undefined, undefined];
  // Four times 100 of a connection; 800 of the user; 1600 of the address.
  assertEquals([send("192.0.2.1", "u1"), send("192.0.2.1", "u1")], [all, all]);
  assertEquals(send("192.0.2.9", "u1")[0], "user");
  assertEquals([send("192.0.2.1", "u2"), send("192.0.2.1", "u2")], [all, all]);
  assertEquals(send("192.0.2.1", "u3")[0], "address");
});

Deno.test("Allowance has no limit that counts by the second with a rate of 0", () => {
  const connection = create({}).ofConnection("192.0.2.1");
  connection.setUser("u1");
  for (let n = 0; n < 1000; n++) {
    assertEquals([connection.takeRequest(0), connection.takeBytes(0, 1e9)], [undefined, undefined]);
  }
});

Deno.test("Allowance has no address on a Unix socket", () => {
  const allowances = create({ ratePerAddress: 1 });
  for (let n = 0; n < 10; n++) assertEquals(allowances.ofConnection("").takeRequest(0), undefined);
});

Deno.test("Allowances.takeUserRequest() and takeAddressRequest() share with connections", () => {
  const allowances = create({ ratePerUser: 1, ratePerAddress: 2 });
  const connection = allowances.ofConnection("192.0.2.1");
  connection.setUser("u1");
  assertEquals([connection.takeRequest(0), connection.takeRequest(0)], [undefined, undefined]);
  assertEquals([allowances.takeUserRequest("u1"), allowances.takeUserRequest("")], [1000, 0]);
  const address = () => allowances.takeAddressRequest("192.0.2.1");
  assertEquals([address(), address(), address()], [0, 0, 500]);
});

Deno.test("Allowances paces an address: what it may send at once comes piece by piece", () => {
  const allowances = create({ rate: 10, burst: 2, byteRate: 100, ratePerAddress: 20 });
  const [one, other] = [1, 2].map(() => allowances.ofConnection("192.0.2.1"));
  assertEquals(one?.pace(0, 2), 0);
  assertEquals([other?.pace(0, 1), one?.pace(0, 2)], [50, 150]);
  // Those over HTTP do not wait for those on connections.
  assertEquals([1, 2, 3].map(() => allowances.paceRequest("192.0.2.1").wait), [0, 0, 50]);
  assertEquals(allowances.paceRequest("192.0.2.2").wait, 0);
  // Nor do probes for either.
  assertEquals([1, 2, 3].map(() => allowances.paceRequest("192.0.2.1", true).wait), [0, 0, 50]);
  // 200 bytes a second, of which the largest frame comes at once.
  const [bytes, more] = [1, 2].map(() => allowances.bytePace("192.0.2.1"));
  assertEquals([bytes?.(1000), more?.(100), bytes?.(100)], [0, 500, 1000]);
});

Deno.test("Allowances lets the debt of an address grow no longer than a second", () => {
  const allowances = create({ rate: 10, burst: 2, byteRate: 100, ratePerAddress: 20 });
  const connection = allowances.ofConnection("192.0.2.1");
  assertEquals([1, 2, 3].map(() => connection.pace(0, 1000)), [49_900, 49_900, 49_900]);
  assertEquals(connection.pace(0, 3), 50);
  const bytes = allowances.bytePace("192.0.2.1");
  assertEquals([bytes(1000), bytes(1000), bytes(200), bytes(1)], [0, 5000, 1000, 1005]);
});

Deno.test("Allowances.paceRequest() lets nobody wait longer than two seconds", () => {
  const allowances = create({ rate: 1, burst: 1, ratePerAddress: 1 });
  const waits = Array.from({ length: 5 }, () => allowances.paceRequest("192.0.2.1").wait);
  assertEquals(waits, [0, 1000, 2000, 3000, 3000]);
});

Deno.test("Allowances paces nobody with a rate of 0, and nobody on a Unix socket", () => {
  for (const [limits, ip] of [[{}, "192.0.2.1"], [{ rate: 1, ratePerAddress: 1 }, ""]] as const) {
    const allowances = create(limits);
    const wait = allowances.paceRequest(ip).wait + allowances.paceRequest(ip, true).wait;
    assertEquals([wait, allowances.bytePace(ip)(1e9), allowances.ofConnection(ip).pace(0, 1e9)], [
      0,
      0,
      0,
    ]);
  }
});
