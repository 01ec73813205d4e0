import { expect } from "chai";
import { io } from "socket.io-client";
import { Client, ConnectionError, createClient, PermissionError, TimeoutError } from "../src/index.js";
import { atEnd, connect, Events, inBrowser, rejection, startProxy, startServer } from "./harness.js";

/** A Client that need not connect. */
function client(options: ConstructorParameters<typeof Client>[0]): Client {
  const made = createClient(options);
  atEnd(() => made.disconnect());
  return made;
}

describe("Client", () => {
  it("is made in each of the ways that there were", async () => {
    const { url } = await startServer();
    const made = [createClient({ url }), new createClient({ url }), new Client({ url, namespace: "znsocket" }), new Client({ url: url.replace("http", "znsocket"), namespace: "/znsocket" })];
    for (const c of made) {
      atEnd(() => c.disconnect());
      expect(c).instanceOf(Client);
      expect(await c.connect()).equal("Connected");
      expect(await c.ping()).equal("PONG");
    }
  });

  it("connects under a prefix", async () => {
    const { url } = await startServer();
    expect(await (await connect(`${url}/team/a`)).ping()).equal("PONG");
  });

  it("connects by long-polling", async () => {
    const { url } = await startServer();
    const c = await connect(url, { io: { transports: ["polling"] } });
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
    await c.set("k", bytes);
    expect(await c.with({ bytes: true }).get("k")).deep.equal(bytes);
  });

  it("has its calls wait for the connection", async () => {
    const { url } = await startServer();
    const c = client({ url });
    expect(await Promise.all([c.set("k", "v"), c.get("k"), c.get("absent")])).deep.equal(["OK", "v", null]);
    expect(await c.connect()).equal("Connected");
  });

  it("keeps calls in their order, though some are compressed", async () => {
    const { url } = await startServer();
    const c = await connect(url);
    const sizes = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 200_000 : i));
    await Promise.all(sizes.map((size, i) => c.rPush("l", `${i}:`.padEnd(size, "x"))));
    const places = (await c.lRange("l", 0, -1)).map((text) => parseInt(text));
    expect(places).deep.equal(sizes.map((_, i) => i));
  });

  it("says why it cannot connect", async () => {
    const server = await startServer();
    await server.kill();
    const c = client({ url: `${server.url}/x` });
    const error = await rejection(c.connect());
    expect(error).instanceOf(ConnectionError);
    expect(error.message).include(`could not connect to ${server.url}/x: `).and.include("start one with: znsocket --port 5000");

    const waiting = c.ping();
    await server.start();
    expect(await waiting, "it is tried again all the same").equal("PONG");
  });

  it("says what a server says that does not let a page in", async () => {
    if (inBrowser) return; // which tells a page nothing of it
    const { url } = await startServer();
    const error = await rejection(client({ url, io: { extraHeaders: { Origin: "https://evil.example" } } }).connect());
    expect(error).instanceOf(ConnectionError);
    expect(error.message).equal(`could not connect to ${url}: pages of https://evil.example may not connect: allow that origin with WithOrigins or --allow-origin`);
  });

  it("does not wait for ever to be let in", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const message = `could not connect to ${proxy.url} in time`;
    const io = { timeout: 300 };
    const tokenless = client({ url: proxy.url, io, token: () => new Promise(() => undefined) });
    expect(await rejection(tokenless.connect())).instanceOf(ConnectionError).property("message", message);
    // The server's answer to the handshake is lost.
    let lost = true;
    const c = client({ url: proxy.url, io, token: () => proxy.mute(lost) });
    expect(await rejection(c.connect())).instanceOf(ConnectionError).property("message", message);
    lost = false;
    await proxy.mute(false);
    expect(await c.ping(), "it is tried again").equal("PONG");
  });

  it("does not wait for a socket that its owner disconnects", async () => {
    const { url } = await startServer();
    const socket = io(`${url}/znsocket`, { forceNew: true, timeout: 500 });
    const before = client({ socket }).connect();
    socket.disconnect();
    expect(await rejection(before)).instanceOf(ConnectionError).property("message", "could not connect to the server of the socket in time");
    const joining = client({ socket }).connect();
    socket.on("connect", () => socket.disconnect());
    expect(await rejection(joining)).instanceOf(ConnectionError).property("message", "connection to the server of the socket lost: io client disconnect");
    expect(socket.active).equal(false);
  });

  it("says that there is no such namespace", async () => {
    const { url } = await startServer();
    const error = await rejection(client({ url, namespace: "other" }).connect());
    expect(error).instanceOf(ConnectionError);
    expect(error.message).equal(`${url} has no namespace /other`);
  });

  it("fails when it is disconnected, until it connects again", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const c = await connect(proxy.url);
    await proxy.mute(true);
    const inFlight = rejection(c.get("k"));
    await c.with({ timeout: 1 }).ping().catch(() => undefined); // it is sent after it
    c.disconnect();
    const reason = { name: "ConnectionError", message: "the client was disconnected" };
    expect(await inFlight).include(reason);
    expect(await rejection(c.ping())).include(reason);
    await proxy.mute(false);
    expect(await c.connect()).equal("Connected");
    expect(await c.ping()).equal("PONG");
  });

  it("gives calls up", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const c = await connect(proxy.url, { timeout: 50 });
    await proxy.mute(true);
    expect(await rejection(c.get("k"))).instanceOf(TimeoutError).property("message", `no answer from ${proxy.url} in time`);
    const abort = new AbortController();
    const reason = new Error("not wanted any more");
    const call = c.with({ signal: abort.signal, timeout: 0 }).get("k");
    abort.abort(reason);
    expect(await rejection(call)).equal(reason);
    expect(await rejection(c.with({ signal: AbortSignal.abort(reason) }).set("k", "v"))).equal(reason);
    await proxy.mute(false);
    await proxy.cut();
    expect(await c.with({ timeout: 20_000 }).exists("k"), "what was given up before is not sent").equal(0);
  });

  it("waits as long as a command does, and withdraws one that is given up", async () => {
    const c = await connect((await startServer()).url, { timeout: 200 });
    expect(await c.blPop("none", 0.4), "not that there was no answer").equal(null);
    expect(await c.xRead({ key: "none", id: "0" }, { BLOCK: 400 })).deep.equal([]);
    const abort = new AbortController();
    const call = c.with({ signal: abort.signal }).blPop("l", 0);
    await c.ping();
    abort.abort();
    expect(await rejection(call)).equal(abort.signal.reason);
    expect(await c.rPush("l", "x")).equal(1);
    expect(await c.lLen("l"), "it was not taken for nobody").equal(1);
  });

  it("gives up waiting for a connection", async () => {
    const server = await startServer();
    await server.kill();
    const c = client({ url: server.url, timeout: 20 });
    await rejection(c.connect());
    const error = await rejection(c.ping());
    expect(error).instanceOf(TimeoutError).property("message", `no connection to ${server.url} in time`);
    expect(error.cause, "why there is none").instanceOf(ConnectionError);
    expect(await rejection(c.go)).instanceOf(TimeoutError);
    const abort = new AbortController();
    const call = c.with({ signal: abort.signal, timeout: 0 }).ping();
    abort.abort();
    expect(await rejection(call)).equal(abort.signal.reason);
  });

  it("fails fast where it is told so", async () => {
    const server = await startServer();
    const c = client({ url: server.url, failFast: true });
    expect(await c.ping(), "before the first connection calls wait").equal("PONG");
    const gone = new Events();
    c.on("disconnect", gone.push);
    await server.kill();
    await gone.next();
    expect(await rejection(c.ping())).instanceOf(ConnectionError).property("message", `there is no connection to ${server.url} at the moment`);
  });

  it("lives on a socket that is there already", async () => {
    const { url } = await startServer();
    const socket = io(`${url}/znsocket`, { forceNew: true, auth: { mine: 1 } });
    atEnd(() => socket.disconnect());
    const connected = new Events();
    socket.on("connect", connected.push as () => void);
    await connected.next();
    const [c, same] = [client({ socket }), client({ socket })];
    expect(await c.connect()).equal("Connected");
    expect(await c.set("k", "v")).equal("OK");
    expect(await same.get("k")).equal("v");

    const later = io(`${url}/znsocket`, { autoConnect: false, forceNew: true, auth: (send) => send({ mine: 2 }) });
    const [waits, too] = [client({ socket: later }), client({ socket: later })];
    expect(await waits.connect(), "connect is a word to the socket").equal("Connected");
    expect(await waits.set("k", "w")).equal("OK");
    expect(await too.rPush("l", "a"), "a request of its own").equal(1);
  });

  it("leaves a socket alone that its owner disconnects", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const socket = io(`${proxy.url}/znsocket`, { forceNew: true });
    const [c, other] = [client({ socket }), await connect(proxy.url)];
    await c.set("k", "v");
    socket.disconnect();
    for (let i = 0; i < 3; i++) {
      await proxy.cut();
      await other.ping();
    }
    expect(socket.connected || socket.active).equal(false);
    socket.connect();
    expect(await c.get("k")).equal("v");
  });

  it("passes events on", async () => {
    const { url } = await startServer();
    const c = client({ url });
    const events = new Events<string>();
    const listener = () => events.push("one");
    c.on("connect", listener).on("connect", () => events.push("other"));
    expect([await events.next(), await events.next()]).deep.equal(["one", "other"]);
    c.off("connect", listener);
    c.disconnect();
    await c.connect();
    expect([await events.next(), ...events.left]).deep.equal(["other"]);
    for (const event of ["connect", "disconnect", "connect_error"]) c.off(event);
    c.disconnect();
    expect(await c.connect(), "it listens itself").equal("Connected");
    expect(events.left).deep.equal([]);
    expect(await c.emit("server_config")).include({ namespace: "/znsocket", go: 1 });
    expect(await c.emit("get", [["absent"], {}])).deep.equal({ data: null });
    expect(await c.emit("nothing", [[], {}])).nested.property("error.type", "UnknownEventError");
  });

  it("listens once with one function, and ends only its own listening", async () => {
    const { url } = await startServer();
    let heard = 0;
    const listener = () => heard++;
    const socket = io(`${url}/znsocket`, { autoConnect: false, forceNew: true });
    const [one, other] = [client({ socket }), client({ socket })];
    other.on("connect", listener);
    one.off("connect", listener).on("disconnect", listener).on("disconnect", listener).off("disconnect", listener);
    await one.connect();
    expect(heard).equal(1);
    one.disconnect();
    expect(heard).equal(1);
  });

  it("is let in with a token", async () => {
    const { url } = await startServer({ args: ["--auth-token", "secret"] });
    for (const wrong of [{}, { token: "wrong" }, { auth: { key: "secret" } }]) {
      const c = client({ url, ...wrong });
      const error = await rejection(c.connect());
      expect(error).instanceOf(PermissionError);
      expect(error.message).include(`${url} refused the connection: `);
      expect(await rejection(c.ping()), "what waits fails, too").equal(error);
    }
    for (const right of [{ token: "secret" }, { token: () => "secret" }, { token: async () => "secret" }, { auth: async () => ({ token: "secret" }) }]) {
      expect(await (await connect(url, right)).ping()).equal("PONG");
    }
    const failing = client({
      url,
      token: () => {
        throw new Error("no key");
      },
    });
    expect(await rejection(failing.connect())).instanceOf(ConnectionError).property("message", `token for ${url}: no key`);
  });

  it("makes a token for every connection, and is patient with a refusal", async () => {
    const { url } = await startServer({ args: ["--auth-token", "3"] });
    const proxy = await startProxy(url);
    let made = 2;
    const c = await connect(proxy.url, { token: () => String(++made) });
    made = 0;
    await proxy.cut();
    expect(await c.ping(), "the third token is right").equal("PONG");
    expect(made).equal(3);
  });
});
