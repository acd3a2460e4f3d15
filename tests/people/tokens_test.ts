/** Tokens of an embedding application. */
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type GenerateKeyPairResult,
  importJWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { StartError } from "../../config/errors.ts";
import { Secret } from "../../config/secret.ts";
import { Identities } from "../../people/identities.ts";
import type { Principal } from "../../people/principal.ts";
import { createTokenVerifier, type TokenOptions } from "../../people/tokens.ts";
import { assertEquals, assertMatch, assertThrows } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";

const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const SECRET = "0123456789abcdef0123456789abcdef";
const ISSUER = "https://app.example";
const CLAIMS = { sub: "ann", name: "Ann", exp: SECONDS + 60 };

const KEYS = {
  RS256: await generateKeyPair("RS256", { extractable: true }),
  ES256: await generateKeyPair("ES256", { extractable: true }),
  EdDSA: await generateKeyPair("EdDSA", { extractable: true }),
};

type SigningKey = Uint8Array | GenerateKeyPairResult["privateKey"];

const secretKey = (text: string = SECRET) => new TextEncoder().encode(text);

function sign(
  claims: JWTPayload,
  { alg = "HS256", key = secretKey(), kid }: { alg?: string; key?: SigningKey; kid?: string } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(
    key,
  );
}

/** A verifier with a secret, and a clock that can be set. */
function setUp(options: Partial<TokenOptions> = {}) {
  const store = createMemoryPeople();
  const clock = { now: NOW };
  const verify = createTokenVerifier(
    { secret: new Secret(SECRET), now: () => clock.now, steady: () => clock.now, ...options },
    new Identities(store, { now: () => clock.now }),
  );
  return { store, clock, verify };
}

