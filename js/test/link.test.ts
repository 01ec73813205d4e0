import { expect } from "chai";
import { Deadline } from "../src/deadline.js";
import { Link, NoServerError } from "../src/link.js";
import { spell } from "../src/redispy.js";
import { rejection } from "./harness.js";

/** A link to what says something of itself. */
function linkTo(config: unknown): Link {
  const socket = { io: {}, emit: (_event: string, answered: (answer: unknown) => void) => answered(config) };
  return new Link(socket as never, "http://host", true);
}

describe("A link", () => {
  it("is to a server that says how large messages may be", async () => {
    for (const wrong of [undefined, null, "x", 5, {}, ...["1000000", null, NaN, 0, -1, 1.5e6 + 0.5].map((size) => ({ max_http_buffer_size: size }))]) {
      expect(await rejection(linkTo(wrong).configure(Infinity, new Deadline({}))), JSON.stringify(wrong)).instanceOf(NoServerError);
    }
    const link = linkTo({ max_http_buffer_size: 2e6 });
    await link.configure(Infinity, new Deadline({}));
    expect([link.maxMessage, link.go]).to.deep.equal([2e6, false]);
  });
});

describe("Calls of redis-py", () => {
  it("have members of any name", () => {
    const { method, args } = spell(["ZADD", "z", "1", "__proto__", "2", "b"]);
    expect(method).to.equal("zadd");
    expect(Object.entries(args[1] as object)).to.deep.equal([["__proto__", 1], ["b", 2]]);
  });
});
