// The operations of a List on its stored texts; see objectops.ts for their three ways.
import type { Reply, Word } from "./commander.js";
import { ArgumentsError, IndexError, ResponseError } from "./errors.js";
import { change, takesSteps, takeSteps, token } from "./objectops.js";
import type { Core } from "./object.js";
import { type Bounds, boundWord, lowest, placesOf, placeWord, resolveIndex, resolveSlice, sorted, type Span } from "./places.js";
import { asNumber, asNumbers, asPair, asText, asTexts } from "./reply.js";
import { type Operations, pageSize } from "./operations.js";

/** Appends texts, of which there are some, and returns the new length. */
export async function push(core: Core, texts: readonly string[]): Promise<number> {
  if (texts.length === 1 || !takesSteps(core)) {
    try {
      return asNumber(await core.run(["RPUSH", core.key, ...texts]));
    } catch (error) {
      if (texts.length === 1 || !(error instanceof ArgumentsError)) throw error;
      takeSteps(core); // a Python server: it takes one value a command
    }
  }
  const lengths = await core.runAll(texts.map((text) => ["RPUSH", core.key, text]));
  return asNumber(lengths.at(-1));
}

/** All but setSlice, which Segments have not. */
export const listOperations: Operations = {
  length: async (core) => asNumber(await core.run(["LLEN", core.key])),
  at: async (core, i) => {
    const text = await core.run(["LINDEX", core.key, placeWord(i)]);
    return text === null ? null : asText(text);
  },
  async *pages(core) {
    for (let start = 0, more = true; more; start += pageSize) {
      const { texts } = await slice(core, { start, end: start + pageSize, step: 1 });
      yield texts;
      more = texts.length === pageSize;
    }
  },
  slice,
  insert,
  set,
  pop,
  deleteSlice,
  deleteAt,
};

/** Returns the texts of a slice and the place of the first. */
async function slice(core: Core, bounds: Bounds): Promise<{ first: number; texts: string[] }> {
  const { start, end, step } = bounds;
  if (step === 1 && (start >= 0 || start === -Infinity) && end > 0) {
    const first = Math.max(start, 0);
    const last = end === Infinity ? -1 : end - 1;
    return { first, texts: asTexts(await core.run(["LRANGE", core.key, placeWord(first), placeWord(last)])) };
  }
  const reply = await change(core, sliceCall(core, "ZN.LSLICE", bounds), async () => {
    const span = await resolve(core, bounds);
    if (span.count === 0) return [span.first, []];
    const low = lowest(span);
    const texts = asTexts(await core.run(["LRANGE", core.key, low, low + (span.count - 1) * Math.abs(span.step)]));
    return [span.first, placesOf(span).flatMap((at) => texts[at - low] ?? [])];
  });
  const [first, texts] = asPair(reply);
  return { first, texts: asTexts(texts) };
}

/** Puts texts in the place of a slice and returns where that was. */
export async function setSlice(core: Core, bounds: Bounds, texts: readonly string[]): Promise<Span> {
  const reply = await change(core, [...sliceCall(core, "ZN.LSETSLICE", bounds), ...texts], async () => {
    const { first, count, step } = await resolve(core, bounds);
    if (bounds.step !== 1 && count !== texts.length) {
      throw new ResponseError(`ERR attempt to assign sequence of size ${texts.length} to extended slice of size ${count}`);
    }
    const both = Math.min(count, texts.length);
    const replaced = texts.slice(0, both).map((text, k) => ["LSET", core.key, first + k * step, text]);
    if (both > 0) await core.runAll(replaced);
    if (count < texts.length) await insertSteps(core, first + count, texts.slice(count));
    if (count > texts.length) await dropSteps(core, placesOf({ first: first + both, count: count - both, step: 1 }));
    return [first, count];
  });
  return asSpan(reply, bounds);
}

/** Replaces the element at an index and returns its place. */
async function set(core: Core, i: number, text: string): Promise<number> {
  const command = ["LSET", core.key, placeWord(i), text];
  if (i >= 0) {
    await core.run(command).catch(outOfRange);
    return i;
  }
  const reply = change(core, ["ZN.LSET", core.key, placeWord(i), text], async () => {
    const [n] = await core.runAll([["LLEN", core.key], command]);
    return asNumber(n) + i;
  });
  return asNumber(await reply.catch(outOfRange));
}