/** Serves a JWK set that can be changed; counts the requests. */
class KeyServer implements AsyncDisposable {
  keys: Record<string, unknown>[] = [];
  status = 200;
  requests = 0;
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => {
      this.requests++;
      return Response.json({ keys: this.keys }, { status: this.status });
    },
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/jwks.json`;
  }

  async publish(kid: string, alg: keyof typeof KEYS, pair = KEYS[alg]): Promise<void> {
    this.keys.push({ ...await exportJWK(pair.publicKey), kid, alg, use: "sig" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

async function withKeys(
  run: (server: KeyServer) => Promise<void>,
): Promise<void> {
  await using server = new KeyServer();
  await server.publish("rsa", "RS256");
  await server.publish("ec", "ES256");
  await server.publish("ed", "EdDSA");
  await run(server);
}

const isValid = (principal: Principal | undefined) => principal !== undefined;

Deno.test("verify() accepts HS256 with the shared secret", async () => {
  const { store, verify } = setUp();
  const principal = await verify(
    await sign({ ...CLAIMS, rooms: ["lobby", "team-1"], admin: true, iss: "any", aud: "any" }),
  );
  const id = await store.findIdentity("jwt", "ann");
  assertEquals(principal, {
    user: { id: id ?? "", name: "Ann", role: "admin" },
    rooms: ["lobby", "team-1"],
    expires: NOW + 60_000,
  });
});

for (const [alg, kid] of [["RS256", "rsa"], ["ES256", "ec"], ["EdDSA", "ed"]] as const) {
  Deno.test(`verify() accepts ${alg} with a key of the JWK set, and only with it`, () =>
    withKeys(async ({ url }) => {
      const { verify } = setUp({ jwksUrl: url });
      const { privateKey: key } = KEYS[alg];
      assertEquals((await verify(await sign(CLAIMS, { alg, key, kid })))?.user?.name, "Ann");
      assertEquals(isValid(await verify(await sign(CLAIMS, { alg, key }))), true);
      const { privateKey: other } = await generateKeyPair(alg);
      assertEquals(await verify(await sign(CLAIMS, { alg, key: other, kid })), undefined);
    }));
}

Deno.test("verify() accepts both kinds of tokens if both are configured", () =>
  withKeys(async ({ url }) => {
    const { verify } = setUp({ jwksUrl: url });
    const byKey = await verify(
      await sign(CLAIMS, { alg: "ES256", key: KEYS.ES256.privateKey, kid: "ec" }),
    );
    const bySecret = await verify(await sign(CLAIMS));
    assertEquals([isValid(byKey), byKey?.user], [true, bySecret?.user]);
  }));

Deno.test("verify() refuses tokens for whose algorithm there is no key", () =>
  withKeys(async ({ url }) => {
    const { verify } = setUp();
    const token = await sign(CLAIMS, { alg: "ES256", key: KEYS.ES256.privateKey });
    assertEquals(await verify(token), undefined);
    const { verify: verifyByKey } = setUpKeysOnly(url);
    assertEquals(isValid(await verifyByKey(token)), true);
    assertEquals(await verifyByKey(await sign(CLAIMS)), undefined);
    const strong = await sign(CLAIMS, { alg: "HS512", key: secretKey(SECRET.repeat(2)) });
    assertEquals(await setUp({ secret: new Secret(SECRET.repeat(2)) }).verify(strong), undefined);
  }));

Deno.test("verify() refuses other algorithms of the keys in the JWK set", () =>
  withKeys(async (server) => {
    const { verify } = setUpKeysOnly(server.url);
    const { privateKey, publicKey } = await generateKeyPair("PS256", { extractable: true });
    server.keys.push({ ...await exportJWK(publicKey), kid: "free" });
    server.keys.push({ kty: "oct", k: btoa(SECRET).replaceAll("=", ""), kid: "oct" });
    const rsa = await importJWK(await exportJWK(privateKey), "RS256");
    assertEquals(
      isValid(await verify(await sign(CLAIMS, { alg: "RS256", key: rsa, kid: "free" }))),
      true,
    );
    const pss = await sign(CLAIMS, { alg: "PS256", key: privateKey, kid: "free" });
    assertEquals(await verify(pss), undefined);
    assertEquals(await verify(await sign(CLAIMS, { kid: "oct" })), undefined);
  }));

/** A verifier that has no secret. */
function setUpKeysOnly(jwksUrl: string) {
  const store = createMemoryPeople();
  return { verify: createTokenVerifier({ jwksUrl, now: () => NOW }, new Identities(store)) };
}

Deno.test("verify() refuses HS256 signed with a public key of the JWK set", () =>
  withKeys(async ({ url, keys }) => {
    const pem = await exportSPKI(KEYS.RS256.publicKey);
    const modulus = String(keys[0]?.n);
    for (const { verify } of [setUp({ jwksUrl: url }), setUpKeysOnly(url)]) {
      for (const text of [pem, pem.trim(), modulus, JSON.stringify(keys[0])]) {
        const token = await sign(CLAIMS, { alg: "HS256", key: secretKey(text), kid: "rsa" });
        assertEquals(await verify(token), undefined);
      }
    }
  }));

Deno.test("verify() refuses tokens without a signature", async () => {
  const { verify } = setUp();
  const unsigned = new UnsecuredJWT(CLAIMS).encode();
  const [, payload, signature] = (await sign(CLAIMS)).split(".");
  const header = (alg: string) => btoa(JSON.stringify({ alg })).replaceAll("=", "");
  for (
    const token of [
      unsigned,
      `${header("none")}.${payload}.${signature}`,
      `${header("None")}.${payload}.`,
      `${header("HS256")}.${payload}.`,
      `${header("")}.${payload}.${signature}`,
    ]
  ) assertEquals(await verify(token), undefined);
});

Deno.test("verify() refuses what is no token, without loading anything", async () => {
  const { verify } = setUp();
  for (const text of ["", "secret", "a.b.c", "eyJ.a", "eyJhbGciOiJIUzI1NiJ9.e30.x.y", "eyJ!.a.b"]) {
    assertEquals(await verify(text), undefined);
  }
});

Deno.test("verify() refuses a token that is longer than 8 KiB", async () => {
  const { verify } = setUp();
  const padded = (length: number) => sign({ ...CLAIMS, pad: "x".repeat(length) });
  assertEquals(isValid(await verify(await padded(5000))), true);
  assertEquals(await verify(await padded(8000)), undefined);
  assertEquals(await verify(await padded(1_000_000)), undefined);
});

const BAD: readonly [what: string, claims: JWTPayload][] = [
  ["an expired token", { ...CLAIMS, exp: SECONDS - 6 }],
  ["a token that is not valid yet", { ...CLAIMS, nbf: SECONDS + 6 }],
  ["a token without exp", { sub: "ann" }],
  ["a token without sub", { exp: CLAIMS.exp }],
  ["an empty sub", { ...CLAIMS, sub: "" }],
  ["a sub of 256 characters", { ...CLAIMS, sub: "x".repeat(256) }],
  ["rooms that are no array", { ...CLAIMS, rooms: "lobby" }],
  ["rooms: null", { ...CLAIMS, rooms: null }],
  ["a room of a wrong name", { ...CLAIMS, rooms: ["lobby", "No Room"] }],
  ["a room that is no text", { ...CLAIMS, rooms: [1] }],
  ["a direct conversation among the rooms", { ...CLAIMS, rooms: ["@a:b"] }],
];

for (const [what, claims] of BAD) {
  Deno.test(`verify() refuses ${what}`, async () => {
    const { store, verify } = setUp();
    assertEquals(await verify(await sign(claims)), undefined);
    assertEquals(await store.list({ limit: 1 }), []);
  });
}

Deno.test("verify() refuses claims of a wrong type", async () => {
  const { verify } = setUp();
  const bodies = ['{"sub":1,"exp":9999999999}', '{"sub":"a","exp":"9999999999"}', "[]", "1", "{"];
  for (const body of bodies) assertEquals(await verify(await signText(body)), undefined);
  assertEquals(isValid(await verify(await signText('{"sub":"a","exp":9999999999}'))), true);
});

/** Signs a payload that `SignJWT` would not make. */
async function signText(body: string): Promise<string> {
  const encode = (bytes: Uint8Array) =>
    bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  const text = new TextEncoder();
  const input = `${encode(text.encode('{"alg":"HS256"}'))}.${encode(text.encode(body))}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secretKey(), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, text.encode(input));
  return `${input}.${encode(new Uint8Array(signature))}`;
}

