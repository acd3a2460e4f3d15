/**
 * The smallest WebSocket server on Deno; the memory of its connections is that of the runtime.
 * `deno run --allow-net bare.ts` prints where it listens.
 *
 * @module
 */
Deno.serve({
  hostname: Deno.args[0] ?? "127.0.0.1",
  port: 0,
  onListen: ({ hostname, port }) => console.log(`Listening on http://${hostname}:${port}/`),
}, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
