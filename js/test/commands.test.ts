import { expect } from "chai";
import type { Client, Reply } from "../src/index.js";
import { connect, rejection, startServer } from "./harness.js";

type Step = [what: (c: Client) => Promise<unknown>, want: unknown];

// What Redis says to the same commands: each is also sent to a server over one.
const steps: Record<string, Step[]> = {
  strings: [
    [(c) => c.set("k", "v"), "OK"],
    [(c) => c.get("k"), "v"],
    [(c) => c.get("absent"), null],
    [(c) => c.set("k", "w", { NX: true }), null],
    [(c) => c.set("new", "w", { XX: true }), null],
    [(c) => c.set("k", "w", { GET: true, EX: 100 }), "v"],
    [(c) => c.ttl("k"), 100],
    [(c) => c.set("k", "x", { KEEPTTL: true, XX: true, NX: false }), "OK"],
    [(c) => c.ttl("k"), 100],
    [(c) => c.getEx("k", { PERSIST: true }), "x"],
    [(c) => c.pTTL("k"), -1],
    [(c) => c.set("empty", ""), "OK"],
    [(c) => c.get("empty"), ""],
    [(c) => c.set("zero", 0), "OK"],
    [(c) => c.get("zero"), "0"],
    [(c) => c.setNX("k", "y"), false],
    [(c) => c.setNX("fresh", "y"), true],
    [(c) => c.setEx("ending", 50, "v"), "OK"],
    [(c) => c.pSetEx("ending", 60_000, "v"), "OK"],
    [(c) => c.ttl("ending"), 60],
    [(c) => c.getDel("ending"), "v"],
    [(c) => c.getDel("ending"), null],
    [(c) => c.mSet({ a: 1, b: "2" }), "OK"],
    [(c) => c.mSet(new Map([["c", 3n]])), "OK"],
    [(c) => c.mSetNX([["d", "4"], ["e", 5.5]]), true],
    [(c) => c.mSetNX({ e: 1, f: 2 }), false],
    [(c) => c.mGet("a", "b", ["c", "d"], "e", "f"), ["1", "2", "3", "4", "5.5", null]],
    [(c) => c.append("a", "bc"), 3],
    [(c) => c.strLen("a"), 3],
    [(c) => c.getRange("a", 1, -1), "bc"],
    [(c) => c.getRange("absent", 0, -1), ""],
    [(c) => c.setRange("a", 1, "xyz"), 4],
    [(c) => c.incr("n"), 1],
    [(c) => c.incrBy("n", 10), 11],
    [(c) => c.incrBy("n", -1n), 10],
    [(c) => c.incrByFloat("n", 0.5), 10.5],
    [(c) => c.decr("m"), -1],
    [(c) => c.decrBy("m", 9), -10],
    [(c) => c.lcs("a", "a"), "1xyz"],
    [(c) => c.do("SET", "big", 2n ** 62n), "OK"],
    [(c) => c.do("INCRBY", "big", 1), 2n ** 62n + 1n],
  ],
  keys: [
    [(c) => c.mSet({ a: 1, b: 2 }), "OK"],
    [(c) => c.exists("a", "a", "z"), 2],
    [(c) => c.touch("a", "z"), 1],
    [(c) => c.type("a"), "string"],
    [(c) => c.type("z"), "none"],
    [(c) => c.keys("a*"), ["a"]],
    [(c) => c.scan(0, { MATCH: "b*", COUNT: 100 }), { cursor: "0", items: ["b"] }],
    [(c) => c.scan("0", { MATCH: "b", COUNT: 100, TYPE: "list" }), { cursor: "0", items: [] }],
    [(c) => c.rename("a", "c"), "OK"],
    [(c) => c.renameNX("b", "c"), false],
    [(c) => c.copy("b", "c"), false],
    [(c) => c.copy("b", "c", { REPLACE: true }), true],
    [(c) => c.copy("absent", "d"), false],
    [(c) => c.expire("b", 100), true],
    [(c) => c.expire("absent", 100), false],
    [(c) => c.expire("b", 50, "GT"), false],
    [(c) => c.pExpire("b", 50_000, "LT"), true],
    [(c) => c.ttl("b"), 50],
    [(c) => c.expireAt("b", new Date(4e12)), true],
    [(c) => c.expireTime("b"), 4e9],
    [(c) => c.pExpireAt("b", 4e12 + 5), true],
    [(c) => c.pExpireTime("b"), 4e12 + 5],
    [(c) => c.expireAt("b", 4e9), true],
    [(c) => c.pExpireTime("b"), 4e12],
    [(c) => c.persist("b"), true],
    [(c) => c.persist("b"), false],
    [(c) => c.ttl("b"), -1],
    [(c) => c.ttl("absent"), -2],
    [(c) => c.expireTime("absent"), -2],
    [(c) => c.dbSize(), 2],
    [(c) => c.del("b"), 1],
    [(c) => c.randomKey(), "c"],
    [(c) => c.unlink("c", "x"), 1],
    [(c) => c.randomKey(), null],
    [(c) => c.set("k", "v"), "OK"],
    [(c) => c.flushDb(), "OK"],
    [(c) => c.flushAll(), "OK"],
    [(c) => c.dbSize(), 0],
    [(c) => c.ping(), "PONG"],
    [(c) => c.echo("ü"), "ü"],
  ],
  hashes: [
    [(c) => c.hSet("h", "a", 1), 1],
    [(c) => c.hSet("h", "a", 2, "b", 3), 1],
    [(c) => c.hSet("h", { c: 4, __proto__x: "5" }), 2],
    [(c) => c.hSet("h", new Map([["10", "x"], ["9", "y"]])), 2],
    [(c) => c.hMSet("h", { b: "3" }), "OK"],
    [(c) => c.hSetNX("h", "a", 9), false],
    [(c) => c.hSetNX("h", "z", ""), true],
    [(c) => c.hGet("h", "a"), "2"],
    [(c) => c.hGet("h", "z"), ""],
    [(c) => c.hGet("h", "absent"), null],
    [(c) => c.hMGet("h", "a", ["absent", "z"]), ["2", null, ""]],
    [(c) => c.hGetAll("h"), { a: "2", b: "3", c: "4", __proto__x: "5", "10": "x", "9": "y", z: "" }],
    [(c) => c.hGetAll("absent"), {}],
    [(c) => c.hDel("h", "10", "9", "none"), 2],
    [(c) => c.hExists("h", "a"), true],
    [(c) => c.hExists("h", "none"), false],
    [(c) => c.hKeys("h"), ["a", "b", "c", "__proto__x", "z"]],
    [(c) => c.hVals("h"), ["2", "3", "4", "5", ""]],
    [(c) => c.hLen("h"), 5],
    [(c) => c.hStrLen("h", "a"), 1],
    [(c) => c.hIncrBy("h", "n", 5), 5],
    [(c) => c.hIncrByFloat("h", "n", 1.5), 6.5],
    [(c) => c.del("h"), 1],
    [(c) => c.hSet("h", "only", "v"), 1],
    [(c) => c.hRandField("h"), "only"],
    [(c) => c.hRandField("absent"), null],
    [(c) => c.hRandFieldCount("h", -2), ["only", "only"]],
    [(c) => c.hScan("h", 0, { MATCH: "o*" }), { cursor: "0", items: [["only", "v"]] }],
  ],
  lists: [
    [(c) => c.rPush("l", "a", "b"), 2],
    [(c) => c.lPush("l", ["c", 1], 2n), 5],
    [(c) => c.lPushX("absent", "a"), 0],
    [(c) => c.rPushX("l", "z"), 6],
    [(c) => c.lRange("l", 0, -1), ["2", "1", "c", "a", "b", "z"]],
    [(c) => c.lRange("absent", 0, -1), []],
    [(c) => c.lPop("l"), "2"],
    [(c) => c.rPop("l"), "z"],
    [(c) => c.lPop("absent"), null],
    [(c) => c.lPopCount("l", 2), ["1", "c"]],
    [(c) => c.lPopCount("absent", 2), []],
    [(c) => c.rPopCount("l", 1), ["b"]],
    [(c) => c.lLen("l"), 1],
    [(c) => c.lLen("absent"), 0],
    [(c) => c.lIndex("l", 0), "a"],
    [(c) => c.lIndex("l", 5), null],
    [(c) => c.lSet("l", -1, "A"), "OK"],
    [(c) => c.rPush("l", "B", "A", "C"), 4],
    [(c) => c.lPos("l", "A", { RANK: -1 }), 2],
    [(c) => c.lPos("l", "absent", { MAXLEN: 1 }), null],
    [(c) => c.lRem("l", -1, "A"), 1],
    [(c) => c.lInsert("l", "BEFORE", "B", "x"), 4],
    [(c) => c.lInsert("l", "AFTER", "none", "x"), -1],
    [(c) => c.lTrim("l", 1, -1), "OK"],
    [(c) => c.lMove("l", "m", "LEFT", "RIGHT"), "x"],
    [(c) => c.lMove("absent", "m", "LEFT", "LEFT"), null],
    [(c) => c.rPopLPush("l", "m"), "C"],
    [(c) => c.lRange("m", 0, -1), ["C", "x"]],
  ],
  sets: [
    [(c) => c.sAdd("s", "a", ["b", "c"]), 3],
    [(c) => c.sAdd("t", "b"), 1],
    [(c) => c.sRem("s", "c", "none"), 1],
    [(c) => c.sMembers("t"), ["b"]],
    [(c) => c.sMembers("absent"), []],
    [(c) => c.sIsMember("s", "a"), true],
    [(c) => c.sIsMember("s", "z"), false],
    [(c) => c.smIsMember("s", "a", "z"), [true, false]],
    [(c) => c.sCard("s"), 2],
    [(c) => c.sInter("s", "t"), ["b"]],
    [(c) => c.sInterStore("u", "s", "t"), 1],
    [(c) => c.sInterCard(["s", "t"], { LIMIT: 5 }), 1],
    [(c) => c.sDiff("s", "t"), ["a"]],
    [(c) => c.sDiffStore("u", ["s", "t"]), 1],
    [(c) => c.sUnionStore("u", "s", "t"), 2],
    [async (c) => (await c.sUnion("s", "t")).sort(), ["a", "b"]],
    [(c) => c.sMove("s", "t", "a"), true],
    [(c) => c.sMove("s", "t", "a"), false],
    [(c) => c.sRandMember("s"), "b"],
    [(c) => c.sRandMember("absent"), null],
    [(c) => c.sRandMemberCount("s", -2), ["b", "b"]],
    [(c) => c.sScan("s", 0), { cursor: "0", items: ["b"] }],
    [(c) => c.sPop("s"), "b"],
    [(c) => c.sPop("s"), null],
    [async (c) => (await c.sPopCount("t", 9)).sort(), ["a", "b"]],
  ],
  "sorted sets": [
    [(c) => c.zAdd("z", { value: "a", score: 1 }), 1],
    [(c) => c.zAdd("z", [{ value: "a", score: 1.5 }, { value: "b", score: Infinity }], { CH: true }), 2],
    [(c) => c.zAdd("z", [{ value: "c", score: -Infinity }, { value: "a", score: 0 }], { NX: true }), 1],
    [(c) => c.zRangeWithScores("z", 0, -1), [{ value: "c", score: -Infinity }, { value: "a", score: 1.5 }, { value: "b", score: Infinity }]],
    [(c) => c.zRange("z", 0, 0, { REV: true }), ["b"]],
    [(c) => c.zRange("z", "-inf", "(9", { BY: "SCORE", LIMIT: { offset: 1, count: 5 } }), ["a"]],
    [(c) => c.zRevRange("z", 0, 1), ["b", "a"]],
    [(c) => c.zRevRangeWithScores("z", 0, 0), [{ value: "b", score: Infinity }]],
    [(c) => c.zRangeByScore("z", 1, 2), ["a"]],
    [(c) => c.zRangeByScoreWithScores("z", 1, "+inf", { LIMIT: { offset: 0, count: 1 } }), [{ value: "a", score: 1.5 }]],
    [(c) => c.zRevRangeByScore("z", "+inf", "-inf", { LIMIT: { offset: 1, count: 9 } }), ["a", "c"]],
    [(c) => c.zIncrBy("z", 2.25, "a"), 3.75],
    [(c) => c.zScore("z", "b"), Infinity],
    [(c) => c.zScore("z", "none"), null],
    [(c) => c.zmScore("z", "a", "none"), [3.75, null]],
    [(c) => c.zRank("z", "c"), 0],
    [(c) => c.zRevRank("z", "c"), 2],
    [(c) => c.zRank("z", "none"), null],
    [(c) => c.zCard("z"), 3],
    [(c) => c.zCount("z", "(1", 10), 1],
    [(c) => c.zRangeStore("y", "z", 0, 1), 2],
    [(c) => c.zRem("z", "c", "none"), 1],
    [(c) => c.zUnion(["y", "z"]), ["c", "a", "b"]],
    [(c) => c.zUnionWithScores(["z", "z"], { WEIGHTS: [2, 1], AGGREGATE: "MAX" }), [{ value: "a", score: 7.5 }, { value: "b", score: Infinity }]],
    [(c) => c.zUnionStore("u", ["y", "z"]), 3],
    [(c) => c.zInter(["y", "z"]), ["a"]],
    [(c) => c.zInterWithScores(["y", "z"], { AGGREGATE: "MIN" }), [{ value: "a", score: 3.75 }]],
    [(c) => c.zInterStore("u", ["y", "z"]), 1],
    [(c) => c.zInterCard(["y", "z"], { LIMIT: 1 }), 1],
    [(c) => c.zDiff(["y", "z"]), ["c"]],
    [(c) => c.zDiffWithScores(["y", "z"]), [{ value: "c", score: -Infinity }]],
    [(c) => c.zDiffStore("u", ["y", "z"]), 1],
    [(c) => c.zRandMember("u"), "c"],
    [(c) => c.zRandMemberCount("u", -2), ["c", "c"]],
    [(c) => c.zScan("u", 0), { cursor: "0", items: [{ value: "c", score: -Infinity }] }],
    [(c) => c.zPopMin("y"), { value: "c", score: -Infinity }],
    [(c) => c.zPopMax("y"), { value: "a", score: 3.75 }],
    [(c) => c.zPopMax("y"), null],
    [(c) => c.zPopMinCount("z", 1), [{ value: "a", score: 3.75 }]],
    [(c) => c.zPopMaxCount("z", 5), [{ value: "b", score: Infinity }]],
    [(c) => c.zAdd("l", ["a", "b", "c", "d"].map((value) => ({ value, score: 0 }))), 4],
    [(c) => c.zLexCount("l", "-", "(c"), 2],
    [(c) => c.zRangeByLex("l", "[b", "+", { LIMIT: { offset: 0, count: 2 } }), ["b", "c"]],
    [(c) => c.zRevRangeByLex("l", "[b", "-"), ["b", "a"]],
    [(c) => c.zRemRangeByLex("l", "[a", "[a"), 1],
    [(c) => c.zRemRangeByRank("l", 0, 0), 1],
    [(c) => c.zRemRangeByScore("l", 0, 0), 2],
  ],
};

