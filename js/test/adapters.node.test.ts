// Adapters between this package and Python's: whoever owns one and whoever reads it, what is seen is what Python sees of
// the same data without ZnSocket.
import { expect } from "chai";
import {
  type Client,
  Dict,
  DictAdapter,
  dictOf,
  FrozenStorageError,
  List,
  ListAdapter,
  listOf,
  NDArray,
  ndarray,
  type Refresh,
  ValueError,
  ZnSocketError,
} from "../src/index.js";
import { connect, Events, rejection, startServer } from "./harness.js";
import { listen } from "./places.js";
import { type Peer, startPeer } from "./python.js";

/** What every owner has, each in its own language. From ints on it is arrays of numpy in Python. */
const sharedData = () => ({
  mixed: [1, 2.5, "schön 😀 \u2028\n", "", null, true, false, [1, [2, []]], { a: { b: null } }, -7, 1e300, 2 ** 53 - 1] as unknown[],
  frames: [{ charges: [1, 2], name: "a:b" }, [10, 20, 30], "plain"] as [Record<string, unknown>, number[], string],
  user: { "a:b": 1, age: 30, name: "John", none: null, tags: ["x", {}], é: "ü" } as Record<string, unknown>,
  failing: [1, null, 3],
  row: [0.5, -1.5, 1e-300],
  matrix: [[1, 2.5, 3], [4, 5, 6], [7, 8, 9]],
  wide: [0, 1].map((row) => Array.from({ length: 30 }, (_, i) => (30 * row + i) / 4)),
});

/** Something that a reader of adapters is to do; see testdata/interop/adapters.py. */
interface Lookup {
  kind: "List" | "Dict";
  key: string;
  /** To an adapter inside. */
  path?: (string | number)[];
  op: string;
  args?: any[];
}

/** What came of it: a value, or an error with its name in Python. */
interface Sighting {
  value?: unknown;
  error?: string;
  msg?: string;
}

function lookups(): Lookup[] {
  const all: Lookup[] = [];
  const list = (key: string, ...path: number[]) => {
    const add = (op: string, ...args: unknown[]) => all.push({ kind: "List", key, path, op, args });
    add("len");
    add("all");
    for (const i of [-99, -2, -1, 0, 1, 99]) add("at", i);
    for (const bounds of [[1, -1, null], [-2, null, 2], [null, null, -1], [-1, -99, -1], [99, null, null], [0, 2, null]]) add("slice", ...bounds);
  };
  const dict = (known: string, unknown: string, kind: Lookup["kind"], key: string, ...path: number[]) => {
    const add = (op: string, ...args: unknown[]) => all.push({ kind, key, path, op, args });
    for (const op of ["len", "keys", "values", "items"]) add(op);
    for (const field of [known, unknown, "none"]) {
      add("at", field);
      add("in", field);
    }
  };
  for (const key of ["mixed", "frames", "failing", "row", "matrix", "wide"]) list(key);
  list("frames", 1);
  list("frames", -2);
  dict("name", "no such", "Dict", "user");
  dict("name", "a", "List", "frames", 0);
  dict("charges", "", "List", "frames", -3);
  for (const field of ["a:b", "age", "tags", "é", "ü"]) all.push({ kind: "Dict", key: "user", op: "at", args: [field] });
  const bounds = [null, -99, -13, -2, -1, 2, 99];
  for (const i of bounds) for (const j of bounds) for (const step of [2, -1, -3]) all.push({ kind: "List", key: "mixed", op: "slice", args: [i, j, step] });
  for (const value of [2.5, "schön 😀 \u2028\n", [1, [2, []]], "absent"]) all.push({ kind: "List", key: "mixed", op: "in", args: [value] });
  return all;
}

const copies: Lookup[] = [
  { kind: "List", key: "mixed" }, { kind: "Dict", key: "user" }, { kind: "List", key: "frames" }, { kind: "List", key: "row" },
  { kind: "List", key: "frames", path: [1] }, { kind: "List", key: "frames", path: [0] },
].map((lookup, k) => ({ ...lookup, op: "copy", args: [`copy ${k}`] }) as Lookup);

/** The data of this program, and what changes it and tells of that. */
async function own(client: Client): Promise<(op: "change" | "announce") => void> {
  const data = sharedData();
  const nest = (value: unknown) => (Array.isArray(value) ? listOf(value) : typeof value === "object" ? dictOf(value as object as Record<string, unknown>) : value);
  const failing = (value: unknown) => {
    if (value === null) throw new ValueError("out of paper");
    return value;
  };
  const matrix = new NDArray(data.matrix);
  const mixed = new ListAdapter({ client, key: "mixed", object: data.mixed });
  const user = new DictAdapter({ client, key: "user", object: data.user });
  const adapters = [
    mixed, user,
    new ListAdapter({ client, key: "frames", object: data.frames, transform: nest }),
    new ListAdapter({ client, key: "failing", object: data.failing, transform: failing }),
    new ListAdapter({ client, key: "row", object: Float64Array.from(data.row) }),
    new ListAdapter({ client, key: "matrix", object: matrix }),
    new ListAdapter({ client, key: "wide", object: new NDArray(data.wide) }),
  ];
  await Promise.all(adapters.map(({ ready }) => ready));
  return (op) => {
    if (op === "change") {
      data.mixed.push("new");
      data.frames[0].name = "renamed";
      data.user.ü = [1];
      matrix.data[0] = 100;
    } else {
      mixed.changed({ indices: [data.mixed.length - 1] });
      user.changed({ keys: ["ü"] });
    }
  };
}

/** Reads with objects of this program. */
class Reader {
  readonly #heard = new Events<Refresh>();

  constructor(private readonly client: Client) {}

