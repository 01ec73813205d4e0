// The inspector's page in Chromium, and programs beside it.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import type { Client } from "../../src/index.js";
import { atEnd, connect, startServer } from "../harness.js";

let browser: Browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(() => browser.close());

/** Starts a server with an inspector, and a client of it. */
export async function startInspected(...args: string[]): Promise<{ url: string; client: Client }> {
  const { url } = await startServer({ args: ["--inspect", ...args] });
  return { url, client: await connect(url) };
}

export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Opens the inspector of a server. A fault in the page, or a dialog of a script, fails the test. */
export async function openInspector(url: string, at = "", options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.stack ?? String(error)));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog says ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  atEnd(async () => {
    await context.close();
    expect(faults).deep.equal([]);
  });
  await page.goto(`${url}/inspect/${at}`);
  return page;
}

/** What is read in the key list. */
export const found = (page: Page): Locator => page.locator("#found");

/** The rows of the key list, or of the table that is open. */
export const keyRows = (page: Page): Locator => page.locator("#keys .row");
export const rows = (page: Page): Locator => page.locator(".table .row");

/** The row of the table with a place. */
export function rowOf(page: Page, place: string): Locator {
  return rows(page).filter({ has: page.locator(".place", { hasText: new RegExp(`^${place.replace(/[^\w ]/g, "\\$&")}$`) }) });
}

/** The hash under which a key is open. */
export function hashOf(key: string, ...places: string[]): string {
  return `#k:${encodeURIComponent(key)}${places.map((place) => `/i:${encodeURIComponent(place)}`).join("")}`;
}

/** Waits until an element has a text. */
export async function hasText(locator: Locator, text: string | RegExp): Promise<void> {
  await locator.filter({ hasText: text }).first().waitFor();
}

const root = process.env.ZNSOCKET_ROOT!;

/** A Python program that is connected as `client` and does what it is told, a line each. */
export async function startPython(url: string): Promise<(line: string) => Promise<void>> {
  const program = [
    "import sys",
    "from znsocket import Client, List, Dict",
    `client = Client(address=${JSON.stringify(url)})`,
    "print('done', flush=True)",
    "for line in sys.stdin:",
    "    exec(line)",
    "    print('done', flush=True)",
  ].join("\n");
  const python = process.env.ZNSOCKET_PYTHON ?? `${root}.venv/bin/python`;
  const child = spawn(python, ["-W", "ignore", "-c", program]);
  const lines = end(child);
  await lines.next();
  return async (line) => {
    child.stdin.write(`${line}\n`);
    await lines.next();
  };
}

let programs = "";

/** Builds what startReadOnly starts, which may take a while. */
export async function buildReadOnly(): Promise<void> {
  programs = await mkdtemp(join(tmpdir(), "readonly-"));
  const build = spawn("go", ["build", "-o", programs, "./js/test/inspector/testdata/readonly"], { cwd: root, stdio: "inherit" });
  expect(await once(build, "exit")).deep.equal([0, null]);
}

after(() => programs && rm(programs, { recursive: true }));

/** Starts a server whose clients may change nothing, and with -private see nothing of others; gives its URL. */
export async function startReadOnly(...args: string[]): Promise<string> {
  const lines = end(spawn(join(programs, "readonly"), args));
  return `http://${(await lines.next()).value}`;
}

/** Ends a program with the test, and gives the lines that it writes. It must not end before. */
function end(child: ChildProcessWithoutNullStreams): AsyncIterator<string> {
  atEnd(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => {
      const line = await lines.next();
      if (line.done) throw new Error(`${child.spawnargs[0]} has ended`);
      return line;
    },
  };
}