/** Inserts texts before an index and returns the place of the first. */
async function insert(core: Core, i: number, texts: readonly string[]): Promise<number> {
  if (i === Infinity) return (await push(core, texts)) - texts.length;
  const command = ["ZN.LINSERT", core.key, placeWord(i), ...texts];
  return asNumber(await change(core, command, () => insertSteps(core, i, texts)));
}

async function insertSteps(core: Core, i: number, texts: readonly string[]): Promise<number> {
  const n = asNumber(await core.run(["LLEN", core.key]));
  const at = Math.min(Math.max(resolveIndex(i, n), 0), n);
  if (at === n) {
    await push(core, texts);
  } else if (at === 0) {
    await core.runAll([...texts].reverse().map((text) => ["LPUSH", core.key, text]));
  } else {
    const old = asText(await core.run(["LINDEX", core.key, at]));
    const mark = token();
    await core.runAll([
      ["LSET", core.key, at, mark],
      ...texts.map((text) => ["LINSERT", core.key, "BEFORE", mark, text]),
      ["LSET", core.key, at + texts.length, old],
    ]);
  }
  return at;
}

/** Removes the element at an index and returns its place and its text, or nothing where there is none. */
async function pop(core: Core, i: number): Promise<[at: number, text: string] | undefined> {
  if (i === 0) {
    const text = await core.run(["LPOP", core.key]);
    return text === null ? undefined : [0, asText(text)];
  }
  const reply = await change(core, ["ZN.LPOP", core.key, placeWord(i)], async () => {
    const mark = token();
    const [n, text] = await core.runAll([
      ["LLEN", core.key],
      ["LINDEX", core.key, placeWord(i)],
      ["LSET", core.key, placeWord(i), mark],
      ["LREM", core.key, 0, mark],
    ]);
    return [resolveIndex(i, asNumber(n)), text!];
  }).catch((error) => {
    if (isOutOfRange(error)) return null;
    throw error;
  });
  if (reply === null) return undefined;
  const [at, text] = asPair(reply);
  return [at, asText(text)];
}

/** Removes a slice and returns where it was. */
async function deleteSlice(core: Core, bounds: Bounds): Promise<Span> {
  const reply = await change(core, sliceCall(core, "ZN.LDEL", bounds), async () => {
    const span = await resolve(core, bounds);
    if (span.count > 0) await dropSteps(core, placesOf(span));
    return [span.first, span.count];
  });
  return asSpan(reply, bounds);
}

/** Removes the elements at some indices, all or none, and returns their places, the lowest first. */
async function deleteAt(core: Core, indices: readonly number[]): Promise<number[]> {
  const reply = change(core, ["ZN.LDELAT", core.key, ...indices.map(placeWord)], async () => {
    const n = asNumber(await core.run(["LLEN", core.key]));
    const places = sorted(indices.map((i) => resolveIndex(i, n)));
    if (places.some((at) => at < 0 || at >= n)) throw new IndexError("list index out of range");
    await dropSteps(core, places);
    return places;
  });
  return asNumbers(await reply.catch(outOfRange));
}

/** Removes the elements at some places, of which there is one at least. */
async function dropSteps(core: Core, places: readonly number[]): Promise<void> {
  const mark = token();
  await core.runAll([...places.map((at) => ["LSET", core.key, at, mark]), ["LREM", core.key, 0, mark]]);
}

/** Resolves a slice of the list as it is now. */
async function resolve(core: Core, bounds: Bounds): Promise<Span> {
  return resolveSlice(asNumber(await core.run(["LLEN", core.key])), bounds);
}

function sliceCall(core: Core, name: string, { start, end, step }: Bounds): Word[] {
  return [name, core.key, boundWord(start), boundWord(end), boundWord(step)];
}

function asSpan(reply: Reply, { step }: Bounds): Span {
  const [first, rest] = asPair(reply);
  const count = asNumber(rest);
  return { first, count, step: count > 1 ? step : 1 };
}

/** Reports whether an error says that there is no such element. */
export function isOutOfRange(error: unknown): boolean {
  if (error instanceof IndexError) return true;
  return error instanceof ResponseError && /^(ERR )?(index out of range|no such key)$/.test(error.message);
}

/** Fails with an IndexError for what Redis calls otherwise: an index of a list that is not there. */
function outOfRange(error: unknown): never {
  throw isOutOfRange(error) ? new IndexError("list index out of range", { cause: error }) : error;
}
