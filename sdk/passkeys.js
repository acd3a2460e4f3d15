/**
 * What a browser does with passkeys (WebAuthn), from the server's JSON and back to it. The browser's own
 * conversion is used where there is one; browsers from before March 2025 may have none (MDN,
 * `PublicKeyCredential.parseCreationOptionsFromJSON`).
 *
 * @module
 */
import { RefusedError } from "./errors.js";

/**
 * The part of a browser that is used, to be played in tests.
 *
 * @typedef {object} Authenticator
 * @property {Pick<CredentialsContainer, "create" | "get"> | undefined} credentials `navigator.credentials`
 * @property {any} PublicKeyCredential the global of that name
 */

/** @returns {Authenticator} */
export function systemAuthenticator() {
  return {
    credentials: globalThis.navigator?.credentials,
    PublicKeyCredential: Reflect.get(globalThis, "PublicKeyCredential"),
  };
}

/** Whether passkeys can be used here: in a browser, on a page of `https:` or `localhost`. */
export function hasPasskeys({ credentials, PublicKeyCredential } = systemAuthenticator()) {
  return credentials !== undefined && PublicKeyCredential !== undefined;
}

/**
 * Makes a passkey.
 *
 * @param {any} json the server's `PublicKeyCredentialCreationOptionsJSON`
 * @param {Authenticator} [authenticator]
 * @returns {Promise<unknown>} the credential, as `toJSON` gives it
 * @throws {RefusedError} `cancelled` if the user does not want to, `conflict` if the device has one
 * already, `unsupported` if there are no passkeys here
 */
export function createPasskey(json, authenticator = systemAuthenticator()) {
  return perform(authenticator, (credentials, { parseCreationOptionsFromJSON: parse }) => {
    const publicKey = parse?.(json) ?? creationOptions(json);
    return credentials.create({ publicKey });
  });
}

/**
 * Signs with a passkey that the user picks.
 *
 * @param {any} json the server's `PublicKeyCredentialRequestOptionsJSON`
 * @param {Authenticator} [authenticator]
 * @returns {Promise<unknown>} the credential, as `toJSON` gives it
 * @throws {RefusedError} as `createPasskey`
 */
export function usePasskey(json, authenticator = systemAuthenticator()) {
  return perform(authenticator, (credentials, { parseRequestOptionsFromJSON: parse }) => {
    const publicKey = parse?.(json) ?? requestOptions(json);
    return credentials.get({ publicKey });
  });
}

/**
 * @param {Authenticator} authenticator
 * @param {(credentials: Pick<CredentialsContainer, "create" | "get">, parsers: any) => Promise<Credential | null>} act
 */
async function perform(authenticator, act) {
  const { credentials, PublicKeyCredential } = authenticator;
  if (!credentials || !hasPasskeys(authenticator)) {
    throw new RefusedError("unsupported", "Cannot use passkeys: this browser or page has none");
  }
  try {
    // Bound, because the parsers are static methods.
    const parsers = {
      parseCreationOptionsFromJSON: PublicKeyCredential.parseCreationOptionsFromJSON
        ?.bind(PublicKeyCredential),
      parseRequestOptionsFromJSON: PublicKeyCredential.parseRequestOptionsFromJSON
        ?.bind(PublicKeyCredential),
    };
    const credential = await act(credentials, parsers);
    if (credential) return credentialJson(credential);
  } catch (error) {
    throw refusalOf(error);
  }
  throw refusalOf(undefined);
}

/** @param {unknown} error of `navigator.credentials` */
function refusalOf(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "InvalidStateError") {
    return new RefusedError("conflict", "Cannot add passkey: this device has one already");
  }
  if (name === "NotSupportedError" || name === "SecurityError") {
    return new RefusedError("unsupported", "Cannot use passkeys: this browser or page has none");
  }
  return new RefusedError("cancelled", "Cannot use passkey: cancelled, or not in time");
}

/** @param {any} json */
function creationOptions({ challenge, user, excludeCredentials = [], ...rest }) {
  return {
    ...rest,
    challenge: toBytes(challenge),
    user: { ...user, id: toBytes(user.id) },
    excludeCredentials: excludeCredentials.map(descriptor),
  };
}

/** @param {any} json */
function requestOptions({ challenge, allowCredentials = [], ...rest }) {
  return {
    ...rest,
    challenge: toBytes(challenge),
    allowCredentials: allowCredentials.map(descriptor),
  };
}

/** @param {{ id: string }} json */
function descriptor(json) {
  return { ...json, id: toBytes(json.id) };
}

/** Members of a response that are bytes. */
const BYTES = [
  "clientDataJSON",
  "attestationObject",
  "authenticatorData",
  "signature",
  "userHandle",
];

/** @param {any} credential */
function credentialJson(credential) {
  if (typeof credential.toJSON === "function") return credential.toJSON();
  const { id, type, rawId, response, authenticatorAttachment } = credential;
  /** @type {Record<string, unknown>} */
  const members = {};
  for (const name of BYTES) if (response[name]) members[name] = toBase64Url(response[name]);
  if (response.getTransports) members["transports"] = response.getTransports();
  const clientExtensionResults = credential.getClientExtensionResults?.() ?? {};
  return {
    id,
    type,
    rawId: toBase64Url(rawId),
    response: members,
    clientExtensionResults,
    ...(authenticatorAttachment && { authenticatorAttachment }),
  };
}

/** @param {string} text base64url (RFC 4648 §5) without padding */
function toBytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
function toBase64Url(bytes) {
  const binary = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
