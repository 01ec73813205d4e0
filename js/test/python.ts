// Programs in Python that tests talk to.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { atEnd } from "./harness.js";

const root = fileURLToPath(new URL("../../../", import.meta.url)); // as tests run in a directory of node_modules
/** The Python that has znsocket. */
export const python = process.env.ZNSOCKET_PYTHON ?? `${root}.venv/bin/python`;

/** A program that says something for each line that it is given. */
export interface Peer {
  /** Gives it a value as a line of JSON, and returns what it says. */
  ask(request: unknown): Promise<any>;
  /** Returns its next line, read as JSON, or as a text where it is none. */
  next(): Promise<any>;
  /** Gives it nothing more, and returns what else it says. */
  finish(): Promise<string[]>;
}

/** Starts a program, by its path in the repository. */
export function startPeer(program: string, ...args: string[]): Peer {
  const child = spawn(python, ["-W", "ignore", root + program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  atEnd(async () => {
    child.stdin.end();
    child.kill("SIGKILL");
    await ended;
  });
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} has ended: what it said is above`);
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  };
  return {
    next,
    ask(request) {
      child.stdin.write(JSON.stringify(request) + "\n");
      return next();
    },
    async finish() {
      child.stdin.end();
      const rest: string[] = [];
      for (let line = await lines.next(); !line.done; line = await lines.next()) rest.push(line.value);
      const [code] = await ended;
      if (code !== 0) throw new Error(`${program} failed: what it said is above`);
      return rest;
    },
  };
}
