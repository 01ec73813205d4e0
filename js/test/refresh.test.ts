import { expect } from "chai";
import { io } from "socket.io-client";
import type { Refresh, RefreshEvent } from "../src/index.js";
import { merged } from "../src/untold.js";
import { atEnd, connect, Events, startServer } from "./harness.js";

const list = "znsocket.List:l";

describe("Refreshes", () => {
  it("reach those who listen to the key, and nobody else", async () => {
    const { url } = await startServer();
    const [c, other] = [await connect(url), await connect(url)];
    const [one, two, wrong, local] = [new Events<Refresh>(), new Events<Refresh>(), new Events<Refresh>(), new Events<Refresh>()];
    c.listen(list, one.push);
    const stop = c.listen(list, two.push);
    c.listen("znsocket.List:other", wrong.push);
    c.listen(list, local.push, { local: true });
    await c.ping();
    other.tell(list, { indices: [1] });
    for (const heard of [one, two, local]) expect(await heard.next()).deep.equal({ indices: [1] });
    c.tell(list, { start: 3 });
    expect(local.left, "in the same turn").deep.equal([{ start: 3 }]);
    stop();
    other.tell(list, { start: 2, stop: 5 });
    expect(await one.next()).deep.equal({ start: 2, stop: 5 });
    expect([two.left, wrong.left]).deep.equal([[], []]);
  });

  it("of a key that nobody listens to any more are not sent", async () => {
    const { url } = await startServer();
    const socket = io(`${url}/znsocket`, { autoConnect: false });
    const [c, other] = [await connect(url, { socket, url: undefined }), await connect(url)];
    const sent = new Events<RefreshEvent>();
    socket.on("refresh", sent.push);
    const stops = [c.listen(list, () => undefined), c.listen(list, () => undefined)];
    c.listen("znsocket.List:end", () => undefined);
    await c.ping();
    for (const name of ["l", "end"]) other.tell(`znsocket.List:${name}`, { start: 1 });
    for (const name of ["l", "end"]) expect(await sent.next()).property("target", `znsocket.List:${name}`);
    for (const stop of stops) {
      stop();
      stop();
    }
    await c.ping();
    for (const name of ["l", "end"]) other.tell(`znsocket.List:${name}`, { start: 1 });
    expect(await sent.next()).property("target", "znsocket.List:end");
  });

  it("of all keys reach who listens to the event, as they always did", async () => {
    const { url } = await startServer();
    const [c, other] = [await connect(url), await connect(url)];
    const [events, heard] = [new Events<RefreshEvent>(), new Events<Refresh>()];
    c.on("refresh", events.push);
    c.listen(list, heard.push);
    await c.ping();
    other.tell(list, { start: 1 });
    other.tell("znsocket.Dict:d", { keys: ["a"] });
    expect(await events.next()).deep.equal({ target: list, data: { start: 1, stop: null } });
    expect(await events.next()).deep.equal({ target: "znsocket.Dict:d", data: { keys: ["a"] } });
    c.tell(list, { start: 2 });
    c.off("refresh");
    await c.ping();
    other.tell("znsocket.Dict:d", { keys: ["b"] });
    other.tell(list, { start: 3 });
    expect(await heard.next()).deep.equal({ start: 1, stop: null });
    expect(await heard.next(), "once, and none of its own").deep.equal({ start: 3, stop: null });
    expect(events.left).deep.equal([]);
  });

  it("of raw commands come too", async () => {
    const { url } = await startServer();
    const [c, other] = [await connect(url), await connect(url)];
    const heard = new Events<Refresh>();
    c.listen(list, heard.push);
    await c.ping();
    await other.rPush(list, "1", "2");
    expect(await heard.next()).deep.equal({ indices: [0, 1] });
    await other.run([["LSET", list, 0, "3"]], { object: true });
    await other.lSet(list, 1, "4");
    expect(await heard.next(), "an object tells itself").deep.equal({ indices: [1] });
  });

  it("reach a client on a socket that was there before, which has said nothing of itself", async () => {
    const { url } = await startServer();
    const socket = io(`${url}/znsocket`, { forceNew: true });
    atEnd(() => socket.disconnect());
    const connected = new Events();
    socket.on("connect", connected.push as () => void);
    await connected.next();
    const [c, other] = [await connect(url, { socket, url: undefined }), await connect(url)];
    const [heard, events] = [new Events<Refresh>(), new Events<RefreshEvent>()];
    c.listen(list, heard.push);
    c.on("refresh", events.push);
    await c.ping();
    other.tell(list, { start: 1 });
    expect(await heard.next()).deep.equal({ start: 1, stop: null });
    expect(await events.next()).deep.equal({ target: list, data: { start: 1, stop: null } });
  });

  it("go on to others where one who listens fails", async () => {
    const { url } = await startServer();
    const c = await connect(url);
    const heard = new Events<Refresh>();
    const failed = new Events<unknown>();
    const failure = new Error("a listener's own");
    uncaught(failed.push);
    c.listen(list, () => { throw failure; }, { local: true });
    c.listen(list, heard.push, { local: true });
    c.tell(list, { start: 1 });
    expect(heard.left).deep.equal([{ start: 1 }]);
    expect(await failed.next()).equal(failure);
  });

  const joined: [a: Refresh, b: Refresh, both: Refresh][] = [
    [{ keys: ["a", "b"] }, { keys: ["c", "a"] }, { keys: ["a", "b", "c"] }],
    [{ indices: [10, 2] }, { indices: [2, 1] }, { indices: [1, 2, 10] }],
    [{ indices: [3] }, { start: 5, stop: null }, { start: 3, stop: null }],
    [{ start: 7 }, { start: 5, stop: 6 }, { start: 5, stop: null }],
    [{ keys: ["a"] }, { indices: [1] }, { resync: true }],
    [{ keys: ["a"], indices: [1] }, { indices: [1] }, { resync: true }],
    [{ indices: [-1] }, { indices: [1] }, { resync: true }],
    [{ start: -1 }, { indices: [1] }, { resync: true }],
    [{ resync: true }, { keys: ["a"] }, { resync: true }],
    [{}, { keys: ["a"] }, { resync: true }],
    [{ indices: Array.from({ length: 1000 }, (_, i) => 2 * i + 5) }, { indices: Array.from({ length: 1000 }, (_, i) => 2 * i + 6) }, { start: 5, stop: null }],
    [{ keys: Array.from({ length: 1000 }, (_, i) => `a${i}`) }, { keys: Array.from({ length: 1000 }, (_, i) => `b${i}`) }, { resync: true }],
  ];
  for (const [a, b, both] of joined) {
    it(`are merged: ${JSON.stringify(a).slice(0, 40)} and ${JSON.stringify(b).slice(0, 40)}`, () => expect(merged(a, b)).deep.equal(both));
  }
});

/** Catches what is thrown where nobody can catch it, in place of the test runner. */
function uncaught(heard: (error: unknown) => void): void {
  if (typeof window !== "undefined") {
    const before = window.onerror;
    window.onerror = (_message, _file, _line, _column, error) => {
      heard(error);
      return true;
    };
    atEnd(() => (window.onerror = before));
    return;
  }
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException").once("uncaughtException", heard);
  atEnd(() => before.forEach((listener) => process.on("uncaughtException", listener)));
}
