// Makes docs/inspector.png: npm run build && node test/inspector/picture.js
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { chromium } from "playwright-core";
import { createClient, Dict, List, ListAdapter, NDArray } from "../../dist/index.js";
import { startControl } from "../control.js";

const file = fileURLToPath(new URL("../../../docs/inspector.png", import.meta.url));

const control = await startControl({});
const answer = await fetch(`${control.url}/server`, { method: "POST", body: JSON.stringify({ kind: "go", args: ["--inspect"] }) });
const { url } = await answer.json();
const client = createClient({ url });
await fillServer();

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1240, height: 760 }, colorScheme: "dark" });
await page.goto(`${url}/inspect/#k:${encodeURIComponent("znsocket.List:water/energies")}`);
await page.locator("canvas.plot").waitFor();
await page.locator(".table .row .value", { hasText: "-7" }).first().waitFor();
await page.locator("#status span").nth(2).waitFor();
await page.locator("#keys .row .size", { hasText: "adapter · 3" }).waitFor();
await writeFile(file, compressed(await page.screenshot()));
await browser.close();
client.disconnect();
await control.close();

/** Stores what a simulation may have: the same each time. */
async function fillServer() {
  let seed = 7;
  const noise = () => (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;
  const energies = Array.from({ length: 400 }, (_, i) => -76.4 + 0.9 * Math.exp(-i / 60) * Math.cos(i / 9) + 0.06 * noise());
  await new List({ client, key: "water/energies" }).push(...energies);
  const frames = new List({ client, key: "water/frames" });
  const positions = Float64Array.from({ length: 64 * 3 }, () => 12 * (noise() + 0.5));
  for (let step = 0; step < 12; step++) {
    for (let k = 0; k < positions.length; k++) positions[k] = (positions[k] ?? 0) + 0.2 * noise();
    const frame = new Dict({ client, key: `water/frame/${step}` });
    await frame.update({ positions: new NDArray(positions.slice(), [64, 3]), pbc: [true, true, true], info: { step: 50 * step, temperature: 300 } });
    await frames.push(frame);
  }
  const settings = { timestep: 0.5, ensemble: "NVT", thermostat: { kind: "Langevin", friction: 0.01 } };
  await new Dict({ client, key: "water/settings" }).update(settings);
  await new List({ client, key: "water/energies" }).segments("water/energies-smoothed");
  await client.set("session:42", JSON.stringify({ user: "ada", role: "admin" }), { EX: 3600 });
  await client.set("motd", "The cluster is down on Friday.");
  await client.hSet("job:17", { state: "running", node: "gpu-04" });
  await client.rPush("queue", "job:18", "job:19", "job:20");
  await client.sAdd("tags", "water", "NVT", "draft");
  await client.zAdd("ranking", [{ value: "run-3", score: 3.5 }, { value: "run-7", score: 9 }]);
  await new ListAdapter({ client, key: "live/forces", object: [0.1, 0.2, 0.3] }).ready;
}

/**
 * Compresses a PNG file as well as that goes.
 * @param {Buffer} png
 */
function compressed(png) {
  const kept = [png.subarray(0, 8)];
  const data = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const chunk = png.subarray(at, at + 12 + length);
    if (type === "IDAT") data.push(chunk.subarray(8, 8 + length));
    else if (type === "IEND") kept.push(chunkOf("IDAT", deflateSync(inflateSync(Buffer.concat(data)), { level: 9 })), chunk);
    else kept.push(chunk);
    at += 12 + length;
  }
  return Buffer.concat(kept);
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunkOf(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
}
