import { expect } from "chai";
import { io } from "socket.io-client";
import { ConnectionError, createClient, type Refresh } from "../src/index.js";
import { atEnd, connect, Events, rejection, startProxy, startServer } from "./harness.js";

describe("A lost connection", () => {
  it("is made again, and calls wait for it", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const c = await connect(proxy.url);
    for (let i = 1; i <= 3; i++) {
      await proxy.cut();
      expect(await c.incr("n")).equal(i);
    }
  });

  for (const how of [undefined, "SIGTERM"] as const) {
    it(`is made again to a server that ended by ${how ?? "a crash"} and was started anew`, async () => {
      const server = await startServer();
      const c = await connect(server.url);
      await c.set("k", "v");
      const heard = new Events<Refresh>();
      c.listen("znsocket.List:l", heard.push);
      await c.own("znsocket.List:a", () => 5);
      const gone = new Events();
      c.on("disconnect", gone.push);
      await server.kill(how);
      await gone.next();
      const waiting = c.get("k");
      await server.start();
      expect(await waiting).equal(null);
      expect(await heard.next()).deep.equal({ resync: true });
      const other = await connect(server.url);
      other.tell("znsocket.List:l", { indices: [1] });
      expect(await heard.next()).deep.equal({ indices: [1] });
      expect(await other.adapterGet("znsocket.List:a", "__len__")).equal(5);
    });
  }

  it("has what was in flight carried out once", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const [c, other] = [await connect(proxy.url), await connect(url)];
    for (let i = 1; i <= 5; i++) {
      // The server's answers are lost, and then the connection.
      await proxy.mute(true);
      const all = Promise.all([c.rPush("l", i), c.pipeline().incr("n").incr("n").exec(), c.get("n")]);
      while ((await other.lLen("l")) < i || (await other.get("n")) !== String(2 * i));
      await proxy.mute(false);
      await proxy.cut();
      expect(await all).deep.equal([i, [2 * i - 1, 2 * i], String(2 * i)]);
    }
    expect(await c.lRange("l", 0, -1)).deep.equal(["1", "2", "3", "4", "5"]);
  });

  it("under fire loses nothing and does nothing twice", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const c = await connect(proxy.url);
    const waves = 8;
    const size = 50;
    for (let wave = 0; wave < waves; wave++) {
      // Cut where it hurts: within requests, and between a request and its answer.
      await proxy.limit(500 + 700 * wave, 300, 3000);
      const values = Array.from({ length: size }, (_, i) => wave * size + i);
      const [pushed] = await Promise.all([
        Promise.all(values.map((value) => c.rPush("l", value))),
        Promise.all(values.map(() => c.incr("n"))),
        proxy.cut(),
      ]);
      expect(new Set(pushed)).deep.equal(new Set(values.map((value) => value + 1)));
    }
    const list = (await c.lRange("l", 0, -1)).map(Number);
    expect(list.sort((a, b) => a - b)).deep.equal(Array.from({ length: waves * size }, (_, i) => i));
    expect(await c.get("n")).equal(String(waves * size));
  });

  it("keeps calls in their order, however often it is lost", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const c = await connect(proxy.url, { io: { transports: ["websocket"] } });
    const pushed: Promise<number>[] = [];
    const push = () => pushed.push(c.rPush("l", pushed.length));
    c.on("connect", push);
    await proxy.limit(0, 3000, 3000, 3000);
    for (let i = 0; i < 100; i++) push();
    while (pushed.length < 104) await Promise.all(pushed);
    await Promise.all(pushed);
    expect((await c.lRange("l", 0, -1)).map(Number)).deep.equal([...pushed.keys()]);
  });

  it("fails what may have been carried out by a server that has forgotten", async () => {
    const server = await startServer();
    const proxy = await startProxy(server.url);
    const [c, other] = [await connect(proxy.url), await connect(server.url)];
    await proxy.mute(true);
    const push = rejection(c.rPush("l", 1));
    const read = c.lLen("l");
    while ((await other.lLen("l")) === 0);
    await server.kill();
    await proxy.mute(false);
    await server.start();
    const error = await push;
    expect(error).instanceOf(ConnectionError);
    expect(error.message).include(`connection to ${proxy.url} lost`);
    expect(await read, "what changes nothing is asked again").equal(0);
  });

  it("restores subscriptions, wherever in the restoring it is cut again", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const [c, other] = [await connect(proxy.url), await connect(url)];
    const lists = Array.from({ length: 20 }, (_, i) => `znsocket.List:${i}`);
    const heard = lists.map((key) => {
      const events = new Events<Refresh>();
      c.listen(key, events.push);
      return events;
    });
    for (let limit = 300; limit < 4000; limit += 500) {
      await proxy.limit(limit);
      await proxy.cut();
      expect(await heard[0]!.next()).deep.equal({ resync: true });
    }
    for (const [i, key] of lists.entries()) {
      // The last connection may be one that the proxy has cut.
      let refresh: Refresh;
      do {
        other.tell(key, { indices: [i] });
        refresh = await heard[i]!.next();
      } while (refresh.resync);
      expect(refresh).deep.equal({ indices: [i] });
    }
  });

  it("restores what changed meanwhile", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const [c, other] = [await connect(proxy.url), await connect(url)];
    const [kept, gone, fresh, all] = [new Events<Refresh>(), new Events<Refresh>(), new Events<Refresh>(), new Events<unknown>()];
    c.listen("znsocket.List:kept", kept.push);
    const stop = c.listen("znsocket.List:gone", gone.push);
    await c.ping();
    const lost = new Events();
    c.on("disconnect", lost.push);
    await proxy.cut();
    await lost.next();
    stop();
    c.listen("znsocket.List:fresh", fresh.push);
    c.on("refresh", all.push);
    expect(await kept.next()).deep.equal({ resync: true });
    for (const name of ["gone", "kept", "fresh"]) other.tell(`znsocket.List:${name}`, { start: 1 });
    for (const name of ["gone", "kept", "fresh"]) expect(await all.next()).deep.equal({ target: `znsocket.List:${name}`, data: { start: 1, stop: null } });
    expect(await kept.next()).deep.equal({ start: 1, stop: null });
    expect(await fresh.next()).deep.equal({ resync: true });
    expect(await fresh.next()).deep.equal({ start: 1, stop: null });
    expect(gone.left).deep.equal([]);
  });

  it("has what was told meanwhile told later", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const [c, other] = [await connect(proxy.url), await connect(url)];
    const heard = new Events<Refresh>();
    other.listen("znsocket.Dict:d", heard.push);
    await other.ping();
    // The server does not hear of this one, though the client has sent it.
    await proxy.limit(1);
    c.tell("znsocket.Dict:d", { keys: ["a"] });
    c.tell("znsocket.Dict:d", { keys: ["b", "a"] });
    expect(await heard.next()).deep.equal({ keys: ["a", "b"] });

    const before = createClient({ url });
    atEnd(() => before.disconnect());
    before.tell("znsocket.Dict:d", { keys: ["c"] });
    expect(await heard.next(), "before there is a connection").deep.equal({ keys: ["c"] });
  });

  it("restores adapters", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const [owner, reader] = [await connect(proxy.url), await connect(url)];
    await Promise.all(Array.from({ length: 20 }, (_, i) => owner.own(`znsocket.List:${i}`, () => i)));
    const closed = await owner.own("znsocket.List:closed", () => 0);
    for (let limit = 300; limit < 4000; limit += 700) {
      await proxy.limit(limit);
      await proxy.cut();
      await owner.ping();
    }
    await closed.close();
    for (let i = 0; i < 20; i++) expect(await reader.adapterGet(`znsocket.List:${i}`, "__len__")).equal(i);
    expect(await reader.checkAdapter("znsocket.List:closed")).equal(false);
  });

  it("restores adapters while the server has not noticed that it was lost", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const [owner, reader] = [await connect(proxy.url), await connect(url)];
    await owner.own("znsocket.List:a", () => 1);
    await proxy.hold(true);
    await proxy.cut();
    await owner.ping();
    expect(await reader.adapterGet("znsocket.List:a", "__len__")).equal(1);
  });

  it("restores what changes while it is being restored", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const socket = io(`${proxy.url}/znsocket`, { autoConnect: false });
    const [c, other] = [await connect(proxy.url, { socket, url: undefined }), await connect(url)];
    const [gone, fresh] = [new Events<Refresh>(), new Events<Refresh>()];
    const stop = c.listen("znsocket.List:gone", gone.push);
    await c.own("znsocket.List:a", () => 1);
    const owned = await c.own("znsocket.List:b", () => 2);
    socket.on("refresh", ({ target }) => target === "znsocket.List:gone" && gone.push({}));
    socket.onAnyOutgoing((event, payload) => {
      if (event !== "znsocket:own" || payload[1].key !== "znsocket.List:b") return;
      stop();
      c.listen("znsocket.List:fresh", fresh.push);
      void owned.close();
    });
    await proxy.cut();
    expect(await fresh.next()).deep.equal({ resync: true });
    await c.ping();
    expect([await other.checkAdapter("znsocket.List:a"), await other.checkAdapter("znsocket.List:b")]).deep.equal([true, false]);
    for (const name of ["gone", "fresh"]) other.tell(`znsocket.List:${name}`, { start: 1 });
    expect(await fresh.next()).deep.equal({ start: 1, stop: null });
    expect(gone.left).deep.equal([]);
  });

  it("does not restore an adapter that somebody else has by now", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const warnings = new Events<string>();
    const [owner, thief] = [await connect(proxy.url, { log: warnings.push }), await connect(url)];
    await owner.own("znsocket.List:a", () => 1);
    await owner.own("znsocket.List:b", () => 2);
    expect(await rejection(thief.own("znsocket.List:a", () => 3))).include({ type: "KeyError", message: "Key znsocket.List:a already exists in storage" });
    await thief.own("znsocket.List:a", () => 3, { replace: true });
    await proxy.cut();
    expect(await warnings.next()).equal("znsocket: the adapter of znsocket.List:a is not there again");
    expect(await thief.adapterGet("znsocket.List:a", "__len__")).equal(3);
    expect(await owner.adapterGet("znsocket.List:b", "__len__")).equal(2);
  });

  it("asks to be let in once, though the token comes late", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const tokens = new Events<(token: string) => void>();
    const socket = io(`${proxy.url}/znsocket`, { autoConnect: false, transports: ["websocket"] });
    let asked = 0;
    socket.io.on("open", () => socket.io.engine.on("packetCreate", ({ type, data }) => type === "message" && String(data).startsWith("0/") && asked++));
    const c = createClient({ socket, token: () => new Promise((resolve) => tokens.push(resolve)) });
    atEnd(() => c.disconnect());
    const connected = c.connect();
    const late = await tokens.next();
    await proxy.cut();
    await rejection(connected);
    const present = await tokens.next();
    late("late");
    present("present");
    expect(await c.ping()).equal("PONG");
    expect(asked).equal(1);
  });

  it("ends with disconnect", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const c = await connect(proxy.url);
    let connections = 0;
    c.on("connect", () => connections++);
    const gone = new Events();
    c.on("disconnect", gone.push);
    await proxy.cut();
    await gone.next();
    c.disconnect();
    const other = await connect(proxy.url);
    for (let i = 0; i < 3; i++) {
      await proxy.cut();
      await other.ping();
    }
    expect(connections).equal(0);
  });
});