for (const storage of ["memory", "Redis"]) {
  describe(`Commands over ${storage}`, () => {
    let client: Client;
    beforeEach(async () => {
      const args = storage === "Redis" ? ["--storage", (await startServer({ kind: "redis" })).url] : [];
      client = await connect((await startServer({ args })).url);
    });

    for (const [group, list] of Object.entries(steps)) {
      it(`are those of ${group}`, async () => {
        for (const [what, want] of list) expect(await what(client), String(what)).deep.equal(want);
      });
    }

    it("iterate over everything there is", async () => {
      const many = Array.from({ length: 1000 }, (_, i) => String(i));
      await client.mSet(many.map((n) => [`key:${n}`, n]));
      await client.hSet("h", Object.fromEntries(many.map((n) => [n, `v${n}`])));
      await client.sAdd("s", many);
      await client.zAdd("z", many.map((value) => ({ value, score: Number(value) })));
      const all = async <T>(found: AsyncIterable<T>) => {
        const list: T[] = [];
        for await (const item of found) list.push(item);
        return list;
      };
      expect(new Set(await all(client.scanIterator({ MATCH: "key:*" })))).deep.equal(new Set(many.map((n) => `key:${n}`)));
      expect(new Map((await all(client.hScanIterator("h"))).map(({ field, value }) => [field, value]))).deep.equal(new Map(many.map((n) => [n, `v${n}`])));
      expect(new Set(await all(client.sScanIterator("s", { COUNT: 50 })))).deep.equal(new Set(many));
      expect(new Map((await all(client.zScanIterator("z"))).map(({ value, score }) => [value, score]))).deep.equal(new Map(many.map((n) => [n, Number(n)])));
    });

    it("give the server's errors", async () => {
      await client.set("k", "v");
      const failures: [() => Promise<unknown>, type: string, message: string][] = [
        [() => client.lLen("k"), "ResponseError", "WRONGTYPE Operation against a key holding the wrong kind of value"],
        [() => client.incr("k"), "ResponseError", "ERR value is not an integer or out of range"],
        [() => client.lSet("absent", 0, "v"), "ResponseError", "ERR no such key"],
        [() => client.do("SET", "k"), "ResponseError", "ERR wrong number of arguments for 'set' command"],
        [() => client.set("k", null as any), "DataError", "Invalid input of type: 'null'. Convert to a string, number, bigint or Uint8Array first."],
        [() => client.set("k", true as any), "DataError", "Invalid input of type: 'boolean'. Convert to a string, number, bigint or Uint8Array first."],
      ];
      for (const [fail, type, message] of failures) expect(await rejection(fail())).include({ name: type, type, message });
      expect((await rejection(client.do("NOSUCH"))).message).match(/^ERR unknown command 'NOSUCH'/);
      expect(await client.get("k")).equal("v");
    });

    it("take no list for one word", async () => {
      const list = ["v", "EX", "100"] as any;
      const mistakes: [name: string, () => Promise<unknown>][] = [
        ["set", () => client.set("k", list)],
        ["set's option", () => client.set("k", "v", { EX: ["100", "NX"] as any })],
        ["get", () => client.get(list)],
        ["del", () => client.del([list])],
        ["expire", () => client.expire("k", 100, ["NX"] as any)],
        ["hSet", () => client.hSet("h", "f", list)],
        ["hSet's pairs", () => client.hSet("h", { f: list })],
        ["hGet", () => client.hGet("h", ["f"] as any)],
        ["rPush", () => client.rPush("l", [list] as any)],
        ["sAdd", () => client.sAdd("s", [list])],
        ["zAdd", () => client.zAdd("z", [{ value: list, score: 1 }])],
        ["zUnion's weights", () => client.zUnion(["z"], { WEIGHTS: [[1, 2]] as any })],
        ["do", () => client.do("SET", "k", list)],
      ];
      for (const [name, make] of mistakes) {
        expect(await rejection(make()), name).include({ name: "DataError", message: "Invalid input of type: 'object'. Convert to a string, number, bigint or Uint8Array first." });
      }
      expect(await client.keys("*")).deep.equal([]);
    });

    it("keep bytes as they are", async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const inBytes = client.with({ bytes: true });
      await client.set(bytes, bytes);
      const value: Uint8Array | null = await inBytes.get(bytes);
      expect(value).deep.equal(bytes);
      await client.hSet("h", "f", bytes);
      const fields: Record<string, Uint8Array> = await inBytes.hGetAll("h");
      expect(fields).deep.equal({ f: bytes });
      expect(value!.buffer.byteLength, "nobody else's memory").equal(256);
      const found: { value: Uint8Array; field: string }[] = [];
      for await (const field of inBytes.hScanIterator("h")) found.push(field as any);
      expect(found).deep.equal([{ field: "f", value: bytes }]);
      await client.zAdd("z", { value: bytes, score: 1.5 });
      const members: { value: Uint8Array; score: number }[] = await inBytes.zRangeWithScores("z", 0, -1);
      expect(members).deep.equal([{ value: bytes, score: 1.5 }]);
      await client.rPush("l", bytes, "\ufeffü");
      const [first, second]: Uint8Array[] = await inBytes.lRange("l", 0, -1);
      expect(first).deep.equal(bytes);
      expect(second).deep.equal(new TextEncoder().encode("\ufeffü"));
      expect(await client.lIndex("l", 1), "a byte order mark is a character").equal("\ufeffü");
      expect(await inBytes.do("ECHO", bytes)).deep.equal(bytes);
      expect(await inBytes.lSet("l", 0, "v")).equal("OK");
    });

    it("run in pipelines", async () => {
      const replies: ["OK" | string | null, string | null, number, Record<string, string>, Reply] = await client
        .pipeline()
        .set("k", "v")
        .get("k")
        .rPush("l", "a", "b")
        .hGetAll("h")
        .do("LRANGE", "l", 0, -1)
        .exec();
      expect(replies).deep.equal(["OK", "v", 2, {}, ["a", "b"]]);
      expect(await client.pipeline().exec()).deep.equal([]);

      const failing = client.pipeline().set("k", "1").lLen("k").incr("k").hLen("k");
      const error = await rejection(failing.exec());
      expect(error).include({ type: "ResponseError", message: "WRONGTYPE Operation against a key holding the wrong kind of value" });
      expect(await client.get("k"), "all of them run").equal("2");

      const [, large, after] = await client.pipeline().set("n", 2n ** 60n).incr("n").get("n").settle();
      expect(large, "what a number cannot hold").property("status", "rejected");
      expect(after).deep.equal({ status: "fulfilled", value: String(2n ** 60n + 1n) });
      const [set, length, sum] = await client.pipeline().set("k", "1").lLen("k").incr("k").settle();
      expect(set).deep.equal({ status: "fulfilled", value: "OK" });
      expect(length).include({ status: "rejected" });
      if (sum.status === "fulfilled") expect(sum.value satisfies number).equal(2);
    });
  });
}
