import { expect } from "chai";
import { Dict, List } from "../../src/index.js";
import { connect, startServer } from "../harness.js";
import { buildReadOnly, found, hashOf, hasText, keyRows, openInspector, rowOf, startInspected, startReadOnly } from "./page.js";

const script = "<script>window.hacked = true</script>";
const image = '<img src="x" onerror="window.hacked = true">';

describe("Inspector, safe", () => {
  before(async function () {
    this.timeout(300_000);
    await buildReadOnly();
  });

  it("runs nothing that is in the data", async () => {
    const { url, client } = await startInspected();
    for (const text of [script, image]) {
      await client.set(text, text);
      await client.hSet(`hash ${text}`, { [text]: text });
      await client.sAdd(`set ${text}`, text);
      const dict = new Dict({ client, key: text });
      await dict.update({ [text]: text, nested: { [text]: [text] } });
      await new List({ client, key: text }).push(text, dict);
    }
    await connect(url, { io: { extraHeaders: { "User-Agent": `${script}${image}` } } });
    const page = await openInspector(url, "#overview");
    await hasText(page.locator(".clients .row"), script);
    await hasText(found(page), /^10 keys$/);
    for (const text of [script, image]) {
      for (const hash of [
        hashOf(text),
        hashOf(`hash ${text}`),
        hashOf(`hash ${text}`, text),
        hashOf(`set ${text}`, text),
        hashOf(`znsocket.List:${text}`),
        hashOf(`znsocket.List:${text}`, "0"),
        hashOf(`znsocket.Dict:${text}`),
        hashOf(`znsocket.Dict:${text}`, text),
        hashOf(`znsocket.Dict:${text}`, "nested"),
        hashOf(`znsocket.Dict:${text}`, "nested", text),
        hashOf(`znsocket.Dict:${text}`, "nested", text, "0"),
      ]) {
        await page.evaluate((hash) => void (location.hash = hash), hash);
        await hasText(page.locator("#view .content"), text.slice(0, 7));
      }
      await page.evaluate((hash) => void (location.hash = hash), hashOf(`znsocket.Dict:${text}`, text));
      await page.click(".actions button:text('Delete')");
      await hasText(page.locator("dialog"), text);
      await page.click("dialog button:text('Cancel')");
    }
    await page.fill("#search", script);
    await hasText(found(page), /^5 keys$/);
    expect(await page.evaluate(() => [document.scripts.length, document.querySelectorAll("#view img, #keys img, dialog img").length, "hacked" in window])).deep.equal([1, 0, false]);
  });

  it("is refused scripts and styles by the page itself", async () => {
    const { url } = await startInspected();
    const page = await openInspector(url);
    await hasText(found(page), /^0 keys$/);
    const { headers } = await page.evaluate(async () => ({ headers: Object.fromEntries((await fetch("index.html")).headers) }));
    expect(headers["content-security-policy"]).contain("script-src 'self';").contain("style-src 'self';");
    expect(headers["x-content-type-options"]).equal("nosniff");
  });

  it("asks for a token, keeps it for a reload and forgets it", async () => {
    const { url } = await startServer({ args: ["--inspect", "--auth-token", "right"] });
    const client = await connect(url, { token: "right" });
    await client.set("key", "value");
    const page = await openInspector(url);
    await hasText(page.locator("#problem"), "this server wants a token, and this is not it");
    await page.fill("#token", "wrong");
    await page.click("#ask button");
    await hasText(page.locator("#ask label"), "Another token");
    await page.fill("#token", "right");
    await page.click("#ask button");
    await hasText(keyRows(page), "key");
    await page.reload();
    await hasText(keyRows(page), "key");
    await page.click("#forget");
    await hasText(page.locator("#ask label"), /^Token$/);
    expect(await keyRows(page).count()).equal(0);
  });

  it("asks for another token where the server wants one when it is there again", async () => {
    const server = await startServer({ args: ["--inspect", "--auth-token", "first"] });
    const page = await openInspector(server.url, hashOf("key"));
    await page.fill("#token", "first");
    await page.click("#ask button");
    await hasText(page.locator(".empty"), "There is nothing under this key.");
    await server.kill();
    await hasText(page.locator("#banner"), "connection");
    const { port } = new URL(server.url);
    await startServer({ args: ["--inspect", "--auth-token", "second", "--port", port] });
    await hasText(page.locator("#ask label"), "Another token");
    await hasText(page.locator("#problem"), "this server wants a token, and this is not it");
    await page.fill("#token", "second");
    await page.click("#ask button");
    await page.locator("#entrance").waitFor({ state: "hidden" });
    await page.locator("#banner").waitFor({ state: "hidden" });
    const client = await connect(server.url, { token: "second" });
    await client.set("key", "value");
    await hasText(page.locator("pre.text"), "value");
    await page.reload();
    await hasText(page.locator("pre.text"), "value");
  });

  it("lets those who may only read change nothing", async () => {
    const url = await startReadOnly();
    const page = await openInspector(url);
    await keyRows(page).click();
    await hasText(rowOf(page, "timestep"), "0.5");
    await hasText(page.locator(".reason"), "Read-only: your rights do not allow changes here.");
    const buttons = page.locator(".actions button");
    expect(await buttons.allTextContents()).deep.equal(["Add", "Expire", "Rename", "Delete"]);
    for (const button of await buttons.all()) {
      expect(await button.isDisabled()).equal(true);
      expect(await button.getAttribute("title")).equal("Your rights do not allow it.");
    }
    await page.locator(".table .rows").press("Home");
    await page.keyboard.press("e");
    await page.keyboard.press("Delete");
    expect(await page.locator("dialog").count()).equal(0);
    await hasText(page.locator("#status"), "1 key");
  });

  it("says why it does not show who is connected", async () => {
    const url = await startReadOnly("-private");
    const page = await openInspector(url);
    await hasText(page.locator(".overview .reason"), "The server does not say who is connected and what goes on: this is nobody's business");
    expect(await page.isVisible(".panels")).equal(false);
    await hasText(page.locator("#status"), /^1 key$/);
    await keyRows(page).click();
    await hasText(rowOf(page, "timestep"), "0.5");
  });

  it("is not there unless it is asked for", async () => {
    const { url } = await startServer();
    const answer = await fetch(`${url}/inspect/`);
    expect(answer.status).equal(404);
  });
});
