import { expect } from "chai";
import { type Converter, decode, encode } from "../src/json.js";

const date: Converter<Date> = {
  types: ["datetime.datetime"],
  encode: (value) => (value instanceof Date ? { _type: "datetime.datetime", value: value.toISOString() } : undefined),
  decode: (value) => new Date(value),
};

class Interval {
  constructor(
    readonly start: unknown,
    readonly end: unknown,
  ) {}
}

const interval: Converter<Interval> = {
  types: ["Interval"],
  encode: (value) => (value instanceof Interval ? { _type: "Interval", value: [value.start, value.end] } : undefined),
  decode: ([start, end]) => new Interval(start, end),
};

describe("JSON of values", () => {
  it("tells apart what JSON does", () => {
    for (const value of [0, -1.5, 1e300, "", "0", "ü€😀\u0000\u2028", null, true, false, [], {}, [[]], { a: { b: null } }]) {
      expect(decode(encode(value, []), [])).to.deep.equal(value);
      expect(encode(value, [])).to.equal(JSON.stringify(value));
    }
  });

  it("refuses what JSON cannot say", () => {
    for (const value of [undefined, () => 0, Symbol("x")]) expect(() => encode(value, [])).to.throw(/can not be written as JSON/);
    expect(() => encode(1n, [])).to.throw(TypeError);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => encode(circle, [])).to.throw(TypeError);
  });

  it("reads what Python writes beyond JSON", () => {
    const texts: [string, unknown][] = [
      ["NaN", NaN],
      ["-Infinity", -Infinity],
      ['[1, NaN, Infinity, -Infinity, "NaN", "\\"Infinity"]', [1, NaN, Infinity, -Infinity, "NaN", '"Infinity']],
      ['{"NaN": NaN, "a\\\\": [Infinity]}', { NaN, "a\\": [Infinity] }],
      ['["NaN", "NaN!", NaN]', ["NaN", "NaN!", NaN]],
    ];
    for (const [text, want] of texts) expect(decode(text, [])).to.deep.equal(want);
    for (const text of ["", "NaN,", "[NaN", "Nan", "{NaN: 1}", "+Infinity"]) expect(() => decode(text, []), text).to.throw(SyntaxError);
  });

  it("reads large texts beside a NaN, and soon says that one is not closed", () => {
    const long = "x".repeat(20_000_000);
    expect(decode(`[NaN, "${long}", "\\\\", "NaN"]`, [])).to.deep.equal([NaN, long, "\\", "NaN"]);
    expect(() => decode('NaN"' + '\\"'.repeat(400_000), [])).to.throw(SyntaxError); // by texts that takes minutes
    expect(decode('[NaN, "Na\\u004e", ["NaN"]]', [])).to.deep.equal([NaN, "NaN", ["NaN"]]);
  });

  it("keeps a field called __proto__ a field", () => {
    const value = decode('{"__proto__": {"a": 1}}', []);
    expect(Object.keys(value as object)).to.deep.equal(["__proto__"]);
  });

  it("converts inside of values, and inside of what converters write", () => {
    const day = new Date("2024-02-29T12:30:00.000Z");
    const value = { days: [day], between: new Interval(day, new Interval(1, null)) };
    const text = encode(value, [date, interval]);
    expect(JSON.parse(text).days).to.deep.equal([{ _type: "datetime.datetime", value: "2024-02-29T12:30:00.000Z" }]);
    expect(decode(text, [date, interval])).to.deep.equal(value);
    expect(decode(text, [interval])).to.deep.include({ days: [{ _type: "datetime.datetime", value: day.toISOString() }] });
    expect(encode(day, [])).to.equal(JSON.stringify(day));
    expect(decode('[{"_type": "datetime.datetime", "value": "2024-01-01"}, NaN]', [date])).to.deep.equal([new Date("2024-01-01"), NaN]);
  });

  it("leaves alone what only looks converted", () => {
    for (const text of ['{"_type":"datetime.datetime"}', '{"_type":5,"value":1}', '{"value":1}', '"_type"', '{"_type":"other","value":1}']) {
      expect(decode(text, [date])).to.deep.equal(JSON.parse(text));
    }
  });
});
