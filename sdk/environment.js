/**
 * What the client needs of the world outside: time, timers, chance, sockets and
 * requests. Handed in, so that a
 * test can move the clock by hand and play the server's end of a socket.
 *
 * @module
 */

/**
 * The part of the standard `WebSocket` that is used.
 *
 * @typedef {object} SocketLike
 * @property {number} readyState
 * @property {string} protocol the subprotocol that the server selected
 * @property {(frame: string) => void} send
 * @property {(code?: number, reason?: string) => void} close
 * @property {(type: string, listener: (event: any) => void) => void} addEventListener
 */

/**
 * @typedef {object} Environment
 * @property {() => number} now milliseconds since 1970
 * @property {() => number} random from 0 up to, not including, 1
 * @property {(run: () => void, milliseconds: number) => () => void} later runs once; returns the
 * function that cancels it
 * @property {(url: string, protocols: string[]) => SocketLike} socket starts to connect
 * @property {typeof fetch} fetch for uploads, and to learn why a connection was refused
 * @property {() => string} newId an id that nobody can guess: whoever knows the id of a message that is
 * under way could confirm it in the server's place
 */

/**
 * The runtime's own clock, timers and `WebSocket`: a browser's, Deno's, or that of Node 22 and later.
 *
 * @type {Environment}
 */
export const systemEnvironment = {
  now: () => Date.now(),
  random: () => Math.random(),
  later(run, milliseconds) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  socket: (url, protocols) => new WebSocket(url, protocols),
  fetch: (input, init) => fetch(input, init),
  newId,
};

/**
 * A random id of 128 bits. `crypto.randomUUID` exists only on pages served over TLS or from the same
 * machine; `getRandomValues` exists everywhere.
 *
 * @returns {string} 32 hexadecimal digits
 */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