Deno.test("verify() tolerates clocks that differ by five seconds", async () => {
  const { verify } = setUp();
  assertEquals(isValid(await verify(await sign({ ...CLAIMS, exp: SECONDS - 4 }))), true);
  assertEquals(isValid(await verify(await sign({ ...CLAIMS, nbf: SECONDS + 5 }))), true);
});

Deno.test("verify() accepts a token until it expires", async () => {
  const { clock, verify } = setUp();
  const token = await sign(CLAIMS);
  assertEquals((await verify(token))?.expires, NOW + 60_000);
  clock.now += 66_000;
  assertEquals(await verify(token), undefined);
});

Deno.test("verify() requires issuer and audience if they are configured", async () => {
  const { store, verify } = setUp({ issuer: ISSUER, audience: "chat" });
  const good = { ...CLAIMS, iss: ISSUER, aud: ["other", "chat"] };
  for (
    const wrong of [
      CLAIMS,
      { ...good, iss: `${ISSUER}/` },
      { ...good, aud: "other" },
      { ...CLAIMS, iss: ISSUER },
      { ...CLAIMS, aud: "chat" },
    ]
  ) assertEquals(await verify(await sign(wrong)), undefined);
  const principal = await verify(await sign(good));
  assertEquals(await store.findIdentity(ISSUER, "ann"), principal?.user?.id);
});

Deno.test("verify() gives a new user the name of the token if it is good and free", async () => {
  const { verify } = setUp();
  const names = [];
  for (
    const [sub, name] of [["1", "Ann"], ["2", "ANN"], ["3", " \u202e"], ["four", 4], ["1", "X"]]
  ) {
    const token = await sign({ sub: String(sub), exp: CLAIMS.exp, name });
    names.push((await verify(token))?.user?.name);
  }
  assertEquals(names, ["Ann", "ANN 2", "3", "four", "Ann"]);
});

