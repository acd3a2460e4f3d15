/**
 * Ids for the requests that the page sends.
 *
 * @module
 */

/**
 * Returns a random id of 128 bits. `crypto.randomUUID` exists only in secure contexts (HTTPS or
 * localhost); elsewhere the id is made with `getRandomValues`.
 *
 * @returns {string} 32 hexadecimal digits
 */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