  async read(lookup: Lookup): Promise<Sighting> {
    try {
      return { value: await plain(await this.#answer(lookup)) };
    } catch (error) {
      if (!(error instanceof ZnSocketError)) throw error;
      return { error: error.type, msg: error.message };
    }
  }

  async #answer({ kind, key, path = [], op, args = [] }: Lookup): Promise<unknown> {
    if (op === "heard") return this.#heard.next();
    const options = { client: this.client, key, converters: [ndarray] };
    let object: any = kind === "List" ? new List(options) : new Dict(options);
    for (const step of path) object = await object.get(step);
    switch (op) {
      case "listen":
        await listen(object, this.#heard.push);
        return null;
      case "len":
        return object.length();
      case "at":
        return object.get(args[0]);
      case "slice":
        return object.slice(args[0], args[1], args[2] ?? 1);
      case "all":
        return object instanceof Dict ? object.keys() : object.slice();
      case "in":
        return object instanceof Dict ? object.has(args[0]) : object.includes(args[0]);
      case "items":
        return object.entries();
      case "keys":
      case "values":
        return object[op]();
      case "copy": {
        const copy = await object.copy(args[0]);
        if (copy instanceof Dict) {
          await copy.set("added", 1);
          return copy.entries();
        }
        await copy.push("added");
        return copy.slice();
      }
    }
    throw new Error(`a reader does not know ${op}`);
  }
}

/** A value without objects of ZnSocket and numpy. */
async function plain(value: unknown): Promise<unknown> {
  if (value instanceof NDArray) return value.toArray();
  if (value instanceof List) return plain(await value.slice());
  if (value instanceof Dict) return plain(Object.fromEntries(await value.entries()));
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await plain(item)])));
}

describe("Adapters between JavaScript and Python", () => {
  for (const kind of ["go", "python"] as const) {
    for (const [owner, reader] of [["JavaScript", "Python"], ["Python", "JavaScript"], ["JavaScript", "JavaScript"]] as const) {
      it(`of ${owner}, read by ${reader}, on a ${kind === "go" ? "Go" : "Python"} server`, async () => {
        const { url } = await startServer({ kind });
        const [oracle, changed] = [startPeer("testdata/interop/adapters.py", "plain", url), startPeer("testdata/interop/adapters.py", "plain", url)];
        for (const each of [oracle, changed]) expect(await each.ask(sharedData())).to.deep.equal({ value: "ready" });
        await changed.ask({ op: "change" });

        let tell: (op: "change" | "announce") => unknown;
        if (owner === "JavaScript") {
          tell = await own(await connect(url));
        } else {
          const peer = startPeer("testdata/interop/adapters.py", "own", url);
          expect(await peer.ask(sharedData())).to.deep.equal({ value: "ready" });
          tell = async (op) => expect(await peer.ask({ op })).to.deep.equal({ value: null });
        }
        let read: (lookup: Lookup) => Promise<Sighting>;
        if (reader === "JavaScript") {
          const here = new Reader(await connect(url));
          read = (lookup) => here.read(lookup);
        } else {
          const peer = startPeer("testdata/interop/adapters.py", "read", url);
          await peer.ask(null);
          read = (lookup) => peer.ask({ path: null, args: null, ...lookup });
        }

        const compare = async (of: Peer, lookup: Lookup) => {
          const want = expected(await of.ask({ path: null, args: null, ...lookup }), lookup, reader);
          const got = await read(lookup);
          if (want.error !== undefined && got.msg?.includes(want.msg ?? "")) got.msg = want.msg!;
          expect(got, JSON.stringify(lookup)).to.deep.equal(want);
        };
        const all = lookups();
        for (const lookup of [...all, ...copies]) await compare(oracle, lookup);

        const [mixed, user] = [{ kind: "List", key: "mixed" } as const, { kind: "Dict", key: "user" } as const];
        for (const each of [mixed, user]) await read({ ...each, op: "listen" });
        await tell("change");
        for (const lookup of all) if (lookup.op !== "slice") await compare(changed, lookup);
        await tell("announce");
        const heard = [await read({ ...mixed, op: "heard" }), await read({ ...mixed, op: "heard" })];
        expect(heard.map(({ value }) => value)).to.have.deep.members([{ indices: [12] }, { keys: ["ü"] }]);
      });
    }
  }

  /** What a reader should see: what is there, but that an absent element is null here, and what Python makes of errors. */
  function expected(sighting: Sighting, { op }: Lookup, reader: string): Sighting {
    const { error } = sighting;
    if (error === undefined) return sighting;
    const missing = error === "KeyError" || error === "IndexError";
    if (reader === "JavaScript") return missing ? { value: null } : sighting;
    if (missing) return { error, msg: "" };
    // It takes the error for elements.
    if (op === "slice") return { error: "JSONDecodeError", msg: "" };
    return { ...sighting, error: error === "ValueError" ? "ZnSocketError" : error };
  }

  it("of Python are read-only here", async () => {
    for (const kind of ["go", "python"] as const) {
      const { url } = await startServer({ kind });
      const peer = startPeer("testdata/interop/adapters.py", "own", url);
      await peer.ask(sharedData());
      const client = await connect(url);
      const frames = new List({ client, key: "frames" });
      const inside = (await frames.get(0)) as Dict;
      const changes: (() => Promise<unknown>)[] = [
        () => frames.push(1), () => frames.push(1, 2), () => frames.insert(1, 0), () => frames.set(0, 1), () => frames.delete(0),
        () => frames.pop(), () => frames.clear(), () => inside.set("name", 1), () => inside.update({ a: 1, b: 2 }),
        () => inside.delete("name"), () => inside.pop("name"), () => inside.clear(),
      ];
      for (const change of changes) expect(await rejection(change()), String(change)).to.be.instanceOf(FrozenStorageError);
    }
  });
});
