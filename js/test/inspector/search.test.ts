import { expect } from "chai";
import { format, parse } from "../../inspector/route.js";
import { queryOf, regexpOf } from "../../inspector/search.js";
import { connect, startServer } from "../harness.js";

describe("Inspector's search", () => {
  it("matches names as the server does", async () => {
    const { url } = await startServer();
    const client = await connect(url);
    const keys = ["a", "A", "b", "ab", "a*b", "a?b", "a[b", "a]b", "a\\b", "a-b", "^", "frames[3]", "Frames", "x.y", "line\nbreak", "(a|b)", "{a}", "$", "c"];
    await client.mSet(keys.map((key) => [key, ""]));
    const globs = ["*", "a", "a*", "?", "??", "[ab]", "[^ab]", "[a-c]", "[c-a]", "[a\\]]*", "a\\*b", "a\\?b", "a\\[b", "a\\\\b", "*]*", "frames\\[3\\]", "x.y", "line*", "(a|b)", "[$^]", "[\\^]", "{a}", "[a-c-]*", "**b", "*a*", "f*[mr]*[0-9]*", "*r*s*", "*a*?*b", "*a*b*b", "?*?*?"];
    for (const glob of globs) {
      const found = (await client.keys(glob)).sort();
      expect(keys.filter((key) => regexpOf(glob).test(key)).sort(), glob).deep.equal(found);
    }
    for (const text of ["a", "A", "[3]", "a]", "\\", ".", "frames", "F", "-", "^"]) {
      const { scans, matches } = queryOf(text, "");
      const wanted = keys.filter((key) => (text === text.toLowerCase() ? key.toLowerCase() : key).includes(text)).sort();
      expect((await client.keys(scans[0]!.MATCH!)).sort(), text).deep.equal(wanted);
      expect(keys.filter(matches).sort(), text).deep.equal(wanted);
    }
  });

  it("takes no time for many stars and a long name", () => {
    const pattern = regexpOf(`${"*a".repeat(50)}*b`);
    expect(pattern.test("a".repeat(5_000))).equal(false);
    expect(pattern.test(`${"a".repeat(5_000)}b`)).equal(true);
  });

  it("is in the URL with what is open", () => {
    for (const steps of [[], [{ key: "" }], [{ key: "a/b?c#d%e i:f" }, { at: "" }, { at: "/k:x" }, { key: "é\u0000<&>" }]]) {
      for (const [search, filter] of [["", ""], ["a b&c=#?", "List"]] as const) {
        const route = { steps, overview: false, search, filter };
        expect(parse(new URL(format(route), "http://host/").hash)).deep.equal(route);
      }
    }
    expect(parse("#k:%zz").steps).deep.equal([]);
    expect(parse("#i:0").steps).deep.equal([]);
    expect(parse("#overview")).deep.equal({ steps: [], overview: true, search: "", filter: "" });
  });
});
