// Prints how large the package is for a page that uses all of it, and fails where
// that is more than it should be.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes, minified and compressed: of the package alone, and with socket.io-client. */
const limits = { alone: 34_500, whole: 47_500 };

/** @param {string[]} external */
async function size(external) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../dist/index.js", import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external,
  });
  const bundle = /** @type {import("esbuild").OutputFile} */ (outputFiles[0]).contents;
  return { minified: bundle.length, compressed: gzipSync(bundle).length };
}

const sizes = { alone: await size(["socket.io-client"]), whole: await size([]) };
for (const [name, limit] of Object.entries(limits)) {
  const { minified, compressed } = sizes[/** @type {keyof typeof limits} */ (name)];
  console.log(`  ${name.padEnd(5)} ${minified} bytes minified, ${compressed} compressed (at most ${limit})`);
  if (compressed > limit) process.exitCode = 1;
}
