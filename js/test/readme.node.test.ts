// Runs what README.md shows. What a snippet prints stands in a comment behind the call that prints it, or "each …" where
// it prints that in a loop.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { build } from "esbuild";
import { atEnd, startServer } from "./harness.js";
import { python } from "./python.js";
import { startRedis } from "./redis.js";

const js = fileURLToPath(new URL("../../", import.meta.url)); // tests run in a directory of node_modules

interface Snippet {
  language: string;
  code: string;
}

async function snippets(): Promise<Snippet[]> {
  const text = await readFile(join(js, "README.md"), "utf8");
  return Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language, code]) => ({ language: language!, code: code! }));
}

/** Runs a program in Node and returns what it prints. */
async function run(code: string, url: string, redis: string): Promise<string[]> {
  const contents = code.replaceAll("znsocket://127.0.0.1:5000", url).replaceAll("redis://127.0.0.1:6379", redis);
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: js },
    alias: { znsocket: "./src/index.ts" },
    external: ["socket.io-client", "redis"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
  });
  const dir = await mkdtemp(join(js, "node_modules/.readme-"));
  try {
    await writeFile(join(dir, "snippet.mjs"), outputFiles[0]!.contents);
    const { stdout } = await promisify(execFile)("node", [join(dir, "snippet.mjs")], { timeout: 20_000 });
    return stdout.trimEnd().split("\n");
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** The comments behind the calls that print. */
function said(code: string): string[] {
  return Array.from(code.matchAll(/console\.log\(.*\/\/ (.+)$/gm), ([, comment]) => comment!);
}

describe("README.md", () => {
  it("has programs that print what they say", async () => {
    const programs = (await snippets()).filter(({ language, code }) => language === "js" && code.includes("import "));
    expect(programs).to.have.length(5);
    const { url } = await startServer();
    const redis = await startRedis();
    for (const { code } of programs) {
      const want = said(code);
      const got = await run(code, url, redis);
      // Objects may be printed in several lines.
      const one = (lines: string[]) => lines.join(" ").replace(/\s+/g, " ");
      const each = want.findIndex((line) => line.startsWith("each "));
      if (each >= 0) {
        expect(got.length).to.be.at.least(want.length);
        got.splice(each, got.length - (want.length - 1), want[each]!);
      }
      expect(one(got)).to.equal(one(want));
    }
  });

  it("shows Python's adapters to JavaScript", async () => {
    const all = await snippets();
    const { url } = await startServer();
    const owner = all.find(({ language }) => language === "python")!.code.replaceAll("znsocket://127.0.0.1:5000", url);
    const program = spawn(python, ["-W", "ignore", "-c", `${owner}\nprint("ready", flush=True)\ninput()`], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(program, "exit");
    atEnd(async () => {
      program.kill("SIGKILL");
      await ended;
    });
    await once(createInterface({ input: program.stdout }), "line");
    const reader = all.find(({ language }) => language === "javascript")!.code;
    expect(await run(`${reader}\nclient.disconnect();`, url, "")).to.deep.equal(["5", "[ 2, 3 ]", "John"]);
    // It is a piece of the README of the package that was there before, and as it stands there.
    expect(reader).to.contain("// All operations work seamlessly");
  });
});
