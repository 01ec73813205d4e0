import { readdir, readFile } from "node:fs/promises";
import { expect } from "chai";
import { table } from "../src/commands/table.js";
import { changes, reads } from "../src/reads.js";
import { connect, startServer } from "./harness.js";

/** Where the sources are, from where the bundle of the tests is. */
const root = new URL("../../../", import.meta.url);

describe("The typed commands", () => {
  it("are those that a Go store has", async () => {
    const names = new Set<string>();
    for (const file of await readdir(root)) {
      if (!/^commands_\w+\.go$/.test(file) || file.endsWith("_test.go")) continue;
      for (const [, name] of (await readFile(new URL(file, root), "utf8")).matchAll(/^func \(c Commands\) (\w+)\(/gm)) names.add(name!.toLowerCase());
    }
    expect(names.size).greaterThan(100);
    // What is an option or has another name in node-redis, or is an iterator.
    const others = [
      "setget", "linsertbefore", "linsertafter", "spopn", "srandmembern", "zaddwith", "scaniter", "hscaniter", "sscaniter", "zscaniter",
      "hrandfieldwithvalues", "zrandmemberwithscores", "xrangen", "xrevrangen", "xtrimmaxlen", "xtrimmaxlenapprox", "xtrimminid", "xtrimminidapprox",
      "xgroupcreatemkstream", "xpendingext", "xinfostreamfull", "geosearchlocation", "bitopand", "bitopor", "bitopxor", "bitopnot", "restorereplace",
    ];
    const ours = new Set([...Object.keys(table).map((name) => name.toLowerCase()), ...others]);
    expect([...names].filter((name) => !ours.has(name))).deep.equal([]);
  });
});

describe("changes", () => {
  it("knows what Redis says of its commands", async () => {
    const { url } = await startServer({ kind: "redis" });
    const client = await connect((await startServer({ args: ["--storage", url] })).url);
    const known = (await client.do("COMMAND")) as [name: string, arity: number, flags: string[]][];
    const writes = new Map(known.map(([name, , flags]) => [name.toUpperCase(), flags.includes("write")]));
    for (const name of reads) if (!name.startsWith("ZN.")) expect(writes.get(name), name).equal(false);
    const words = Object.keys(table).map((name) => name.toUpperCase());
    for (const name of words) if (writes.has(name)) expect(changes([name]) || writes.get(name) === false, name).equal(true);
  });

  it("takes what it does not know for a change", () => {
    expect(changes(["NOSUCH"])).equal(true);
    expect(changes(["get", "k"])).equal(false);
  });
});
