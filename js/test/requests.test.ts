import { expect } from "chai";
import { Deadline } from "../src/deadline.js";
import { Requests } from "../src/requests.js";

describe("Requests", () => {
  it("say which are over", () => {
    const requests = new Requests();
    expect([requests.over, requests.begin(), requests.begin(), requests.begin(), requests.over]).deep.equal([1, 1, 2, 3, 1]);
    requests.end(2);
    expect(requests.over).equal(1);
    requests.end(1);
    expect(requests.over).equal(3);
    requests.end(0);
    requests.end(3);
    expect([requests.over, requests.begin()]).deep.equal([4, 4]);
  });

  it("have no number where a server could not remember them", () => {
    const requests = new Requests();
    const first = requests.begin();
    for (let i = 1; i < 100_000; i++) requests.end(requests.begin());
    expect(requests.begin()).equal(0);
    requests.end(first);
    expect(requests.begin()).equal(100_001);
  });
});

describe("A deadline", () => {
  it("leaves nothing behind", async () => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    signal.addEventListener = (_event: string, listener: unknown) => void listeners.add(listener);
    const deadline = new Deadline({ signal, timeout: 1e9 });
    const late = () => new Error("late");
    let forgotten = 0;
    const forget = () => void forgotten++;
    expect(await deadline.wait((resolve) => (setTimeout(resolve, 0, 1), forget), late)).equal(1);
    const failure = new Error();
    await deadline.wait((_, reject) => (setTimeout(reject, 0, failure), forget), late).catch((error) => expect(error).equal(failure));
    expect([listeners.size, forgotten]).deep.equal([1, 2]);
    const over = new Deadline({ signal, timeout: 1 });
    await over.wait(() => forget, late).catch((error) => expect(error).property("message", "late"));
    expect([listeners.size, forgotten]).deep.equal([1, 3]);
  });

  it("of many calls listens to their signal once", async () => {
    const abort = new AbortController();
    const { signal } = abort;
    let listeners = 0;
    const { addEventListener } = signal;
    signal.addEventListener = (...args: any[]) => (listeners++, Reflect.apply(addEventListener, signal, args));
    let forgotten = 0;
    const waiting = Array.from({ length: 100 }, () =>
      new Deadline({ signal }).wait(() => () => void forgotten++, () => new Error("late")).catch((error) => expect(error).equal(signal.reason)),
    );
    abort.abort();
    await Promise.all(waiting);
    expect([listeners, forgotten]).deep.equal([1, 100]);
  });

  it("is over where it cannot begin", async () => {
    let late = false;
    const failure = new Error();
    const begin = () => {
      throw failure;
    };
    const error = await new Deadline({ timeout: 1 }).wait(begin, () => ((late = true), failure)).catch((error) => error);
    expect(error).equal(failure);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(late).equal(false);
  });

  it("is never where there is none, or it is out of reach of a timer", () => {
    for (const timeout of [undefined, 0, 1e15]) expect(new Deadline(timeout === undefined ? {} : { timeout }).left).equal(Infinity);
    expect(new Deadline({ timeout: 1e6 }).left).within(9e5, 1e6);
  });
});
