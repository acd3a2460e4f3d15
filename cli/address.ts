/**
 * Where a server listens: reading and writing the text form of `--addr`. Imports nothing.
 *
 * @module
 */

/**
 * Where to listen.
 *
 * - `any`: every interface, IPv6 and IPv4 (`:8080`). To be bound as `::`, and as `0.0.0.0` where the
 *   machine has no IPv6;
 * - `host`: the interface of one name or address (`127.0.0.1:8080`, `[::1]:8080`), `hostname` without
 *   brackets;
 * - `unix`: a Unix socket (`unix:/run/hubbub.sock`).
 *
 * Port 0 lets the system choose a free one.
 */
export type Address =
  | { readonly kind: "any"; readonly port: number }
  | { readonly kind: "host"; readonly hostname: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };
