/**
 * npm's `ws` on Node.js: sends each message to all clients unchanged. `node ws.mjs` prints where it
 * listens.
 *
 * @module
 */
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (data, binary) => {
    for (const client of server.clients) client.send(data, { binary });
  });
});
server.on("listening", () => {
  const address = server.address();
  if (typeof address === "object") console.log(`Listening on http://127.0.0.1:${address?.port}/`);
});
