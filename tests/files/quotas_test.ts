import type { FileStore, NewFile } from "../../files/file_store.ts";
import { Quotas } from "../../files/quotas.ts";
import { countedNetwork } from "../../files/uploader.ts";
import { networkOf } from "../../network/network.ts";
import type { Role } from "../../protocol.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { announce, bytesOnDisk, HOUR, stream, withFiles } from "./harness.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

function upload(files: FileStore, kib: number, file: Omit<NewFile, "name">, fill = 0) {
  const bytes = new Uint8Array(kib * KIB).fill(fill);
  crypto.getRandomValues(bytes.subarray(0, 16));
  return files.put(stream(bytes), { name: "a.bin", ...file });
}

/** What becomes of an upload: `stored`, or why it is refused. */
async function outcome(...args: Parameters<typeof upload>): Promise<string> {
  const stored = await upload(...args);
  return "refused" in stored ? stored.refused : "stored";
}

const ANN = { user: "ann" };
const BOB = { user: "bob" };
const GUEST = { user: "g1", network: "192.0.2.1" };

const LIMITS = { perUser: Infinity, perNetwork: Infinity, unannounced: Infinity };

Deno.test("LocalFiles.put() keeps each user to the space of one user, whatever others take", () =>
  withFiles(async (harness) => {
    const { files, dir } = harness;
    const first = await upload(files, 60, ANN);
    assert(!("refused" in first));
    assertEquals(await outcome(files, 60, ANN), "user_full");
    assertEquals(await outcome(files, 60, BOB), "stored");
    assertEquals(await outcome(files, 40, ANN), "stored");
    const seq = await announce(harness, first);
    files.withdrawn("lobby", seq);
    await files.collect(harness.now);
    assertEquals(await outcome(files, 60, ANN), "stored");
    assertEquals((await bytesOnDisk(dir)).length, 3);
  }, { maxFile: 100 * KIB, quotas: { ...LIMITS, perUser: 100 * KIB } }));

Deno.test("countedNetwork() counts guests by network, members where anybody may be one, and no others", () => {
  const ip = "2001:db8::1";
  const network = networkOf(ip);
  assertEquals(countedNetwork(ip, "guest"), network);
  assertEquals(countedNetwork(ip, "member"), undefined);
  for (const register of ["open", "invite", "off"] as const) {
    const counted = (role: Role) => countedNetwork(ip, role, register);
    const member = register === "open" ? network : undefined;
    assertEquals((["guest", "member", "admin", "bot"] as const).map(counted), [
      ...[network, member, undefined, undefined],
    ]);
    assertEquals(countedNetwork("", "guest", register), undefined);
  }
});

Deno.test("LocalFiles.put() counts what comes from a network together, and not what counts by none", () =>
  withFiles(async ({ files }) => {
    assertEquals(await outcome(files, 60, GUEST), "stored");
    assertEquals(await outcome(files, 60, { ...GUEST, user: "g2" }), "address_full");
    assertEquals(
      await outcome(files, 60, { ...GUEST, user: "g2", network: "192.0.2.2" }),
      "stored",
    );
    assertEquals(await outcome(files, 60, ANN), "stored");
  }, { maxFile: 100 * KIB, quotas: { ...LIMITS, perNetwork: 100 * KIB } }));

Deno.test("LocalFiles.put() counts uploads that are in no message apart, and lets them go soon", () =>
  withFiles(async (harness) => {
    const { files } = harness;
    const quick = () => outcome(files, 100, ANN);
    for (let n = 0; n < 7; n++) assertEquals(await quick(), "stored");
    const last = await upload(files, 100, ANN);
    assert(!("refused" in last));
    assertEquals(await quick(), "unannounced_user");
    await announce(harness, last);
    assertEquals(await quick(), "stored");
    assertEquals(await quick(), "unannounced_user");
    harness.now += HOUR / 2;
    await files.collect(harness.now);
    assertEquals(await quick(), "stored");
  }, {
    maxFile: 100 * KIB,
    retainUnannounced: HOUR / 4,
    quotas: { ...LIMITS, unannounced: 10_000 * KIB },
  }));

Deno.test("LocalFiles.put() bounds what everybody together has in no message", () =>
  withFiles(async ({ files }) => {
    for (const user of ["a", "b", "c"]) assertEquals(await outcome(files, 90, { user }), "stored");
    assertEquals(await outcome(files, 90, { user: "d" }), "unannounced_all");
  }, { maxFile: 100 * KIB, quotas: { ...LIMITS, unannounced: 300 * KIB } }));

