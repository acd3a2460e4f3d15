/**
 * The flags of `hubbub serve` that say who may enter, and how they prove who they are.
 *
 * @module
 */
import type { Flags } from "./flags.ts";
import { baseUrl, issuerUrl, keysUrl } from "./url_values.ts";
import * as values from "./values.ts";

const MINUTE = 60_000;
/** A hundred years: dates that far back can still be computed in milliseconds. */
const LONGEST_AGE = 36_500 * 24 * 60 * MINUTE;

/** All of them, in the order of `--help`. */
export const PEOPLE_FLAGS = {
  access: {
    heading: "People",
    type: "single",
    kind: values.choice(["open", "members"]),
    default: "open",
    help: "who may enter: anybody, as a guest (open), or only those who sign in (members)",
  },
  register: {
    type: "optional",
    kind: values.choice(["open", "invite", "off"]),
    absent: "open; with --access members, invite",
    help: "who may become a member: anybody (open), people with an invitation, or nobody new (off)",
  },
  "hold-names": {
    type: "single",
    kind: values.duration({ min: MINUTE, max: LONGEST_AGE }),
    default: "7d",
    help: "how long a guest who asked to be remembered keeps its name after it was last seen",
  },
  "password-file": {
    type: "optional",
    kind: values.file,
    help: "a file with one password that everybody has to know to enter as a guest",
  },
  "public-url": {
    type: "optional",
    kind: baseUrl,
    absent: "the address that a request came to",
    help: "where people reach the server if a proxy is in front of it: for links, passkeys and " +
      "sign-in elsewhere",
  },
  "jwt-secret-file": {
    type: "optional",
    kind: values.file,
    help: "accepts an application's tokens (JWT) signed with the secret in this file (HS256)",
  },
  "jwks-url": {
    type: "optional",
    kind: keysUrl,
    help: "accepts an application's tokens (JWT) signed with one of the keys published there",
  },
  "jwt-issuer": {
    type: "optional",
    kind: values.identifier,
    absent: "any",
    help: "accepts only an application's tokens of this issuer",
  },
  "jwt-audience": {
    type: "optional",
    kind: values.identifier,
    absent: "any",
    help: "accepts only an application's tokens for this audience",
  },
  "oidc-issuer": {
    type: "optional",
    kind: issuerUrl,
    help: "lets people sign in with this OpenID Connect provider",
  },
  "oidc-client-id": {
    type: "optional",
    kind: values.identifier,
    help: "what this server is called at the provider",
  },
  "oidc-client-secret-file": {
    type: "optional",
    kind: values.file,
    absent: "a public client",
    help: "a file with this server's secret at the provider",
  },
  "api-token": {
    type: "repeated",
    kind: values.apiToken,
    help:
      "lets programs that send SECRET chat and use the HTTP API as NAME; may be repeated. Prefer the " +
      "variable: other users of the machine can see command lines",
  },
} as const satisfies Flags;
