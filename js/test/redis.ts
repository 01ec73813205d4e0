// A real Redis, which a test has for itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "redis";
import { atEnd } from "./harness.js";

/** Starts a redis-server and returns its URL. */
export async function startRedis(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "redis-"));
  const port = await freePort();
  const args = ["--bind", "127.0.0.1", "--port", String(port), "--dir", dir, "--save", "", "--appendonly", "no"];
  const redis = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  atEnd(async () => {
    redis.kill("SIGKILL");
    await once(redis, "exit");
    await rm(dir, { recursive: true });
  });
  for await (const line of createInterface({ input: redis.stdout })) {
    if (line.includes("Ready to accept connections")) {
      redis.stdout.resume();
      return `redis://127.0.0.1:${port}`;
    }
  }
  throw new Error("redis-server ended");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Connects a client of node-redis. */
export async function connectRedis(url: string, RESP: 2 | 3) {
  const client = createClient({ url, RESP });
  await client.connect();
  atEnd(() => client.destroy());
  return client;
}
