import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { Dict, FrozenStorageError, List, ListAdapter, ResponseError, type Refresh, watch } from "../src/index.js";
import { script, scriptSum } from "../src/script.js";
import { connect, Events, rejection, startServer } from "./harness.js";
import { connectRedis, startRedis } from "./redis.js";

describe("The script", () => {
  it("is the one of the Go package", async () => {
    const lua = await readFile(new URL("../../../objectops.lua", import.meta.url), "utf8");
    expect(script).to.equal(lua);
    expect(scriptSum).to.equal(createHash("sha1").update(lua).digest("hex"));
  });
});

describe("Objects over node-redis", () => {
  it("hear of changes and read adapters through their socket", async () => {
    const redis = await startRedis();
    const { url } = await startServer();
    const [client, socket, owner] = [await connectRedis(redis, 2), await connect(url), await connect(url)];
    const list = new List<number>({ client, socket, key: "l" });
    const seen = new Events<number[]>();
    watch(list, seen.push);
    expect(await seen.next()).to.deep.equal([]);
    await new List<number>({ client, socket: owner, key: "l" }).push(1, 2);
    expect(await seen.next()).to.deep.equal([1, 2]);
    await list.insert(1, 3);
    expect(await seen.next()).to.deep.equal([1, 3, 2]);

    await new ListAdapter({ client: owner, key: "adapted", object: [1, 2, 3, new Date(0)] }).ready;
    const adapted = new List({ client, socket, key: "adapted" });
    expect(await adapted.slice(null, null, -1)).to.deep.equal([new Date(0).toJSON(), 3, 2, 1]);
    expect(await rejection(adapted.insert(1, 2))).to.be.instanceOf(FrozenStorageError);
    expect(await rejection(adapted.pop())).to.be.instanceOf(FrozenStorageError);

    // The list makes its changes by the script by now, and so does what it refers to.
    const references = new List<List>({ client, socket, key: "references" });
    await references.insert(0, adapted, adapted);
    await references.insert(1, adapted);
    expect(await (await references.get(1))!.slice(-3, -1)).to.deep.equal([2, 3]);
  });

  it("do without a socket", async () => {
    const client = await connectRedis(await startRedis(), 3);
    const dict = new Dict({ client, key: "d" });
    await dict.update({ a: 1, b: 2 });
    expect(await dict.pop("a")).to.equal(1);
    expect(() => dict.onRefresh((_: Refresh) => undefined)).to.throw("give it a Client as socket");
    await client.sendCommand(["SET", "znsocket.List:l", "text"]);
    expect(await rejection(new List({ client, key: "l" }).push(1))).to.be.instanceOf(ResponseError);
    client.destroy();
    expect(await rejection(dict.length())).not.to.be.instanceOf(ResponseError);
  });
});
