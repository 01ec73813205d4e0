import { expect } from "chai";
import type { Page } from "playwright-core";
import { Dict, List, NDArray } from "../../src/index.js";
import { hashOf, hasText, openInspector, rowOf, startInspected } from "./page.js";

/** The colour in the middle of a part of a drawing of so many rows and columns, as "r,g,b,a". */
async function colorAt(page: Page, [row, column]: [number, number], [rows, columns]: [number, number]): Promise<string> {
  return page.locator("canvas.heat").evaluate((canvas, [x, y]) => {
    const { width, height } = canvas as HTMLCanvasElement;
    return (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(x! * width, y! * height, 1, 1).data.join();
  }, [(column + 0.5) / columns, (row + 0.5) / rows]);
}

describe("Inspector, numbers", () => {
  it("draws a list of numbers as a line", async () => {
    const { url, client } = await startInspected();
    const list = new List({ client, key: "numbers" });
    await client.rPush(list._key, ["1", "NaN", "3.5", "-2"]);
    const page = await openInspector(url, hashOf(list._key));
    await page.getByRole("img", { name: "Line plot of 4 numbers from -2 to 3.5, 1 are not finite" }).waitFor();
    await list.push(10);
    await page.getByRole("img", { name: "Line plot of 5 numbers from -2 to 10" }).waitFor();
    const plot = page.locator("canvas.plot");
    const { width } = (await plot.boundingBox())!;
    await plot.hover({ position: { x: width - 13, y: 50 } });
    await hasText(page.locator(".reading"), "[4] 10");
    await list.push("text");
    await plot.waitFor({ state: "detached" });
  });

  it("draws of a long list a few numbers", async () => {
    const { url, client } = await startInspected();
    await client.rPush("znsocket.List:long", Array.from({ length: 10_001 }, (_, k) => String(k)));
    const page = await openInspector(url, hashOf("znsocket.List:long"));
    await page.getByRole("img", { name: "Line plot of 910 numbers from 0 to 9999" }).waitFor(); // every 11th
    await hasText(page.locator(".array .facts"), "every 11th");
  });

  it("draws an array of two dimensions as a heat map, with what is no number", async () => {
    const { url, client } = await startInspected();
    const dict = new Dict({ client, key: "arrays" });
    await dict.set("map", new NDArray([[0, 5, 10], [null, 5, 0]]));
    await dict.set("plain", [[1, 2], [3, 4]]);
    const page = await openInspector(url, hashOf(dict._key));
    await hasText(rowOf(page, "map"), "array of float64, shape (2, 3)");
    await rowOf(page, "map").click();
    await page.getByRole("img", { name: "Heat map of 2 × 3 numbers from 0 to 10, 1 of them not finite" }).waitFor();
    const size: [number, number] = [2, 3];
    const [low, middle, high, missing] = await Promise.all(([[0, 0], [0, 1], [0, 2], [1, 0]] as [number, number][]).map((at) => colorAt(page, at, size)));
    expect(new Set([low, middle, high]).size).equal(3);
    expect(await colorAt(page, [1, 2], size)).equal(low);
    expect(await colorAt(page, [1, 1], size)).equal(middle);
    expect(missing!.endsWith(",255")).equal(false); // nothing is painted there but the hatching
    await page.goBack();
    await rowOf(page, "plain").click();
    await page.getByRole("img", { name: "Heat map of 2 × 2 numbers from 1 to 4" }).waitFor();
    await rowOf(page, "1").click();
    await page.getByRole("img", { name: "Line plot of 2 numbers from 3 to 4" }).waitFor();
  });

  it("draws numbers as far apart as there are any", async () => {
    const { url, client } = await startInspected();
    const huge = 1.7e308;
    const dict = new Dict({ client, key: "arrays" });
    await dict.set("map", [[huge, -huge], [0, 5e-324]]);
    const page = await openInspector(url, hashOf(dict._key, "map"));
    await page.getByRole("img", { name: "Heat map of 2 × 2 numbers from -1.7e+308 to 1.7e+308" }).waitFor();
    const [high, low, middle, near] = await Promise.all(([[0, 0], [0, 1], [1, 0], [1, 1]] as [number, number][]).map((at) => colorAt(page, at, [2, 2])));
    expect(new Set([high, low, middle]).size).equal(3);
    expect(near).equal(middle);
    await dict.set("map", [huge, -huge, huge, huge]);
    await page.getByRole("img", { name: "Line plot of 4 numbers from -1.7e+308 to 1.7e+308" }).waitFor();
    await hasText(page.locator(".array .facts"), "mean 8.5e+307");
  });

  it("draws of more dimensions the map that is chosen", async () => {
    const { url, client } = await startInspected();
    const dict = new Dict({ client, key: "arrays" });
    await dict.set("deep", new NDArray(Int32Array.from({ length: 2 * 3 * 4 * 5 }, (_, k) => k), [2, 3, 4, 5]));
    const page = await openInspector(url, hashOf(dict._key, "deep"));
    await hasText(page.locator(".array .facts"), "int32 (2, 3, 4, 5) · min 0 · max 119 · mean 59.5");
    await page.getByRole("img", { name: "Heat map of 4 × 5 numbers from 0 to 19" }).waitFor();
    await page.getByRole("spinbutton", { name: "Index of dimension 0" }).fill("1");
    await page.getByRole("img", { name: "Heat map of 4 × 5 numbers from 60 to 79" }).waitFor();
    await page.getByRole("slider", { name: "Index of dimension 1" }).press("End");
    await page.getByRole("img", { name: "Heat map of 4 × 5 numbers from 100 to 119" }).waitFor();
    await dict.set("deep", new NDArray(Int32Array.from({ length: 2 * 3 * 4 * 5 }, (_, k) => -k), [2, 3, 4, 5]));
    await page.getByRole("img", { name: "Heat map of 4 × 5 numbers from -119 to -100" }).waitFor();
  });
});
