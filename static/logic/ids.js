/**
 * Ids for what the page sends.
 *
 * @module
 */

/**
 * A random id of 128 bits. `crypto.randomUUID` exists only on pages served over TLS or from the
 * same machine; on a plain local network this makes its own from `getRandomValues`.
 *
 * @returns {string} 32 hexadecimal digits
 */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
