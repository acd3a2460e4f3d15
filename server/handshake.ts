/**
 * The checks of a WebSocket handshake. Once the runtime's upgrade has been called there is no way back, so
 * everything that can be refused is refused before.
 *
 * @module
 */
import type { AllowedOrigins } from "../config/config.ts";
import { textResponse } from "../http/headers.ts";
import { isOwnOrigin } from "../http/origin.ts";
import { BEARER_PREFIX } from "../people/authenticator.ts";

/** Whose pages may connect, besides those of the host that a request was sent to. */
export interface AllowedPages {
  readonly allowOrigins: AllowedOrigins;
  /** Where browsers find the page, if a proxy stands in front of the server. */
  readonly publicUrl?: string | undefined;
}

/** What a WebSocket request asked for and may have. */
export interface UpgradeRequest {
  /** The first known subprotocol in the client's order; absent if it offered none. */
  readonly subprotocol?: string;
}

/**
 * Checks a WebSocket handshake (RFC 6455 §4.2.1), its origin and its subprotocols.
 *
 * @param known subprotocols of this endpoint; a client that offers only others is refused
 * @returns what was asked for, or the answer that refuses it
 */
export function checkUpgrade(
  request: Request,
  allowed: AllowedPages,
  known: readonly string[],
): UpgradeRequest | Response {
  return refuseHandshake(request) ?? refuseOrigin(request, allowed) ??
    chooseSubprotocol(request, known);
}

function refuseHandshake({ method, headers }: Request): Response | undefined {
  if (method !== "GET") {
    return textResponse(405, `Cannot upgrade: method must be GET, received ${method}`, {
      allow: "GET",
    });
  }
  const isUpgrade = includesToken(headers.get("upgrade"), "websocket") &&
    includesToken(headers.get("connection"), "upgrade");
  if (!isUpgrade) {
    return textResponse(426, "Cannot serve request: this is a WebSocket endpoint; upgrade to it", {
      upgrade: "websocket",
      connection: "upgrade",
    });
  }
  const version = headers.get("sec-websocket-version");
  if (version !== "13") {
    const allowed = "Cannot upgrade: Sec-WebSocket-Version must be 13";
    return textResponse(426, allowed, { "sec-websocket-version": "13", upgrade: "websocket" });
  }
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "")) {
    return textResponse(400, "Cannot upgrade: Sec-WebSocket-Key must be 16 bytes in base64");
  }
  return undefined;
}

/** A browser always sends the origin of its page; a client that sends none is no browser. */
function refuseOrigin(
  { headers }: Request,
  { allowOrigins, publicUrl }: AllowedPages,
): Response | undefined {
  const origin = headers.get("origin");
  if (origin === null || allowOrigins.kind === "any") return undefined;
  if (allowOrigins.origins.has(origin)) return undefined;
  if (isOwnOrigin(origin, headers.get("host"), publicUrl)) return undefined;
  return textResponse(
    403,
    "Cannot upgrade: pages of this origin may not connect; --allow-origin lets them",
  );
}

function chooseSubprotocol(
  { headers }: Request,
  known: readonly string[],
): UpgradeRequest | Response {
  const offered = listOf(headers.get("sec-websocket-protocol"))
    .filter((entry) => !entry.startsWith(BEARER_PREFIX));
  if (offered.length === 0) return {};
  const subprotocol = offered.find((entry) => known.includes(entry));
  if (subprotocol !== undefined) return { subprotocol };
  const allowed = known.length === 0 ? "none" : known.join(", ");
  return textResponse(400, `Cannot upgrade: the subprotocols known here are ${allowed}`);
}

function listOf(header: string | null): string[] {
  return (header ?? "").split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}

function includesToken(header: string | null, token: string): boolean {
  return listOf(header).some((entry) => entry.toLowerCase() === token);
}
