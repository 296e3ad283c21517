// A bare WebSocket server, npm's `ws`: who connects is sent what is posted. `node sockets.mjs PORT`, with `ws` in
// NODE_PATH.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(`${process.env.NODE_PATH}/`)("ws");

const server = createServer((request, answer) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    if (!pieces.length) return answer.writeHead(204).end();
    const text = `42/_event,${JSON.stringify(["event", JSON.parse(Buffer.concat(pieces).toString())])}`;
    for (const socket of sockets.clients) socket.send(text);
    answer.writeHead(204).end();
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => socket.send("40/_event,in"));
server.listen(Number(process.argv[2]), "127.0.0.1");