Deno.test("LocalFiles.put() counts uploads that are running, and forgets those that fail", () =>
  withFiles(async ({ files }) => {
    const half = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(200 * KIB);
      half.resolve();
      await cut.promise;
      throw new Error("cut");
    }
    const running = files.put(slow(), { name: "a.bin", ...ANN }).catch((error: Error) => error);
    await half.promise;
    assertEquals(await outcome(files, 200, ANN), "user_full");
    cut.resolve();
    assert(await running instanceof Error);
    assertEquals(await outcome(files, 200, ANN), "stored");
  }, { maxFile: 300 * KIB, quotas: { ...LIMITS, perUser: 300 * KIB } }));

Deno.test("LocalFiles.put() counts a file as a page of the disk at least", () =>
  withFiles(async ({ files }) => {
    const tiny = (n: number) => files.put(stream(Uint8Array.of(n, 1)), { name: "a", ...ANN });
    for (let n = 0; n < 4; n++) assert(!("refused" in await tiny(n)));
    assertEquals(await tiny(9), { refused: "user_full" });
  }, { maxFile: 100 * KIB, quotas: { ...LIMITS, perUser: 16 * KIB } }));

Deno.test("LocalFiles keeps its quotas over a restart", () =>
  withFiles(async (harness) => {
    assertEquals(await outcome(harness.files, 60, GUEST), "stored");
    const again = await harness.reopen(() => {});
    assertEquals(await outcome(again, 60, GUEST), "address_full");
  }, { maxFile: 100 * KIB, quotas: { ...LIMITS, perNetwork: 100 * KIB } }));

/** Quotas over a catalog in which everything is of one user and in no message; counts how often it is read. */
function quotasOf(stored: { bytes: number }, perUser: number) {
  const read = { times: 0 };
  const quotas = new Quotas({ ...LIMITS, perUser, maxFile: 100 * MIB }, {
    usage() {
      read.times++;
      const { bytes } = stored;
      const unannounced = { user: bytes, network: 0, all: bytes };
      return { user: bytes, network: 0, unannounced };
    },
  });
  return { quotas, read };
}

/** Takes bytes, if the quota lets it. */
function take(quota: ReturnType<Quotas["open"]>, bytes: number): string {
  const over = quota.check(bytes);
  if (over === undefined) quota.count(bytes);
  return over ?? "taken";
}

Deno.test("Quotas.open() reads what is stored once for each MiB of an upload, however many others end", () => {
  const { quotas, read } = quotasOf({ bytes: 0 }, Infinity);
  const limited = quotasOf({ bytes: 0 }, 1000 * MIB);
  assertEquals([take(quotas.open(ANN), MIB), read.times], ["taken", 0]);
  const large = limited.quotas.open(ANN);
  for (let n = 0; n < 200; n++) {
    const small = limited.quotas.open(BOB);
    assertEquals([take(small, KIB), take(large, 128 * KIB)], ["taken", "taken"]);
    small.end();
  }
  assertEquals(limited.read.times, 200 + 25);
});

Deno.test("Quotas.open() counts what others take meanwhile, until they have ended and after", () => {
  for (const isStored of [true, false]) {
    const stored = { bytes: 0 };
    const { quotas } = quotasOf(stored, 1000 * KIB);
    const [one, other] = [quotas.open(ANN), quotas.open(ANN)];
    assertEquals(take(one, 100 * KIB), "taken");
    assertEquals(take(other, 800 * KIB), "taken");
    assertEquals(take(one, 101 * KIB), "user_full");
    if (isStored) stored.bytes += 800 * KIB;
    other.end();
    assertEquals(take(one, 101 * KIB), isStored ? "user_full" : "taken");
    assertEquals(take(quotas.open(ANN), 700 * KIB), isStored ? "user_full" : "taken");
  }
});

Deno.test("Quotas.open() refuses nothing because of files that are gone by then", () => {
  const stored = { bytes: 900 * KIB };
  const quota = quotasOf(stored, 1000 * KIB).quotas.open(ANN);
  assertEquals(take(quota, 100 * KIB), "taken");
  assertEquals(take(quota, KIB), "user_full");
  stored.bytes = 0;
  assertEquals(take(quota, KIB), "taken");
});
