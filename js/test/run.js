// Runs the tests: node test/run.js node|chromium|bun [pattern]
//
// All run the same tests, but for those of *.node.test.ts, which a browser cannot.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { startControl } from "./control.js";

const here = fileURLToPath(new URL("./", import.meta.url));
const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));
const [where = "node", pattern = ""] = process.argv.slice(2);

/** How long one test may take, in milliseconds. */
const timeout = 30_000;

/**
 * Bundles the tests.
 * @param {boolean} browser
 */
async function bundle(browser) {
  const names = (await readdir(here)).filter((name) => name.endsWith(".test.ts") && !(browser && name.endsWith(".node.test.ts")));
  const { outputFiles } = await build({
    stdin: { contents: names.map((name) => `import "./${name}";`).join("\n"), resolveDir: here },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    sourcemap: "inline",
    ignoreAnnotations: true,
    ...(browser ? { platform: "browser" } : { platform: "node", packages: "external" }),
  });
  return /** @type {import("esbuild").OutputFile} */ (outputFiles[0]).contents;
}

/**
 * Runs mocha with the bundle in a process of its own, beside our node_modules.
 * @param {string} program
 */
async function runProcess(program) {
  const control = await startControl({});
  const dir = await mkdtemp(join(modules, ".tests-"));
  try {
    const file = join(dir, "tests.mjs");
    await writeFile(file, await bundle(false));
    const args = [join(modules, "mocha/bin/mocha.js"), "--enable-source-maps", "--timeout", String(timeout), "--fail-zero"];
    if (pattern) args.push("--grep", pattern);
    const child = spawn(program, [...args, file], { stdio: "inherit", env: { ...process.env, ZNSOCKET_CONTROL: control.url } });
    const [code] = await once(child, "exit");
    return code === 0;
  } finally {
    await rm(dir, { recursive: true });
    await control.close();
  }
}

async function runChromium() {
  const { chromium } = await import("playwright-core");
  const page = `<!doctype html><title>tests</title><script src="/mocha.js"></script><script>
    mocha.setup({ ui: "bdd", timeout: ${timeout}, reporter: "json", grep: new RegExp(${JSON.stringify(pattern)}) });
    addEventListener("unhandledrejection", (event) => report("unhandled: " + (event.reason?.stack ?? event.reason)));
    import("/tests.js").then(() => {
      const runner = mocha.run(() => ended(runner.stats));
      runner.on("pass", (test) => report("    \\u2714 " + test.fullTitle()));
      runner.on("fail", (test, error) => report("    \\u2718 " + test.fullTitle() + "\\n" + (error.stack ?? error)));
    }, (error) => { report(String(error.stack ?? error)); ended({ passes: 0, failures: 1 }); });
  </script>`;
  const mocha = await readFile(join(modules, "mocha/mocha.js"));
  const control = await startControl({ "/": page, "/mocha.js": mocha, "/tests.js": await bundle(true) });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const tab = await browser.newPage();
    /** @type {Promise<{ passes: number, failures: number }>} */
    const ended = new Promise((resolve, reject) => {
      void tab.exposeFunction("ended", resolve);
      tab.on("crash", () => reject(new Error("the page has crashed")));
    });
    await tab.exposeFunction("report", (/** @type {string} */ line) => console.log(line));
    tab.on("pageerror", (error) => console.log(error));
    await tab.goto(control.url);
    const { passes, failures } = await ended;
    console.log(`  ${passes} passed and ${failures} failed in Chromium ${browser.version()}`);
    return passes > 0 && failures === 0;
  } finally {
    await browser.close();
    await control.close();
  }
}

/** The program of npm's bun, which its own script would put in place. */
async function bun() {
  const [name] = await readdir(join(modules, "@oven"));
  const program = join(modules, "@oven", name ?? "", "bin/bun");
  await access(program);
  return program;
}

const passed = where === "chromium" ? await runChromium() : await runProcess(where === "bun" ? await bun() : process.execPath);
process.exitCode = passed ? 0 : 1;
