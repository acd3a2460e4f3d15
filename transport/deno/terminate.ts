/**
 * Ends a WebSocket without its peer. The runtime has no public way: after `close()` it goes on reading, and
 * holds what it reads, until the peer answers; a peer that sends one fragment after the other never does.
 *
 * It lets go of a connection, and frees what that holds, once it fails to write a close frame. So this has it
 * fail, by hiding the handle of the connection from the runtime's `close()` while it is called. The handle and
 * the state are found by the names of their symbols; with a runtime that has others, nothing happens, and a
 * test says so. Deno 2.9 frees the memory at once, Deno 2.5 only when the peer leaves.
 *
 * @module
 */

/** Ends the connection of a socket of `Deno.upgradeWebSocket`, unless it has ended or is not open yet. */
export function terminate(socket: WebSocket): void {
  if (socket.readyState !== WebSocket.OPEN && socket.readyState !== WebSocket.CLOSING) return;
  const handle = symbolOf(socket, "[[rid]]");
  const state = symbolOf(socket, "[[readyState]]");
  if (handle === undefined || state === undefined) return;
  const { value } = Object.getOwnPropertyDescriptor(socket, handle) ?? {};
  Reflect.set(socket, state, WebSocket.OPEN);
  Reflect.set(socket, handle, {});
  try {
    socket.close();
  } finally {
    Reflect.set(socket, handle, value);
  }
}

function symbolOf(socket: WebSocket, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === description);
}
