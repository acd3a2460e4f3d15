/**
 * Reads what a browser's authenticator has answered, as `PublicKeyCredential.toJSON()` gives it (WebAuthn
 * Level 3 §5.1): its form only. Whether it is true is checked by `passkeys.ts`.
 *
 * @module
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { Refused } from "../protocol.ts";

/** What the browser says it has signed for (WebAuthn Level 3 §5.8.1). */
export interface ClientData {
  readonly challenge: string;
  readonly origin: string;
}

/** A response of an authenticator. */
interface Read<T> {
  readonly response: T;
  readonly client: ClientData;
}

/** @throws {Refused} `bad_message` if it is no response to a registration */
export function readAttestation(value: unknown): Read<RegistrationResponseJSON> {
  const verb = "register passkey";
  const { id, response } = readCredential(verb, value);
  const clientDataJSON = readString(verb, response, "clientDataJSON");
  const attestationObject = readString(verb, response, "attestationObject");
  const { transports } = response;
  const known = Array.isArray(transports) ? transports.filter(isTransport) : [];
  return {
    response: {
      id,
      rawId: id,
      type: "public-key",
      clientExtensionResults: {},
      response: { clientDataJSON, attestationObject, transports: known },
    },
    client: readClientData(verb, clientDataJSON),
  };
}

/** @throws {Refused} `bad_message` if it is no response to a sign-in */
export function readAssertion(value: unknown): Read<AuthenticationResponseJSON> {
  const verb = "sign in";
  const { id, response } = readCredential(verb, value);
  const clientDataJSON = readString(verb, response, "clientDataJSON");
  const authenticatorData = readString(verb, response, "authenticatorData");
  const signature = readString(verb, response, "signature");
  const { userHandle } = response;
  return {
    response: {
      id,
      rawId: id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON,
        authenticatorData,
        signature,
        ...(typeof userHandle === "string" && { userHandle }),
      },
    },
    client: readClientData(verb, clientDataJSON),
  };
}

type Members = Readonly<Record<string, unknown>>;

function readCredential(verb: string, value: unknown): { id: string; response: Members } {
  if (isObject(value)) {
    const { id, rawId, type, response } = value;
    if (isBase64Url(id) && id === rawId && type === "public-key" && isObject(response)) {
      return { id, response };
    }
  }
  throw malformed(verb, "must be what PublicKeyCredential.toJSON() returns");
}

function readString(verb: string, members: Members, name: string): string {
  const value = members[name];
  if (isBase64Url(value)) return value;
  throw malformed(verb, `must have a response.${name} in base64url`);
}

function readClientData(verb: string, text: string): ClientData {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64Url(text)));
  } catch {
    // Falls through: the value is no object.
  }
  if (isObject(value)) {
    const { challenge, origin } = value;
    if (isBase64Url(challenge) && typeof origin === "string") return { challenge, origin };
  }
  throw malformed(verb, "must have a response.clientDataJSON with challenge and origin");
}

/** The transports of WebAuthn Level 3 §5.8.4; those of the future are dropped. */
const TRANSPORTS = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"] as const;

function isTransport(value: unknown): value is (typeof TRANSPORTS)[number] {
  return TRANSPORTS.some((transport) => transport === value);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBase64Url(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]+$/.test(value);
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

function malformed(verb: string, rule: string): Refused {
  return new Refused("bad_message", `Cannot ${verb}: "credential" ${rule}`);
}
