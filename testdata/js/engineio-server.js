import { Server } from "engine.io";
import http from "node:http";
const options = JSON.parse(process.argv[2]);
const server = http.createServer().listen(0, "127.0.0.1", () => console.log(server.address().port));
const engine = new Server(options);
engine.attach(server);
engine.on("connection", (socket) => {
  socket.send("welcome");
  socket.on("message", (data) => {
    const [word, argument] = typeof data === "string" ? data.split(" ") : [""];
    if (word === "!close") socket.close();
    else if (word === "!burst") for (let i = 0; i < +argument; i++) socket.send(i % 2 ? String(i) : Buffer.from(String(i)));
    else if (word === "!later") setTimeout(() => socket.send("later"), 1000 * +argument);
    else socket.send(data);
  });
  socket.on("close", (reason) => console.log(reason));
});
