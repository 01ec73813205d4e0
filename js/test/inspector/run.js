// Runs the inspector's tests: node test/inspector/run.js [pattern]
//
// They run in Node and drive Chromium, against bin/znsocket with the page that is embedded in it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { startControl } from "../control.js";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const [pattern = ""] = process.argv.slice(2);

/** How long one test may take, in milliseconds. */
const timeout = 60_000;

const control = await startControl({});
const dir = await mkdtemp(join(modules, ".tests-"));
try {
  const names = (await readdir(here)).filter((name) => name.endsWith(".test.ts"));
  const file = join(dir, "tests.mjs");
  await build({
    stdin: { contents: names.map((name) => `import "./${name}";`).join("\n"), resolveDir: here },
    bundle: true,
    outfile: file,
    format: "esm",
    target: "es2022",
    sourcemap: "inline",
    platform: "node",
    packages: "external",
    ignoreAnnotations: true,
  });
  const args = [join(modules, "mocha/bin/mocha.js"), "--enable-source-maps", "--timeout", String(timeout), "--exit"];
  if (pattern) args.push("--grep", pattern);
  const child = spawn(process.execPath, [...args, file], { stdio: "inherit", env: { ...process.env, ZNSOCKET_CONTROL: control.url, ZNSOCKET_ROOT: root } });
  [process.exitCode] = await once(child, "exit");
} finally {
  await rm(dir, { recursive: true });
  await control.close();
}
