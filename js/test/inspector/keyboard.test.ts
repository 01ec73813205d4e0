import { expect } from "chai";
import { Dict, List } from "../../src/index.js";
import { found, hasText, keyRows, openInspector, phone, rowOf, startInspected } from "./page.js";

describe("Inspector, in the hand", () => {
  it("does everything by keys", async () => {
    const { url, client } = await startInspected();
    await client.set("other", "");
    const list = new List({ client, key: "list" });
    await list.push(new Dict({ client, key: "inner" }), "text");
    await new Dict({ client, key: "inner" }).set("field", 1);
    const page = await openInspector(url);
    await hasText(found(page), /^3 keys$/);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press("/");
    await page.keyboard.type("list");
    await hasText(found(page), /^1 key$/);
    await press("ArrowDown");
    await client.set("a list", "");
    await hasText(found(page), /^2 keys$/);
    await press("Enter"); // opens what was marked, which is at another place now
    await hasText(rowOf(page, "1"), '"text"');
    await page.locator(".table .row[aria-selected=true] .place", { hasText: "0" }).waitFor();
    await press("Enter");
    await hasText(rowOf(page, "field"), "1");
    await page.locator(".table .row[aria-selected=true] .place", { hasText: "field" }).waitFor();
    await press("e");
    await page.locator("dialog textarea").waitFor();
    await press("Control+a");
    await page.keyboard.type("[1, 2]");
    await press("Control+Enter");
    await hasText(rowOf(page, "field"), "[1, 2]");
    expect(await client.hGet("znsocket.Dict:inner", "field")).equal("[1, 2]");
    await press("Delete");
    await hasText(page.locator("dialog"), "Delete field field of inner?");
    await press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await press("Escape");
    await hasText(page.locator("h1"), "list");
    await press("Escape");
    await hasText(page.locator("h1"), "Overview");
    await press("?");
    await hasText(page.locator("dialog dt"), "Home");
    await press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.role)).equal("listbox");
  });

  it("says to a screen reader what is marked", async () => {
    const { url, client } = await startInspected();
    await client.mSet({ a: "", b: "", c: "" });
    const page = await openInspector(url);
    const list = page.getByRole("listbox", { name: "Keys" });
    await page.getByRole("option", { name: "string b" }).waitFor();
    await list.press("Home");
    await list.press("ArrowDown");
    const marked = list.getByRole("option", { selected: true });
    await hasText(marked, "b");
    expect(await marked.getAttribute("aria-posinset")).equal("2");
    expect(await marked.getAttribute("aria-setsize")).equal("3");
    expect(await list.getAttribute("aria-activedescendant")).equal(await marked.getAttribute("id"));
  });

  it("shows one thing at a time on a phone", async () => {
    const { url, client } = await startInspected();
    await new List({ client, key: "list" }).push("a", "b");
    const page = await openInspector(url, "", phone);
    await keyRows(page).tap();
    await rowOf(page, "1").tap();
    await hasText(page.locator(".json"), '"b"');
    expect(await page.isVisible("#keys")).equal(false);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).most(390);
    const small = await page.locator("button:visible, a.all").evaluateAll((elements) => elements.filter((element) => element.tagName === "BUTTON" && element.getBoundingClientRect().height < 38).length);
    expect(small).equal(0);
    await page.goBack();
    await hasText(rowOf(page, "0"), '"a"');
    await page.tap(".crumbs .all");
    await keyRows(page).waitFor();
    expect(await page.isVisible("#view")).equal(false);
    await page.tap("#to-overview");
    await hasText(page.locator(".clients .row"), "(you)");
  });

  it("is dark or light as the system is, or as one wants", async () => {
    const { url } = await startInspected();
    const page = await openInspector(url, "", { colorScheme: "dark" });
    const lightness = () => page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)![0]));
    await hasText(found(page), /^0 keys$/);
    expect(await lightness()).below(40);
    await page.click("#theme");
    expect(await lightness()).above(220);
    await page.reload();
    expect(await lightness()).above(220);
    await page.click("#theme");
    await page.emulateMedia({ colorScheme: "light" });
    expect(await lightness()).below(40);
    await page.click("#theme");
    expect(await lightness()).above(220);
  });
});
