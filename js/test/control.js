// What tests ask for over HTTP, so that they can be the same in Node and in a
// browser: servers that are started and killed, proxies that cut connections.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTCPServer, connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const python = process.env.ZNSOCKET_PYTHON ?? `${root}.venv/bin/python`;

const program = "from znsocket.cli import app; app()";

/** One of Socket.IO that has the namespace and knows nothing of us. */
const stranger = `
import sys, eventlet, eventlet.wsgi, socketio
sio = socketio.Server()
sio.on("server_config", lambda sid: "what?", namespace="/znsocket")
eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[2]))), socketio.WSGIApp(sio))
`;

/** A server that can be killed and started again at its address. */
class Server {
  /**
   * @param {{ kind: "go" | "python" | "stranger" | "redis", args?: string[] }} options
   * @param {string} origin of the page that runs the tests
   */
  constructor({ kind, args = [] }, origin) {
    this.kind = kind;
    this.args = args;
    this.origin = origin;
    this.port = 0;
  }

  get url() {
    return `${this.kind === "redis" ? "redis" : "http"}://127.0.0.1:${this.port}`;
  }

  async start() {
    const start = { go: () => this.startGo(), python: () => this.startPython(program), stranger: () => this.startPython(stranger), redis: () => this.startRedis() };
    await start[this.kind]();
  }

  async startGo() {
    const args = ["--port", String(this.port), "--allow-origin", this.origin, ...this.args];
    this.process = spawn(`${root}bin/znsocket`, args, { stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    for await (const line of createInterface({ input: /** @type {import("node:stream").Readable} */ (this.process.stderr) })) {
      const found = /ready: clients connect to znsocket:\/\/[\d.]+:(\d+)/.exec(line);
      if (found) {
        this.port = Number(found[1]);
        this.process.stderr?.resume();
        return;
      }
      log += `${line}\n`;
    }
    throw new Error(`bin/znsocket ended: ${log}`);
  }

  // It says nothing when it is ready, so try until it is.
  /** @param {string} program */
  async startPython(program) {
    this.port ||= await freePort();
    const args = ["-W", "ignore", "-c", program, "--port", String(this.port), "--log-level", "ERROR", ...this.args];
    this.process = spawn(python, args, { stdio: "ignore" });
    for (;;) {
      if (this.process.exitCode !== null) throw new Error(`the Python server ended: run make setup, or name a Python with znsocket in ZNSOCKET_PYTHON`);
      const socket = connect(this.port, "127.0.0.1");
      const ready = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
      socket.destroy();
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async startRedis() {
    this.port ||= await freePort();
    const args = ["--bind", "127.0.0.1", "--port", String(this.port), "--save", "", "--appendonly", "no"];
    this.process = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface({ input: /** @type {import("node:stream").Readable} */ (this.process.stdout) })) {
      if (!line.includes("Ready to accept connections")) continue;
      this.process.stdout?.resume();
      return;
    }
    throw new Error("redis-server ended");
  }

  /** @param {NodeJS.Signals} signal */
  async kill(signal = "SIGKILL") {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }
}

/** A proxy between a client and a server. */
class Proxy {
  /** @param {{ to: string }} options */
  constructor({ to }) {
    this.to = Number(new URL(to).port);
    /**
     * How each connection is ended.
     * @type {Set<() => void>}
     */
    this.ends = new Set();
    /** What the server says is lost. */
    this.mute = false;
    /** The server does not notice that a connection is cut. */
    this.hold = false;
    /**
     * A connection over which more bytes than the first of these have come from
     * the client is cut; then the next one counts.
     * @type {number[]}
     */
    this.limits = [];
    this.server = createTCPServer((client) => this.pass(client));
  }

  get url() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${port}`;
  }

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
  }

  /** @param {import("node:net").Socket} client */
  pass(client) {
    const upstream = connect(this.to, "127.0.0.1");
    const both = [client, upstream];
    const end = () => {
      client.destroy();
      if (!this.hold) upstream.destroy();
    };
    let sent = 0;
    client.on("data", (data) => {
      sent += data.length;
      if (sent > (this.limits[0] ?? Infinity)) {
        this.limits.shift();
        end();
      } else {
        upstream.write(data);
      }
    });
    upstream.on("data", (data) => void (this.mute || client.write(data)));
    this.ends.add(end);
    for (const socket of both) {
      socket.on("error", end).on("close", () => {
        end();
        if (both.every(({ destroyed }) => destroyed)) this.ends.delete(end);
      });
    }
  }

  cut() {
    for (const end of this.ends) end();
  }

  async kill() {
    this.hold = false;
    this.cut();
    this.server.close();
  }
}

async function freePort() {
  const server = createTCPServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  return port;
}

/**
 * Starts the control server, which also serves files to a browser.
 * @param {Record<string, string | Uint8Array>} files by path
 */
export async function startControl(files) {
  /** @type {Map<string, any>} */
  const things = new Map();
  let last = 0;

  /** @type {Record<string, (ask: any) => unknown>} */
  const actions = {
    async server(options) {
      const server = new Server(options, url);
      const id = String(++last);
      things.set(id, server);
      await server.start();
      return { id, url: server.url };
    },
    async proxy(options) {
      const proxy = new Proxy(options);
      const id = String(++last);
      things.set(id, proxy);
      await proxy.start();
      return { id, url: proxy.url };
    },
    async start({ id }) {
      await things.get(id).start();
    },
    async kill({ id, signal }) {
      await things.get(id).kill(signal);
    },
    async end({ id }) {
      await things.get(id).kill();
      things.delete(id);
    },
    async cut({ id }) {
      things.get(id).cut();
    },
    async set({ id, ...fields }) {
      Object.assign(things.get(id), fields);
    },
  };

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "*");
    if (request.method !== "POST") {
      const file = files[path];
      response.setHeader("Content-Type", path.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8");
      response.writeHead(file === undefined ? 404 : 200).end(file);
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const answer = await actions[path.slice(1)]?.(JSON.parse(Buffer.concat(chunks).toString()));
      response.end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    async close() {
      await Promise.all([...things.values()].map((thing) => thing.kill()));
      server.closeAllConnections();
      server.close();
    },
  };
}

