/**
 * The security headers, which every response carries as far as they concern it, and plain-text responses.
 *
 * @module
 */
import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/**
 * Adds the security headers to every response of the Hono app; those that a handler has set stay.
 *
 * The page may load only what this server serves, run no inline script, and be framed by nobody.
 */
export const securityHeaders = secureHeaders({
  overwrite: false,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "blob:", "data:"],
    mediaSrc: ["'self'", "blob:"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  crossOriginOpenerPolicy: "same-origin",
  permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
  referrerPolicy: "no-referrer",
  xContentTypeOptions: "nosniff",
  xFrameOptions: "DENY",
  // On by default in Hono. Transport security: see addTransportSecurity.
  crossOriginResourcePolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

/** What browsers heed in documents, and in workers, of which there are none. */
const OF_DOCUMENTS = [
  "content-security-policy",
  "cross-origin-opener-policy",
  "permissions-policy",
  "x-frame-options",
];

/**
 * Removes from scripts and style sheets the headers that concern only documents. The page has a hundred
 * modules, and with every one they would come to a quarter of its weight. Goes around
 * {@linkcode securityHeaders}, and only on routes that serve no files of users.
 */
export const withoutDocumentHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  if (!/^text\/(?:javascript|css)\b/.test(c.res.headers.get("content-type") ?? "")) return;
  for (const name of OF_DOCUMENTS) c.res.headers.delete(name);
};

/** The same headers as values, for responses that do not come from the app. */
const { headers: SECURITY_HEADERS } = await new Hono()
  .use(securityHeaders)
  .get("/", (c) => c.body(null))
  .request("/");

/** Adds the security headers to a response that does not come from the app; those already there stay. */
export function secure(response: Response): Response {
  for (const [name, value] of SECURITY_HEADERS) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}

/** How long browsers are to insist on TLS (RFC 6797 §6.1.1), in seconds: a year. */
const TRANSPORT_SECURITY = "max-age=31536000";

/** Has the browser use nothing but TLS for this host from now on. Only for responses that go out by TLS. */
export function addTransportSecurity({ headers }: Response): void {
  headers.set("strict-transport-security", TRANSPORT_SECURITY);
}

/** A plain-text response of one line, secured: it need not come from the app. */
export function textResponse(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  return secure(
    new Response(`${text}\n`, {
      status,
      headers: { "content-type": "text/plain; charset=utf-8", ...headers },
    }),
  );
}
