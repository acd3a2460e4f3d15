/**
 * An authenticator with the browser in front of it: answers WebAuthn options like a security key that has
 * P-256 keys, keeps credentials and gives no attestation (WebAuthn Level 3 §6). What it signs for can be
 * made wrong.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** What a browser or an authenticator may have wrong. */
export interface Lies {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  /** Bits of the authenticator data's flags. */
  flags?: number;
  counter?: number;
  userHandle?: string;
}

interface Credential {
  readonly id: Buffer;
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
  readonly userHandle: string;
}

/** User present, user verified. */
const FLAGS = 0x01 | 0x04;

/** Attested credential data are included. */
const ATTESTED = 0x40;

/** Holds credentials; the latest one answers. */
export class SoftwareAuthenticator {
  readonly credentials: Credential[] = [];
  counter = 0;
  readonly #origin: string;

  /** @param origin of the page that asks */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** `navigator.credentials.create()` */
  create(
    options: { challenge: string; rp: { id?: string }; user: { id: string } },
    lies: Lies = {},
  ) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const credential = {
      id: randomBytes(32),
      privateKey,
      publicKey: coseKey(publicKey),
      userHandle: options.user.id,
    };
    this.credentials.push(credential);
    const { length } = credential.id;
    const authData = Buffer.concat([
      this.#authenticatorData(options.rp.id ?? "", ATTESTED, lies),
      Buffer.alloc(16),
      Buffer.of(length >> 8, length & 0xff),
      credential.id,
      credential.publicKey,
    ]);
    const attestationObject = cbor(
      new Map<string, Cbor>([["fmt", "none"], ["attStmt", new Map()], ["authData", authData]]),
    );
    const clientDataJSON = this.#clientData("webauthn.create", options.challenge, lies);
    return toJson(credential, {
      clientDataJSON: base64url(clientDataJSON),
      attestationObject: base64url(attestationObject),
      transports: ["internal", "telepathy"],
    });
  }

  /** `navigator.credentials.get()` */
  get(options: { challenge: string; rpId?: string }, lies: Lies = {}) {
    const credential = this.credentials.at(-1);
    if (credential === undefined) throw new Error("NotAllowedError");
    const clientDataJSON = this.#clientData("webauthn.get", options.challenge, lies);
    const authData = this.#authenticatorData(options.rpId ?? "", 0, lies);
    const signed = Buffer.concat([authData, sha256(clientDataJSON)]);
    return toJson(credential, {
      clientDataJSON: base64url(clientDataJSON),
      authenticatorData: base64url(authData),
      signature: base64url(sign("sha256", signed, credential.privateKey)),
      userHandle: lies.userHandle ?? credential.userHandle,
    });
  }

  #authenticatorData(rpId: string, flags: number, lies: Lies): Buffer {
    this.counter = lies.counter ?? this.counter + 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const bits = Buffer.of((lies.flags ?? FLAGS) | flags);
    return Buffer.concat([sha256(Buffer.from(lies.rpId ?? rpId)), bits, counter]);
  }

  #clientData(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(JSON.stringify({
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? this.#origin,
      crossOrigin: false,
    }));
  }
}

function toJson<T>({ id }: Credential, response: T) {
  return {
    id: base64url(id),
    rawId: base64url(id),
    type: "public-key",
    authenticatorAttachment: "platform",
    clientExtensionResults: {},
    response,
  };
}

/** An ES256 key on P-256 (RFC 9053 §2.1 and §7.1.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  return cbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, "base64url")],
      [-3, Buffer.from(y, "base64url")],
    ]),
  );
}

type Cbor = number | string | Buffer | Map<number | string, Cbor>;

/** Encodes small values (RFC 8949 §3). */
function cbor(value: Cbor): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, value.length), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...value].flatMap(([key, member]) => [cbor(key), cbor(member)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

function head(major: number, length: number): Buffer {
  const bits = major << 5;
  if (length < 24) return Buffer.of(bits | length);
  if (length < 256) return Buffer.of(bits | 24, length);
  return Buffer.of(bits | 25, length >> 8, length & 0xff);
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function base64url(bytes: Buffer): string {
  return bytes.toString("base64url");
}
