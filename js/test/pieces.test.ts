import { expect } from "chai";
import type { ClientOptions, Progress } from "../src/index.js";
import { cut, pack } from "../src/frame.js";
import { connect, rejection, startProxy, startServer } from "./harness.js";

/** Bytes that cannot be compressed. */
function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, size)));
  return bytes;
}

/** Compares without showing megabytes where they differ. */
function expectSame(got: Uint8Array | null, want: Uint8Array): void {
  expect(got?.length).equal(want.length);
  expect(got!.findIndex((byte, i) => byte !== want[i])).equal(-1);
}

describe("Frames", () => {
  it("are compressed where that makes them smaller", async () => {
    const long = new TextEncoder().encode("ab".repeat(5000));
    const packed = await pack(long, 1024);
    expect(packed.compressed).equal(true);
    expect(Array.from(packed.bytes.subarray(0, 5))).deep.equal([1, 0, 0, 0x27, 0x10]);
    const unpacked = new Blob([packed.bytes.slice(5)]).stream().pipeThrough(new DecompressionStream("gzip"));
    expect(new Uint8Array(await new Response(unpacked).arrayBuffer())).deep.equal(long);

    const plain: [body: Uint8Array, threshold: number][] = [[long, -1], [long, 10_000], [noise(5000), 1024]];
    for (const [body, threshold] of plain) {
      const { bytes, compressed } = await pack(body, threshold);
      expect(compressed).equal(false);
      expect(bytes).deep.equal(Uint8Array.of(0, ...body));
    }
  });

  it("are cut so that pieces fit", () => {
    const frame = noise(1001);
    for (const [max, sizes] of [[1251, [1001]], [1250, [1000, 1]], [750, [500, 500, 1]], [251, new Array(1001).fill(1)]] as const) {
      const pieces = cut(frame, max);
      expect(pieces.map(({ length }) => length)).deep.equal(sizes);
      expect(pieces.flatMap((piece) => [...piece])).deep.equal([...frame]);
    }
    expect(() => cut(frame, 250)).throw("it must be above 250");
  });
});

describe("Large messages", () => {
  const ways: Record<string, ClientOptions & { server?: string[] }> = {
    "over a WebSocket": {},
    "over long-polling": { io: { transports: ["polling"] }, server: ["--max-http-buffer-size", "100000"] },
    "in small pieces": { maxMessageSize: 10_000 },
    "of a server that takes small ones only": { server: ["--max-http-buffer-size", "20000"] },
  };
  for (const [way, { server = [], ...options }] of Object.entries(ways)) {
    it(`travel both ways ${way}`, async () => {
      const { url } = await startServer({ args: server });
      const heard: Progress[] = [];
      const c = await connect(url, { ...options, onProgress: (progress) => heard.push(progress) });
      const size = way === "over a WebSocket" ? 12_000_000 : 500_000;
      const large = noise(size);
      expect(await c.set("k", large)).equal("OK");
      expect(heard.length).greaterThan(1);
      const total = heard[0]!.total;
      expect(total).within(size, size + 100);
      expect(heard.every((progress, i) => progress.total === total && progress.done > (heard[i - 1]?.done ?? 0))).equal(true);
      expect(heard.at(-1)!.done).equal(total);
      expectSame(await c.with({ bytes: true }).get("k"), large);
    });
  }

  it("are sent whole where they are small when compressed", async () => {
    const { url } = await startServer();
    const heard: Progress[] = [];
    const c = await connect(url, { onProgress: (progress) => heard.push(progress) });
    const text = "ü".repeat(10_000_000);
    await c.set("k", text);
    expect(heard).deep.equal([]);
    expect((await c.get("k")) === text).equal(true);
  });

  it("give their own errors", async () => {
    const { url } = await startServer();
    const c = await connect(url);
    await c.set("k", "v");
    expect(await rejection(c.rPush("k", noise(6_000_000)))).include({ type: "ResponseError" });
    const tiny = await connect(url, { maxMessageSize: 100 });
    expect((await rejection(tiny.set("k", noise(1000)))).message).include("it must be above 250");
  });

  it("over a limit of the server are refused by name", async () => {
    const { url } = await startServer();
    const c = await connect(url);
    // Unpacked it is more than a Go server takes: 256 MiB.
    const error = await rejection(c.set("k", new Uint8Array(257 * 2 ** 20)));
    expect(error.type).equal("TooLargeError");
    expect(error.message).include("exceeds the limit of 268435456 bytes");
    expect(await c.ping()).equal("PONG");
  });

  it("are carried out once, though their connection is cut", async () => {
    const { url } = await startServer();
    const proxy = await startProxy(url);
    const c = await connect(proxy.url, { maxMessageSize: 100_000 });
    let cuts = 0;
    c.on("disconnect", () => cuts++);
    const large = noise(1_500_000);
    await proxy.limit(100_000, 800_000, 1_400_000);
    const pushed = c.rPush("l", large);
    expect(await pushed).equal(1);
    expect(cuts).equal(3);
    expectSame(await c.with({ bytes: true }).lIndex("l", 0), large);
  });

  it("that are given up end", async () => {
    const { url } = await startServer();
    const abort = new AbortController();
    const c = await connect(url, { maxMessageSize: 10_000, onProgress: ({ done }) => done > 100_000 && abort.abort() });
    expect(await rejection(c.with({ signal: abort.signal }).set("k", noise(1_000_000)))).equal(abort.signal.reason);
    expect(await c.exists("k")).equal(0);
  });
});
