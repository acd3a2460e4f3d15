/**
 * Links that carry an invitation: `https://chat.example.org/#invite=CODE`. The code stands in the fragment,
 * which browsers send to nobody (RFC 9110 §4.2.5).
 *
 * @module
 */
import { Secret } from "../config/secret.ts";
import type { ValueKind } from "../config/values.ts";
import { parseServerUrl, type ServerUrl } from "./server_url.ts";

/** An invitation to a server. */
export interface InviteLink {
  readonly url: ServerUrl;
  readonly code: Secret;
}

/** What comes before the code. */
const MARK = "#invite=";

/** A code: 16 bytes in base64url. */
const CODE = /^[A-Za-z0-9_-]{22}$/;

/** An invitation's link. */
export const inviteLink: ValueKind<InviteLink> = {
  placeholder: "LINK",
  expected: `a link with ${MARK}CODE at its end, such as hubbub invite prints`,
  secret: true,
  read(text) {
    const [address = "", code = "", ...more] = text.split(MARK);
    const url = parseServerUrl(address);
    if (url === undefined || more.length > 0 || !CODE.test(code)) return undefined;
    return { url, code: new Secret(code) };
  },
};

/**
 * Writes a link.
 *
 * @param base where people reach the server; ends in `/`
 */
export function formatInviteLink(base: string, code: Secret): string {
  return `${base}${MARK}${code.reveal()}`;
}
