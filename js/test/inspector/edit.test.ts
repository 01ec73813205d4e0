import { expect } from "chai";
import type { Page } from "playwright-core";
import { Dict, List } from "../../src/index.js";
import { found, hashOf, hasText, openInspector, rowOf, rows, startInspected } from "./page.js";

/** Presses the button of a dialog, and waits until it is done. */
async function submit(page: Page): Promise<void> {
  await page.click("dialog button[type=submit]");
  await page.locator("dialog").waitFor({ state: "detached" });
}

describe("Inspector, editing", () => {
  it("changes elements of a list as they are written, and tells others", async () => {
    const { url, client } = await startInspected();
    const list = new List({ client, key: "list" });
    await list.push(1, "two", 3);
    const heard: unknown[] = [];
    list.onRefresh((refresh) => heard.push(refresh));
    const page = await openInspector(url, hashOf(list._key));
    await rowOf(page, "1").hover();
    await rowOf(page, "1").locator("button").click();
    expect(await page.inputValue("dialog textarea")).equal('"two"');
    await page.fill("dialog textarea", '"tw');
    await hasText(page.locator("dialog .fault"), "This is no JSON");
    expect(await page.isEnabled("dialog button[type=submit]")).equal(false);
    await page.fill("dialog textarea", "[NaN, 12345678901234567890]");
    await submit(page);
    await hasText(rowOf(page, "1"), "[NaN, 12345678901234567890]");
    expect(await client.lRange(list._key, 0, -1)).deep.equal(["1", "[NaN, 12345678901234567890]", "3"]);
    expect(heard).deep.equal([{ indices: [1] }]);

    await page.click(".actions button:text('Add')");
    await page.fill("dialog textarea", '{"four": 4}');
    await submit(page);
    await hasText(rowOf(page, "3"), '{"four": 4}');
    await rowOf(page, "0").click();
    await page.click(".actions button:text('Delete')");
    await hasText(page.locator("dialog"), "Delete index 0 of list?");
    await submit(page);
    expect(await client.lRange(list._key, 0, -1)).deep.equal(["[NaN, 12345678901234567890]", "3", '{"four": 4}']);
  });

  it("changes the fields of a dict", async () => {
    const { url, client } = await startInspected();
    const dict = new Dict({ client, key: "dict" });
    await dict.set("old", 1);
    const page = await openInspector(url, hashOf(dict._key));
    await page.click(".actions button:text('Add')");
    await page.fill("dialog input", "new field");
    await page.fill("dialog textarea", "true");
    await submit(page);
    await hasText(rowOf(page, "new field"), "true");
    await rowOf(page, "old").click();
    await page.click(".actions button:text('Edit')");
    await page.fill("dialog textarea", "2");
    await submit(page);
    await hasText(page.locator(".json"), "2");
    expect(await dict.toObject()).deep.equal({ old: 2, "new field": true });
    await page.click(".actions button:text('Delete')");
    await submit(page);
    await hasText(page.locator(".empty"), "There is nothing at this place.");
    expect(await dict.toObject()).deep.equal({ "new field": true });
  });

  it("shows what the server says against it, and what somebody else has done meanwhile", async () => {
    const { url, client } = await startInspected();
    await client.zAdd("sorted", { value: "member", score: 1 });
    const page = await openInspector(url, hashOf("sorted"));
    await rowOf(page, "member").click();
    await page.click(".actions button:text('Edit')");
    await page.fill("dialog input", "many");
    await page.click("dialog button[type=submit]");
    await hasText(page.locator("dialog [role=alert]"), "value is not a valid float");
    await client.zAdd("sorted", { value: "member", score: 5 });
    await page.fill("dialog input", "7");
    await page.click("dialog button[type=submit]");
    await hasText(page.locator("dialog [role=alert]"), "Somebody else has changed it meanwhile, to 5");
    expect(await client.zScore("sorted", "member")).equal(5);
    await submit(page);
    expect(await client.zScore("sorted", "member")).equal(7);
  });

  it("deletes nothing else than what it has asked about", async () => {
    const { url, client } = await startInspected();
    const list = new List({ client, key: "list" });
    await list.push("keep", "delete");
    const page = await openInspector(url, hashOf(list._key));
    await rowOf(page, "1").waitFor();
    await page.locator(".table .rows").press("End");
    await page.keyboard.press("Delete");
    await hasText(page.locator("dialog"), '"delete"');
    await list.insert(0, "new");
    await page.click("dialog button[type=submit]");
    await hasText(page.locator("dialog [role=alert]"), 'Somebody else has changed it meanwhile, to "keep"');
    expect(await list.slice()).deep.equal(["new", "keep", "delete"]);
    await list.delete(0);
    await page.click("dialog button[type=submit]");
    await hasText(page.locator("dialog [role=alert]"), 'Somebody else has changed it meanwhile, to "delete"');
    await submit(page);
    expect(await list.slice()).deep.equal(["keep"]);
  });

  it("changes elements of Segments as they are written, and tells others", async () => {
    const { url, client } = await startInspected();
    const texts = ['{"id": 12345678901234567890, "x": 1.0}', "NaN", "not { JSON"];
    await client.rPush("znsocket.List:origin", texts);
    const segments = await new List({ client, key: "origin" }).segments("parts");
    const heard: unknown[] = [];
    segments.onRefresh((refresh) => heard.push(refresh));
    const page = await openInspector(url, hashOf(segments._key));
    for (const [place, text] of texts.entries()) {
      await hasText(rowOf(page, String(place)), text);
      expect(await rowOf(page, String(place)).locator(".value").textContent()).equal(text);
    }
    await rowOf(page, "0").hover();
    await rowOf(page, "0").locator("button").click();
    expect(await page.inputValue("dialog textarea")).equal(texts[0]);
    await page.fill("dialog textarea", '{"id": 12345678901234567891, "x": NaN}');
    await submit(page);
    await hasText(rowOf(page, "0"), "12345678901234567891");
    await page.click(".actions button:text('Add')");
    await page.fill("dialog textarea", "[Infinity, 1.0]");
    await submit(page);
    await hasText(rowOf(page, "3"), "[Infinity, 1.0]");
    expect(await client.lRange("znsocket.List:parts", 0, -1)).deep.equal(['{"id": 12345678901234567891, "x": NaN}', "[Infinity, 1.0]"]);
    await rowOf(page, "1").click();
    await page.click(".actions button:text('Delete')");
    await submit(page);
    expect(await segments.length()).equal(3);
    expect(heard).deep.equal([{ indices: [0] }, { indices: [3] }, { start: 1, stop: null }]);
    expect(await client.lRange("znsocket.List:origin", 0, -1)).deep.equal(texts);
  });

  it("says why it cannot read what is to be edited", async () => {
    const { url, client } = await startInspected();
    await client.rPush("znsocket.List:list", "1");
    const page = await openInspector(url, hashOf("znsocket.List:list"));
    await rowOf(page, "0").waitFor();
    await client.run([["DEL", "znsocket.List:list"], ["HSET", "znsocket.List:list", "field", "1"]]);
    await rowOf(page, "0").hover();
    await rowOf(page, "0").locator("button").click();
    await hasText(page.locator("dialog"), "WRONGTYPE");
  });

  it("changes what Redis knows of itself", async () => {
    const { url, client } = await startInspected();
    await client.set("string", "text", { EX: 1000 });
    await client.rPush("list", "a", "b", "a");
    await client.hSet("hash", { f: "v" });
    await client.sAdd("set", "a");
    const page = await openInspector(url, hashOf("string"));
    await page.click(".actions button:text('Edit')");
    await page.fill("dialog textarea", "other text");
    await submit(page);
    expect(await client.get("string")).equal("other text");
    expect(await client.ttl("string")).within(900, 1000);

    const open = (key: string) => page.evaluate((hash) => void (location.hash = hash), hashOf(key));
    await open("list");
    await rowOf(page, "2").click();
    await page.click(".actions button:text('Delete')");
    await submit(page);
    expect(await client.lRange("list", 0, -1)).deep.equal(["a", "b"]);
    await open("hash");
    await rowOf(page, "f").hover();
    await rowOf(page, "f").locator("button").click();
    await page.fill("dialog textarea", "no JSON");
    await submit(page);
    expect(await client.hGet("hash", "f")).equal("no JSON");
    await open("set");
    await page.click(".actions button:text('Add')");
    await page.fill("dialog input", "b");
    await submit(page);
    await rowOf(page, "b").waitFor();
    await rowOf(page, "a").click();
    await page.click(".actions button:text('Delete')");
    await submit(page);
    expect(await client.sMembers("set")).deep.equal(["b"]);
  });

  it("leaves bytes that are no text as they are", async () => {
    const { url, client } = await startInspected();
    await client.set("bytes", Uint8Array.of(0xff, 0xfe));
    await client.do("HSET", "hash", "bytes", Uint8Array.of(0xff));
    const page = await openInspector(url, hashOf("bytes"));
    await page.locator(".dump").waitFor();
    await page.locator(".actions button[title='It has bytes that are no text.']:disabled").waitFor();
    await page.evaluate((hash) => void (location.hash = hash), hashOf("hash", "bytes"));
    await page.click(".actions button:text('Edit')");
    await hasText(page.locator("dialog"), "It has bytes that are no text.");
    await submit(page);
    expect(await client.with({ bytes: true }).hGet("hash", "bytes")).deep.equal(Uint8Array.of(0xff));
  });

  it("leaves a field that is no text as it is, and shows that it is there", async () => {
    const { url, client } = await startInspected();
    await client.do("HSET", "hash", Uint8Array.of(0xff), "value", "field", "text");
    const page = await openInspector(url, hashOf("hash"));
    await hasText(rowOf(page, "\ufffd"), "It has bytes that are no text.");
    await hasText(rowOf(page, "field"), "text");
    await rowOf(page, "\ufffd").hover();
    await rowOf(page, "\ufffd").locator("button").click();
    await hasText(page.locator("dialog"), "It has bytes that are no text.");
    await submit(page);
    expect(await client.hLen("hash")).equal(2);
  });

  it("keeps the lines of a key that it renames", async () => {
    const { url, client } = await startInspected();
    await client.set("line\nbreak", "value");
    const page = await openInspector(url, hashOf("line\nbreak"));
    await page.click(".actions button:text('Rename')");
    await page.locator("dialog [name=to]").press("End");
    await page.keyboard.type("s");
    await submit(page);
    await hasText(page.locator("h1"), "breaks");
    expect(await client.keys("*")).deep.equal(["line\nbreaks"]);
  });

  it("makes, renames, expires and deletes keys", async () => {
    const { url, client } = await startInspected();
    const page = await openInspector(url);
    await page.click("#new-key");
    await page.selectOption("dialog select", "Dict");
    await page.fill("dialog [name=name]", "made");
    await page.fill("dialog [name=field]", "f");
    await page.fill("dialog [name=value]", "{");
    await page.click("dialog button[type=submit]");
    await hasText(page.locator("dialog [role=alert]"), "This is no JSON");
    await page.fill("dialog [name=value]", "{}");
    await submit(page);
    await hasText(rowOf(page, "f"), "{}");
    await hasText(found(page), /^1 key$/);

    await client.set("taken", "");
    await page.click(".actions button:text('Rename')");
    await page.fill("dialog input", "taken");
    await page.click("dialog button[type=submit]");
    await hasText(page.locator("dialog [role=alert]"), "There is a key taken already.");
    await page.fill("dialog input", "znsocket.Dict:renamed");
    await submit(page);
    await hasText(page.locator("h1"), "renamed");

    await page.click(".actions button:text('Expire')");
    await page.fill("dialog input", "500");
    await submit(page);
    await hasText(page.locator(".facts"), /ends in (8 min|7 min)/);
    expect(await client.ttl("znsocket.Dict:renamed")).within(400, 500);
    await page.click(".actions button:text('Expire')");
    await page.fill("dialog input", "");
    await submit(page);
    expect(await client.ttl("znsocket.Dict:renamed")).equal(-1);

    await page.click(".actions button:text('Delete')");
    await page.click("dialog button:text('Cancel')");
    expect(await client.exists("znsocket.Dict:renamed")).equal(1);
    await page.click(".actions button:text('Delete')");
    await submit(page);
    expect(await client.keys("*")).deep.equal(["taken"]);
    await hasText(found(page), /^1 key$/);
    expect(await rows(page).count()).equal(0);
  });
});
