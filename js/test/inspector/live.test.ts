import { expect } from "chai";
import { ListAdapter, List } from "../../src/index.js";
import { connect, startServer } from "../harness.js";
import { found, hashOf, hasText, keyRows, openInspector, rowOf, startInspected, startPython } from "./page.js";

describe("Inspector, live", () => {
  it("shows what a Python program changes", async () => {
    const { url } = await startInspected();
    const python = await startPython(url);
    await python("l = List(r=client, key='numbers'); l.extend([1, 2, 3])");
    const page = await openInspector(url, hashOf("znsocket.List:numbers"));
    await hasText(rowOf(page, "1"), /^12/);
    await python("l[1] = 'changed'");
    await page.locator(".row.changed", { hasText: '"changed"' }).waitFor();
    await python("l.append(4)");
    await hasText(rowOf(page, "3"), "4");
    await python("del l[0]");
    await hasText(rowOf(page, "0"), '"changed"');
    await hasText(page.locator(".facts"), "3 elements");

    await python("Dict(r=client, key='new one')['field'] = 1");
    await hasText(keyRows(page), "new one");
    await python("client.set('plain', 'first')");
    await keyRows(page).filter({ hasText: "plain" }).click();
    await hasText(page.locator("pre.text"), "first");
    await python("client.set('plain', 'second')");
    await hasText(page.locator("pre.text"), "second");
    await python("client.delete('plain'); client.rpush('plain', 'now a list')");
    await hasText(rowOf(page, "0"), "now a list");
    await python("client.delete('plain')");
    await hasText(page.locator(".empty"), "There is nothing under this key.");
    await hasText(found(page), /^2 keys$/);
    await python("client.set('unheard of', 1)");
    await hasText(keyRows(page), "unheard of");
  });

  it("finds a new object though there are as many keys as before", async () => {
    const { url, client } = await startInspected();
    await client.set("old", "");
    const page = await openInspector(url, "#?q=fresh");
    await hasText(page.locator("#status"), "1 key");
    await hasText(found(page), /^0 keys$/);
    await client.run([["DEL", "old"], ["RPUSH", "znsocket.List:fresh one", "1"]]);
    await hasText(keyRows(page), "fresh one");
  });

  it("reads of an adapter, which it cannot change", async () => {
    const { url, client } = await startInspected();
    const data = [{ inner: [1, 2] }, "second"];
    const adapter = new ListAdapter({ client, key: "data", object: data });
    await adapter.ready;
    const page = await openInspector(url);
    await hasText(keyRows(page), "adapter");
    await keyRows(page).click();
    await hasText(rowOf(page, "1"), '"second"');
    await hasText(page.locator(".reason"), "Read-only: this is the data of a program");
    expect(await page.locator(".actions button:enabled").count()).equal(0);
    data[1] = "changed";
    adapter.changed({ indices: [1] });
    await hasText(rowOf(page, "1"), '"changed"');
    await page.click("#to-overview");
    await hasText(page.locator(".shown-by .row"), "data");
    await page.locator(".shown-by .row").click();
    await hasText(page.locator("h1"), "data");
    await page.selectOption("#filter", "adapter");
    await hasText(found(page), /^1 key$/);
    await adapter.close();
    await hasText(found(page), /^0 keys$/);
  });

  it("says that the connection is lost, and reads again when there is another", async () => {
    const server = await startServer({ args: ["--inspect"] });
    const client = await connect(server.url);
    await client.rPush("znsocket.List:before", "1");
    const page = await openInspector(server.url, hashOf("znsocket.List:before", "0"));
    await hasText(page.locator(".json"), "1");
    await server.kill();
    await hasText(page.locator("#banner"), "connection");
    await server.start(); // with nothing in it
    await hasText(page.locator(".empty"), "There is nothing at this place.");
    await hasText(found(page), /^0 keys$/);
    expect(await page.locator("#banner").isVisible()).equal(false);
    await client.connect();
    await client.rPush("znsocket.List:before", "2");
    await hasText(page.locator(".json"), "2");
    await hasText(found(page), /^1 key$/);
  });

  it("shows who is connected, and what goes through", async () => {
    const { url, client } = await startInspected();
    const list = new List({ client, key: "heard" });
    list.onRefresh(() => undefined);
    const page = await openInspector(url, "#overview");
    const [mine, other] = ["(you)", "1 key"].map((hasText) => page.locator(".clients .row", { hasText }));
    await hasText(mine!, "Chrome");
    await hasText(other!, "websocket");
    await hasText(page.locator(".charts .now").first(), /\d\/s · [\d.]+\/s/);
    await hasText(page.locator(".charts .now").last(), "2");
    client.disconnect();
    await hasText(page.locator(".clients h2"), "Clients (1)");
  });
});
