// Where objects are tested, and what their models have in common.
import { expect } from "chai";
import {
  type Client,
  type Commander,
  type Dict,
  KeyError,
  type List,
  type ObjectOptions,
  type Outcome,
  type Refresh,
  type RunOptions,
  type Segments,
  type Word,
} from "../src/index.js";
import { connect, Events, startServer } from "./harness.js";

/** What opens objects. */
export type Opener = Pick<ObjectOptions, "client" | "socket">;

/** Two programs that open the same objects. */
export interface Pair {
  mine: Opener;
  theirs: Opener;
  /** Runs commands where the objects are stored. */
  raw(...words: string[]): Promise<unknown>;
}

export interface Place {
  name: string;
  /** Python's store looks at no types, and has no command that is atomic beside its own. */
  python?: true;
  open(): Promise<Pair>;
}

/** Opens objects by clients of a server. */
export async function clientsOf(url: string): Promise<Pair> {
  const [mine, theirs] = await Promise.all([connect(url), connect(url)]);
  return { mine: { client: mine }, theirs: { client: theirs }, raw: rawOf(mine) };
}

function rawOf(client: Client): Pair["raw"] {
  return async (...words) => {
    const [outcome] = await client.run([words]);
    if (outcome!.error) throw outcome!.error;
    return outcome!.value;
  };
}

export const goServer: Place = {
  name: "a Go server",
  open: async () => clientsOf((await startServer()).url),
};

/** Numbers that are the same in each run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Returns a whole number below n. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0; // Mulberry32
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  one<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  some<T>(n: number, values: readonly T[]): T[] {
    return Array.from({ length: n }, () => this.one(values));
  }
}

/** Few values, so that many elements are equal, and those that other implementations take for marks of their own. */
export const pool = [
  0, 1, -7, 1.5, "", "a", "__DELETED__", "znsocket.token:", "znsocket", 'ü€😀\u0000"\\<>&', true, false, null,
  [1, null], { k: "v" }, 2 ** 53 - 1,
];

/** The places of Python's [start:end:step] of n elements, found by walking as its reference says. */
export function pythonPlaces(n: number, start: number | null, end: number | null, step: number): number[] {
  const reach = (bound: number, low: number, high: number) => Math.min(Math.max(bound < 0 ? bound + n : bound, low), high);
  const places: number[] = [];
  if (step > 0) {
    const stop = reach(end ?? Infinity, 0, n);
    for (let at = reach(start ?? -Infinity, 0, n); at < stop; at += Math.min(step, n)) places.push(at);
  } else {
    const stop = reach(end ?? -Infinity, -1, n - 1);
    for (let at = reach(start ?? Infinity, -1, n - 1); at > stop; at += Math.max(step, -n)) places.push(at);
  }
  return places;
}

/** Has changes of an object heard, and returns when the server knows of it. */
export async function listen(object: List | Dict | Segments, hear: (refresh: Refresh) => void): Promise<() => void> {
  const stop = object.onRefresh(hear);
  await object.length();
  return stop;
}

/** Hears what is told of changes and holds it against what they were. */
export class Ear {
  readonly #events = new Events<Refresh>();
  readonly hear = this.#events.push;

  async expect(refresh: Refresh): Promise<void> {
    const heard = await this.#events.next();
    expect(heard).to.deep.equal("start" in refresh ? { stop: null, ...refresh } : refresh);
  }

  /** Expects keys in any order. */
  async expectKeys(keys: readonly string[]): Promise<void> {
    expect((await this.#events.next()).keys).to.have.members(keys);
  }

  expectNothing(): void {
    expect(this.#events.left).to.deep.equal([]);
  }
}

/** Reports whether an error says that a key is taken. */
export function isTaken(error: unknown): boolean {
  return error instanceof KeyError && error.message.endsWith("already exists in storage");
}

/** Runs commands elsewhere, and something of the test's before each round trip. */
export class Between implements Commander {
  trips = 0;
  commands = 0;

  constructor(
    private readonly to: Commander,
    public before: (commands: readonly (readonly Word[])[]) => unknown = () => undefined,
  ) {}

  async run(commands: readonly (readonly Word[])[], options?: RunOptions): Promise<Outcome[]> {
    this.trips++;
    this.commands += commands.length;
    await this.before(commands);
    return this.to.run(commands, options);
  }
}
