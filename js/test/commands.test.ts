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

Object.assign(steps, {
  streams: [
    [(c) => c.xAdd("x", "1-1", { f: 1 }, { NOMKSTREAM: true }), null],
    [(c) => c.xAdd("x", "1-1", { f: "1", g: "ü" }), "1-1"],
    [(c) => c.xAdd("x", "2-0", [["f", 2]], { TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: 10, limit: 5 } }), "2-0"],
    [(c) => c.xAdd("x", "3-0", new Map([["f", "3"]]), { TRIM: { strategy: "MINID", threshold: "1" } }), "3-0"],
    [async (c) => /^\d+-\d+$/.test((await c.xAdd("y", "*", { f: "y" }))!), true],
    [(c) => c.xLen("x"), 3],
    [(c) => c.xRange("x", "-", "+", { COUNT: 1 }), [{ id: "1-1", message: { f: "1", g: "ü" } }]],
    [(c) => c.xRange("absent", "-", "+"), []],
    [(c) => c.xRevRange("x", "+", "2"), [{ id: "3-0", message: { f: "3" } }, { id: "2-0", message: { f: "2" } }]],
    [(c) => c.xRead([{ key: "x", id: "2-0" }, { key: "absent", id: "0" }], { COUNT: 5 }), [{ name: "x", messages: [{ id: "3-0", message: { f: "3" } }] }]],
    [(c) => c.xRead({ key: "x", id: "$" }, { BLOCK: 1 }), []],
    [(c) => c.xGroupCreate("x", "g", "0"), "OK"],
    [(c) => c.xGroupCreate("mk", "g", "$", { MKSTREAM: true, ENTRIESREAD: 0 }), "OK"],
    [(c) => c.xPending("x", "g"), { pending: 0, firstId: null, lastId: null, consumers: [] }],
    [async (c) => (await c.xReadGroup("g", "a", { key: "x", id: ">" }, { COUNT: 2 }))[0]!.messages.map(({ id }) => id), ["1-1", "2-0"]],
    [(c) => c.xReadGroup("g", "b", { key: "x", id: ">" }, { NOACK: true }), [{ name: "x", messages: [{ id: "3-0", message: { f: "3" } }] }]],
    [(c) => c.xReadGroup("g", "b", { key: "x", id: ">" }, { BLOCK: 1 }), []],
    [(c) => c.xDel("x", "1-1", "9-9"), 1],
    [(c) => c.xReadGroup("g", "a", [{ key: "x", id: "0" }]), [{ name: "x", messages: [{ id: "1-1", message: null }, { id: "2-0", message: { f: "2" } }] }]],
    [(c) => c.xPending("x", "g"), { pending: 2, firstId: "1-1", lastId: "2-0", consumers: [{ name: "a", deliveriesCounter: 2 }] }],
    [
      async (c) => (await c.xPendingRange("x", "g", "-", "+", 9, { consumer: "a" })).map(({ millisecondsSinceLastDelivery, ...rest }) => [rest, millisecondsSinceLastDelivery < 9999]),
      [[{ id: "1-1", consumer: "a", deliveriesCounter: 1 }, true], [{ id: "2-0", consumer: "a", deliveriesCounter: 2 }, true]],
    ],
    [(c) => c.xPendingRange("x", "g", "-", "+", 9, { IDLE: 3_600_000 }), []],
    [(c) => c.xClaim("x", "g", "b", 0, ["2-0"]), [{ id: "2-0", message: { f: "2" } }]],
    [(c) => c.xClaimJustId("x", "g", "c", 0, "2-0"), ["2-0"]],
    [(c) => c.xAutoClaim("x", "g", "c", 0, "0-0", { COUNT: 5 }), { nextId: "0-0", messages: [{ id: "2-0", message: { f: "2" } }], deletedMessages: ["1-1"] }],
    [(c) => c.xAutoClaimJustId("x", "g", "a", 0, "0-0"), { nextId: "0-0", messages: ["2-0"], deletedMessages: [] }],
    [async (c) => { const [g] = await c.xInfoGroups("x"); return [g!["name"], g!["consumers"], g!["last-delivered-id"]]; }, ["g", 3, "3-0"]],
    [async (c) => (await c.xInfoConsumers("x", "g")).map((each) => [each["name"], each["pending"]]), [["a", 1], ["b", 0], ["c", 0]]],
    [async (c) => { const info = await c.xInfoStream("x"); return [info["length"], info["first-entry"], info["max-deleted-entry-id"]]; }, [2, ["2-0", ["f", "2"]], "1-1"]],
    [async (c) => Object.keys(await c.xInfoStream("x", { FULL: true, COUNT: 1 })).includes("entries"), true],
    [(c) => c.xAck("x", "g", "2-0", "1-1"), 1],
    [(c) => c.xGroupSetId("x", "g", "0", { ENTRIESREAD: 0 }), "OK"],
    [(c) => c.xGroupCreateConsumer("x", "g", "d"), 1],
    [(c) => c.xGroupDelConsumer("x", "g", "d"), 0],
    [(c) => c.xGroupDestroy("x", "g"), 1],
    [(c) => c.xTrim("x", "MAXLEN", 1), 1],
    [(c) => c.xTrim("x", "MINID", "9", { strategyModifier: "~", limit: 1 }), 1],
    [(c) => c.xSetId("x", "50-1", { ENTRIESADDED: 7, MAXDELETEDID: "2-0" }), "OK"],
  ],
  places: [
    [(c) => c.geoAdd("geo", [{ member: "Palermo", longitude: 13.361389, latitude: 38.115556 }, { member: "Catania", longitude: 15.087269, latitude: 37.502669 }]), 2],
    [(c) => c.geoAdd("geo", { member: "Palermo", longitude: 13, latitude: 38 }, { NX: true }), 0],
    [(c) => c.geoPos("geo", ["Palermo", "none"]), [{ longitude: 13.361389338970184, latitude: 38.1155563954963 }, null]],
    [(c) => c.geoDist("geo", "Palermo", "Catania", "km"), 166.2742],
    [(c) => c.geoDist("geo", "Palermo", "none"), null],
    [(c) => c.geoHash("geo", ["Palermo", "none"]), ["sqc8b49rny0", null]],
    [(c) => c.geoSearch("geo", { longitude: 15, latitude: 37 }, { radius: 200, unit: "km" }, { SORT: "ASC" }), ["Catania", "Palermo"]],
    [(c) => c.geoSearch("geo", "Palermo", { width: 400, height: 400, unit: "km" }, { COUNT: { value: 1, ANY: true } }), ["Palermo"]],
    [
      (c) => c.geoSearchWith("geo", "Palermo", { radius: 1, unit: "mi" }, ["WITHCOORD", "WITHDIST", "WITHHASH"], { COUNT: 1 }),
      [{ member: "Palermo", distance: 0, hash: 3479099956230698, coordinates: { longitude: 13.361389338970184, latitude: 38.1155563954963 } }],
    ],
    [(c) => c.geoSearchWith("geo", "Palermo", { radius: 1, unit: "mi" }, ["WITHHASH"]), [{ member: "Palermo", hash: 3479099956230698 }]],
    [(c) => c.geoSearchStore("d", "geo", "Palermo", { radius: 200, unit: "km" }, { STOREDIST: true }), 2],
    [(c) => c.zRange("d", 0, -1), ["Palermo", "Catania"]],
  ],
  bitmaps: [
    [(c) => c.setBit("b", 7, 1), 0],
    [(c) => c.setBit("b", 7, 0), 1],
    [(c) => c.setBit("b", 9, 1), 0],
    [(c) => c.getBit("b", 9), 1],
    [(c) => c.bitCount("b"), 1],
    [(c) => c.bitCount("b", { start: 0, end: 0 }), 0],
    [(c) => c.bitCount("b", { start: 8, end: -1, mode: "BIT" }), 1],
    [(c) => c.bitPos("b", 1), 9],
    [(c) => c.bitPos("b", 1, 0, 8, "BIT"), -1],
    [(c) => c.bitOp("NOT", "n", "b"), 2],
    [(c) => c.bitOp("OR", "n", "n", ["b", "b"]), 2],
    [
      (c) => c.bitField("f", [
        { operation: "SET", encoding: "u8", offset: 0, value: 200 },
        { operation: "GET", encoding: "i8", offset: 0 },
        { operation: "OVERFLOW", behavior: "FAIL" },
        { operation: "INCRBY", encoding: "u8", offset: "#0", increment: 100 },
      ]),
      [0, -56, null],
    ],
    [(c) => c.bitFieldRo("f", [{ operation: "GET", encoding: "u4", offset: "#0" }]), [12]],
    [(c) => c.pfAdd("p", "a", ["b", 3]), 1],
    [(c) => c.pfAdd("p", "a"), 0],
    [(c) => c.pfMerge("q", "p"), "OK"],
    [(c) => c.pfCount("p", "q"), 3],
  ],
  "what waits": [
    [(c) => c.rPush("l", "a", "b", "c", "d", "e", "f", "g"), 7],
    [(c) => c.blPop(["none", "l"], 1), { key: "l", element: "a" }],
    [(c) => c.brPop("l", 0), { key: "l", element: "g" }],
    [(c) => c.blPop("none", 0.01), null],
    [(c) => c.lmPop(["none", "l"], "LEFT"), { key: "l", elements: ["b"] }],
    [(c) => c.blmPop(1, "l", "RIGHT", { COUNT: 2 }), { key: "l", elements: ["f", "e"] }],
    [(c) => c.lmPop("none", "LEFT"), null],
    [(c) => c.blMove("l", "m", "LEFT", "LEFT", 1), "c"],
    [(c) => c.brPopLPush("l", "m", 1), "d"],
    [(c) => c.brPopLPush("l", "m", 0.01), null],
    [(c) => c.zAdd("z", ["a", "b", "c", "d"].map((value, score) => ({ value, score }))), 4],
    [(c) => c.bzPopMin("z", 1), { key: "z", value: "a", score: 0 }],
    [(c) => c.bzPopMax(["none", "z"], 1), { key: "z", value: "d", score: 3 }],
    [(c) => c.zmPop("z", "MAX"), { key: "z", members: [{ value: "c", score: 2 }] }],
    [(c) => c.bzmPop(1, ["none", "z"], "MIN", { COUNT: 3 }), { key: "z", members: [{ value: "b", score: 1 }] }],
    [(c) => c.bzmPop(0.01, "z", "MIN"), null],
  ],
  scripts: [
    [(c) => c.eval("return {KEYS[1], ARGV[1], 1.9, true, false, {'x'}}", { keys: ["k"], arguments: [7] }), ["k", "7", 1, 1, null, ["x"]]],
    [(c) => c.evalRo("return redis.call('GET', KEYS[1])", { keys: ["none"] }), null],
    [(c) => c.scriptLoad("return ARGV[1]"), "098e0f0d1448c0a81dafe820f66d460eb09263da"],
    [(c) => c.evalSha("098e0f0d1448c0a81dafe820f66d460eb09263da", { arguments: ["x"] }), "x"],
    [(c) => c.evalShaRo("098e0f0d1448c0a81dafe820f66d460eb09263da", { arguments: ["x"] }), "x"],
    [(c) => c.scriptExists("098e0f0d1448c0a81dafe820f66d460eb09263da", ["no"]), [true, false]],
    [(c) => c.scriptFlush(), "OK"],
    [async (c) => (await rejection(c.scriptKill())).message, "NOTBUSY No scripts in execution right now."],
    [async (c) => ((await c.eval("return {1, {redis.error_reply('ERR wrong')}}")) as any)[1][0].message, "ERR wrong"],
  ],
  "sorting and objects": [
    [(c) => c.rPush("l", 3, 10, 2), 3],
    [(c) => c.mSet({ w_3: 1, w_2: 2, w_10: 3, v_3: "three" }), "OK"],
    [(c) => c.sort("l"), ["2", "3", "10"]],
    [(c) => c.sort("l", { DIRECTION: "DESC", ALPHA: true, LIMIT: { offset: 0, count: 2 } }), ["3", "2"]],
    [(c) => c.sort("l", { BY: "w_*", GET: ["#", "v_*"] }), ["3", "three", "2", null, "10", null]],
    [(c) => c.sortRo("l", { BY: "nosort", GET: "#" }), ["3", "10", "2"]],
    [(c) => c.sortStore("l", "d"), 3],
    [(c) => c.lPosCount("d", "2", 0, { RANK: 1 }), [0]],
    [async (c) => c.restore("copy", 0, (await c.with({ bytes: true }).dump("v_3"))!, { REPLACE: true }), "OK"],
    [(c) => c.get("copy"), "three"],
    [(c) => c.dump("none"), null],
    [(c) => c.objectEncoding("l"), "quicklist"],
    [(c) => c.objectEncoding("none"), null],
    [(c) => c.objectIdleTime("l"), 0],
    [(c) => c.objectRefCount("l"), 1],
    [async (c) => (await rejection(c.objectFreq("l"))).message, "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."],
    [async (c) => (await c.memoryUsage("l", { SAMPLES: 0 }))! > 10, true],
    [(c) => c.memoryUsage("none"), null],
    [(c) => c.move("copy", 1), true],
    [(c) => c.swapDb(0, 1), "OK"],
    [(c) => c.get("copy"), "three"],
    [async (c) => Math.abs((await c.time()).getTime() - Date.now()) < 60_000, true],
    [(c) => c.hSet("h", "f", "v"), 1],
    [(c) => c.hRandFieldCountWithValues("h", -2), [{ field: "f", value: "v" }, { field: "f", value: "v" }]],
    [(c) => c.zAdd("z", { value: "m", score: 1.5 }), 1],
    [(c) => c.zRandMemberCountWithScores("z", 2), [{ value: "m", score: 1.5 }]],
  ],
} satisfies Record<string, Step[]>);

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
        ["xLen", () => client.xLen(list)],
        ["xAdd", () => client.xAdd("x", list, { f: 1 })],
        ["xRange's option", () => client.xRange("x", "-", "+", { COUNT: list })],
        ["xPendingRange", () => client.xPendingRange("x", "g", "-", "+", 1, { consumer: list })],
        ["xDel", () => client.xDel("x", [list])],
        ["restore", () => client.restore("k", 0, list)],
        ["setBit", () => client.setBit("k", 0, list)],
        ["blPop", () => client.blPop("l", list)],
        ["geoAdd", () => client.geoAdd("g", { member: list, longitude: 1, latitude: 1 })],
        ["eval", () => client.eval("return 1", { keys: [list], arguments: [] })],
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