Deno.test("verify() makes an admin only of admin: true", async () => {
  const { verify } = setUp();
  await verify(await sign({ ...CLAIMS, sub: "boss", admin: true }));
  for (const admin of ["true", 1, {}, false, undefined]) {
    assertEquals((await verify(await sign({ ...CLAIMS, admin })))?.user?.role, "member");
  }
});

Deno.test("verify() knows nobody who is disabled", async () => {
  const { store, verify } = setUp();
  const token = await sign(CLAIMS);
  const principal = await verify(token);
  await store.change(principal?.user?.id ?? "", { disabled: true });
  assertEquals(await verify(token), undefined);
});

Deno.test("verify() fetches the keys again when one is unknown, but not too often", () =>
  withKeys(async (server) => {
    const { verify } = setUp({ jwksUrl: server.url });
    const rotated = await generateKeyPair("ES256", { extractable: true });
    const old = await sign(CLAIMS, { alg: "ES256", key: KEYS.ES256.privateKey, kid: "ec" });
    const fresh = await sign(CLAIMS, { alg: "ES256", key: rotated.privateKey, kid: "ec2" });
    assertEquals(isValid(await verify(old)), true);
    for (let turn = 0; turn < 3; turn++) assertEquals(await verify(fresh), undefined);
    assertEquals(server.requests, 1);

    const { verify: verifyNow } = setUp({ jwksUrl: server.url, jwksCooldown: 0 });
    assertEquals(isValid(await verifyNow(old)), true);
    server.keys = [];
    await server.publish("ec2", "ES256", rotated);
    assertEquals(isValid(await verifyNow(fresh)), true);
    assertEquals(await verifyNow(old), undefined);
  }));

Deno.test("verify() refuses tokens while the keys cannot be fetched, and tries again later", () =>
  withKeys(async (server) => {
    const { clock, verify } = setUp({ jwksUrl: server.url });
    const token = await sign(CLAIMS, { alg: "ES256", key: KEYS.ES256.privateKey, kid: "ec" });
    using logs = new CapturedLogs();
    server.status = 500;
    for (let turn = 0; turn < 3; turn++) assertEquals(await verify(token), undefined);
    assertEquals(server.requests, 1);
    const warnings = logs.lines.filter((line) => line.startsWith("warning"));
    assertEquals(warnings.length, 1);
    assertMatch(warnings.join(), /Cannot fetch the keys of --jwks-url.*status 500/);
    assertEquals(isValid(await verify(await sign(CLAIMS))), true);
    server.status = 200;
    clock.now += 5000;
    assertEquals(isValid(await verify(token)), true);
  }));

Deno.test("verify() refuses tokens when nobody serves the keys", async () => {
  const server = new KeyServer();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  const { verify } = setUp({ jwksUrl: url });
  const token = await sign(CLAIMS, { alg: "ES256", key: KEYS.ES256.privateKey, kid: "ec" });
  assertEquals(await verify(token), undefined);
});

Deno.test("verify() logs why a token is not valid, but nothing of it", async () => {
  const { verify } = setUp({ audience: "chat" });
  using logs = new CapturedLogs();
  for (const claims of [{ ...CLAIMS, aud: "private" }, { ...CLAIMS, exp: 1, aud: "chat" }]) {
    const token = await sign(claims);
    await verify(token);
    await verify(`${token}x`);
    for (const part of [...token.split("."), "private", CLAIMS.name]) {
      assertEquals(logs.lines.join().includes(part), false);
    }
  }
  assertEquals(logs.lines.map((line) => /ERR_\w+/.exec(line)?.[0]), [
    "ERR_JWT_CLAIM_VALIDATION_FAILED",
    "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
    "ERR_JWT_EXPIRED",
    "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  ]);
});

Deno.test("createTokenVerifier() refuses a secret of less than 32 bytes", () => {
  const error = assertThrows(() => setUp({ secret: new Secret("x".repeat(31)) }), StartError);
  assertEquals(
    error.message,
    "Cannot verify tokens: the secret in --jwt-secret-file must have at least 32 bytes, received 31",
  );
});
