// Builds the inspector's page into the Go package that serves it: node inspector/build.js [--check]
//
// What it builds is kept with the sources, so that a Go program needs no npm. With --check it says whether that is what
// the sources build to.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const js = fileURLToPath(new URL("../", import.meta.url));
const assets = fileURLToPath(new URL("../../internal/inspector/assets/", import.meta.url));

/** How large the page may be, compressed, in bytes. */
const most = 71_500;

/** @returns {Promise<Map<string, Buffer>>} the files by name */
async function make() {
  const common = /** @type {const} */ ({ absWorkingDir: js, bundle: true, minify: true, write: false, legalComments: "none", charset: "utf8" });
  const [script, style] = await Promise.all([
    build({ ...common, entryPoints: ["inspector/main.ts"], format: "esm", target: "es2022", metafile: true }),
    build({ ...common, entryPoints: ["inspector/style.css"], target: ["chrome123", "firefox120", "safari17.5"] }),
  ]);
  const files = new Map([
    ["inspector.js", Buffer.from(script.outputFiles[0]?.contents ?? "")],
    ["inspector.css", Buffer.from(style.outputFiles[0]?.contents ?? "")],
    ["licenses.txt", Buffer.from(await licenses(Object.keys(script.metafile.inputs)))],
  ]);
  for (const name of ["index.html", "icon.svg"]) files.set(name, await readFile(here + name));
  return files;
}

/**
 * The licenses of the packages that the script has parts of.
 * @param {string[]} inputs
 */
async function licenses(inputs) {
  const packages = new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const texts = await Promise.all(
    [...packages].sort().map(async (name) => {
      const dir = `${js}node_modules/${name}/`;
      const file = (await readdir(dir)).find((entry) => /^licen[cs]e/i.test(entry));
      if (!file) throw new Error(`${name} comes without its license`);
      return `${name}\n\n${(await readFile(dir + file, "utf8")).trim()}\n`;
    }),
  );
  return `inspector.js contains parts of these packages.\n\n${texts.join("\n\n")}`;
}

const files = await make();
const served = [...files].filter(([name]) => name !== "licenses.txt");
const size = served.reduce((sum, [, data]) => sum + gzipSync(data, { level: 9 }).length, 0);
console.log(`inspector: ${served.map(([name, data]) => `${name} ${data.length}`).join(", ")} bytes; ${size} of ${most} compressed`);
if (size > most) throw new Error("the inspector is too large");

if (process.argv.includes("--check")) {
  const kept = await readdir(assets);
  const others = [...new Set([...kept, ...files.keys()])];
  const wrong = [];
  for (const name of others) {
    if (!kept.includes(name) || !files.get(name)?.equals(await readFile(assets + name))) wrong.push(name);
  }
  if (wrong.length > 0) throw new Error(`internal/inspector/assets is not what js/inspector builds to: ${wrong.join(", ")}; run npm run build:inspector`);
} else {
  await mkdir(assets, { recursive: true });
  for (const name of await readdir(assets)) if (!files.has(name)) await rm(assets + name);
  for (const [name, data] of files) await writeFile(assets + name, data);
}
