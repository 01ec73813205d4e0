import { expect } from "chai";
import { Dict, List } from "../../src/index.js";
import { found, hashOf, hasText, keyRows, openInspector, rowOf, rows, startInspected } from "./page.js";

describe("Inspector", () => {
  it("finds keys among 100,000, and has only those on screen in the page", async () => {
    const { url, client } = await startInspected();
    for (let i = 0; i < 100_000; i += 5_000) {
      await client.mSet(Object.fromEntries(Array.from({ length: 5_000 }, (_, k) => [`cache:${i + k}`, "x"])));
    }
    await new List({ client, key: "Energies" }).push(1);
    const page = await openInspector(url);
    await hasText(found(page), /^100,001 keys$/);
    expect(await keyRows(page).count()).within(10, 60);

    await page.fill("#search", "che:7777");
    await hasText(found(page), /^11 keys$/);
    expect(await keyRows(page).locator(".name").allTextContents()).deep.equal(
      ["cache:7777", ...Array.from({ length: 10 }, (_, k) => `cache:7777${k}`)],
    );
    await hasText(keyRows(page).first(), "1 B");

    await page.fill("#search", "energ*");
    await hasText(found(page), /^0 keys$/);
    await page.fill("#search", "Energ*");
    await hasText(found(page), /^1 key$/);
    await page.fill("#search", "energ");
    await hasText(found(page), /^1 key$/);
    await page.fill("#search", "");
    await page.selectOption("#filter", "List");
    await hasText(found(page), /^1 key$/);
    await hasText(keyRows(page), "Energies");
    await page.selectOption("#filter", "hash");
    await hasText(found(page), /^0 keys$/);
  });

  it("says that there are more keys than it shows", async () => {
    const { url, client } = await startInspected();
    for (let i = 0; i < 210_000; i += 10_000) {
      await client.mSet(Object.fromEntries(Array.from({ length: 10_000 }, (_, k) => [`k${i + k}`, ""])));
    }
    const page = await openInspector(url);
    await hasText(found(page), "200,000 keys — only 200,000 are shown: search for fewer");
    await page.fill("#search", "k20999");
    await hasText(found(page), /^11 keys$/);
  });

  it("reads of a list of a million what is on screen", async () => {
    const { url, client } = await startInspected();
    for (let i = 0; i < 1_000_000; i += 50_000) {
      await client.do("RPUSH", "znsocket.List:long", ...Array.from({ length: 50_000 }, (_, k) => `"element ${i + k}"`));
    }
    const page = await openInspector(url);
    let read = 0;
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => (read += payload.toString("latin1").match(/element \d+/g)?.length ?? 0)),
    );
    await page.reload();
    await keyRows(page).click();
    await hasText(rowOf(page, "0"), "element 0");
    await hasText(page.locator(".heading .facts"), "1,000,000 elements");
    const table = page.locator(".table .rows");
    await table.press("End");
    await hasText(rowOf(page, "999999"), "element 999999");
    for (const share of [0.75, 0.25, 0.5]) {
      await table.evaluate((element, share) => (element.scrollTop = share * element.scrollHeight), share);
      await page.waitForFunction((wanted) => {
        const [first] = document.querySelectorAll(".table .row:not(.unread) .place");
        return Math.abs(Number(first?.textContent) - wanted) < 5_000;
      }, share * 1_000_000);
    }
    await table.press("Home");
    await hasText(rowOf(page, "0"), "element 0");
    await table.hover();
    await page.mouse.wheel(0, 6_000);
    await page.waitForFunction(() => {
      const places = [...document.querySelectorAll(".table .row .place")].map(({ textContent }) => Number(textContent));
      return Math.min(...places) === 200 - 4; // the first on screen, and some before it
    });
    expect(read).within(100, 1_500);
    expect(await rows(page).count()).below(60);
  });

  it("goes into what is nested, and back, and shows the same after a reload", async () => {
    const { url, client } = await startInspected();
    const frame = new Dict({ client, key: "frame/0" });
    await frame.update({ cell: [[1, 0], [0, 2]], info: { label: "first", path: ["a", "b/c"] } });
    await new List({ client, key: "frames" }).push(frame, "last");
    const page = await openInspector(url, hashOf("znsocket.List:frames"));
    await rowOf(page, "0").click();
    await hasText(page.locator("h1"), "frame/0");
    await rowOf(page, "info").click();
    await rowOf(page, "path").click();
    await rowOf(page, "1").click();
    await hasText(page.locator(".json"), '"b/c"');
    await page.reload();
    await hasText(page.locator(".json"), '"b/c"');
    expect(await page.locator(".crumbs a").allTextContents()).deep.equal(["All keys", "frames", "frame/0", "info", "path"]);
    await page.goBack();
    await hasText(rowOf(page, "0"), '"a"');
    await page.click(".crumbs a:text('frames')");
    await hasText(rowOf(page, "1"), '"last"');
    await page.goBack();
    await hasText(page.locator("h1"), "path");
  });

  it("shows every type", async () => {
    const { url, client } = await startInspected();
    const list = new List({ client, key: "list" });
    await list.push(1, 2, 3);
    const segments = await list.segments("parts");
    await segments.set(1, { two: "II" });
    await client.set("string", '{"b": [1.0, 12345678901234567890, NaN], "a": null}');
    await client.set("text", "not { JSON");
    await client.set("bytes", Uint8Array.of(0xff, 0xfe, 0x41, 0));
    await client.rPush("plain list", "first", "second");
    await client.hSet("hash", { field: "value" });
    await client.sAdd("set", "a", "b");
    await client.zAdd("sorted", [{ value: "low", score: 1.5 }, { value: "high", score: Infinity }]);
    const page = await openInspector(url, hashOf("znsocket.Segments:parts"));
    await hasText(rowOf(page, "1"), '{"two":"II"}');
    await hasText(rowOf(page, "2"), "3");

    const open = (key: string, ...places: string[]) => page.evaluate((hash) => void (location.hash = hash), hashOf(key, ...places));
    await open("string");
    await hasText(page.locator(".json"), "12345678901234567890");
    expect(await page.locator(".json").textContent()).equal('{"b": [1.0, 12345678901234567890, NaN], "a": null}');
    await page.click("button:text('Text')");
    await hasText(page.locator("pre.text"), '{"b": [1.0,');
    const nested = { list: Array.from({ length: 30 }, (_, k) => [k, 0 - k]), 'quo"te\\': ["", {}, [], { a: [{}] }, "a: [1, {", "\u2028\n"], none: null };
    await client.set("nested", JSON.stringify(nested));
    await open("nested");
    await hasText(page.locator(".json"), /^\{\n  "list": \[\n    \[0, 0\],\n    \[1, -1\],\n/);
    expect(JSON.parse((await page.locator(".json").textContent())!)).deep.equal(nested);
    await open("text");
    await hasText(page.locator("pre.text"), "not { JSON");
    await open("bytes");
    await hasText(page.locator(".dump"), "000000  ff fe 41 00                                      ··A·");
    await open("plain list");
    await hasText(rowOf(page, "1"), "second");
    await open("hash");
    await hasText(rowOf(page, "field"), "value");
    await open("set");
    await rowOf(page, "b").waitFor();
    await open("sorted");
    await hasText(rowOf(page, "high"), "Infinity");
    await client.do("XADD", "stream", "1-0", "name", "first");
    await client.do("XADD", "stream", "2-0", "name", "second", "more", "");
    await open("stream");
    await hasText(rowOf(page, "2-0"), '{"name":"second","more":""}');
    expect(await rows(page).locator(".place").allTextContents()).deep.equal(["2-0", "1-0"]);
    await open("stream", "1-0");
    await hasText(rowOf(page, "name"), '"first"');
    await open("none");
    await hasText(page.locator(".empty"), "There is nothing under this key.");
    await open("string", "0");
    await hasText(page.locator(".empty"), "There is nothing at this place.");
  });

  it("shows the beginning of a large string, and all if asked", async () => {
    const { url, client } = await startInspected();
    await client.set("large", `${"é".repeat(100_000)}the end`);
    const page = await openInspector(url, hashOf("large"));
    await hasText(page.locator(".note"), "the first 64.0 KB of 195 KB");
    expect(await page.locator("pre.text").textContent()).equal("é".repeat(32 * 1024));
    await page.click("button:text('show all (195 KB)')");
    await hasText(page.locator("pre.text"), /the end$/);
  });

  it("shows a byte order mark as part of a text", async () => {
    const { url, client } = await startInspected();
    await client.set("marked", "\ufefftext");
    const page = await openInspector(url, hashOf("marked"));
    await hasText(page.locator("pre.text"), "text");
    expect(await page.locator("pre.text").textContent()).equal("\ufefftext");
  });

  it("shows what lies deep, and many parts", async () => {
    const { url, client } = await startInspected();
    const deep = 10_000;
    const texts = {
      lists: "[".repeat(deep) + "]".repeat(deep),
      objects: '{"a":'.repeat(deep) + "1" + "}".repeat(deep),
      many: `["", ${"1,".repeat(50_000)}1]`,
    };
    await client.hSet("znsocket.Dict:texts", texts);
    const page = await openInspector(url);
    for (const [field, text] of Object.entries(texts)) {
      await page.evaluate((hash) => void (location.hash = hash), hashOf("znsocket.Dict:texts", field));
      await page.click(".modes button:text('JSON')");
      await hasText(page.locator(".json"), text[0]!);
      const shown = await page.locator(".json").evaluate((element) => element.textContent!);
      expect(shown.length).below(200 * deep);
      expect(shown.replace(/\s/g, "")).equal(text.replace(" ", ""));
    }
    await page.evaluate((hash) => void (location.hash = hash), hashOf("znsocket.Dict:texts", "objects", "a"));
    await hasText(rowOf(page, "a"), '{"a": {"a": ');
  });

  it("works under the prefix of a proxy", async () => {
    const { url, client } = await startInspected();
    await client.set("key", "value");
    const page = await openInspector(`${url}/team/a`);
    await hasText(found(page), /^1 key$/);
  });
});
