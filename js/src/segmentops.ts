// The pieces of Segments are read in one command, changed here, and put back by ZN.LSWAP where what the change was worked
// out from is still there; otherwise others were first and it is worked out again. New texts go to the end of the Segments'
// own List before, and the reply says where they lie.
import type { Reply } from "./commander.js";
import { change, token } from "./objectops.js";
import type { Core } from "./object.js";
import { isOutOfRange, push } from "./listops.js";
import { type Bounds, placesOf, resolveIndex, resolveSlice, sorted, type Span } from "./places.js";
import { asTexts } from "./reply.js";
import { type Piece, PieceTable, type Swap } from "./segmentpieces.js";
import { fetchElements, tooShort } from "./segmentreads.js";
import { type Operations, pageSize } from "./operations.js";

/** How many pieces one change can make of few. */
const maxPieces = 2 ** 20;

export const segmentOperations: Operations = {
  length: async (core) => (await readPieces(core)).length,
  async at(core, i) {
    const table = await readPieces(core);
    const at = table.find(i);
    return at === undefined ? null : textAt(core, table, at);
  },
  async slice(core, bounds) {
    const table = await readPieces(core);
    const span = resolveSlice(table.length, bounds);
    return { first: span.first, texts: await fetchElements(core, table, span) };
  },
  async *pages(core) {
    const table = await readPieces(core);
    for (let first = 0; first < table.length; first += pageSize) {
      yield await fetchElements(core, table, { first, count: Math.min(pageSize, table.length - first), step: 1 });
    }
  },
  async insert(core, i, texts) {
    const put = await storeOwn(core, texts);
    let at = 0;
    await edit(core, (table) => {
      at = Math.min(Math.max(resolveIndex(i, table.length), 0), table.length);
      return { to: table.replace(at, at, put), seen: table.seen(i) };
    });
    return at;
  },
  async set(core, i, text) {
    let put: Piece | undefined;
    let at = 0;
    await edit(core, async (table) => {
      at = table.resolve(i);
      const { target, place } = table.at(at);
      if (put === undefined && target === ownKey(core)) {
        at = await setInPlace(core, at, place, text);
        return undefined;
      }
      put ??= await storeOwn(core, [text]);
      return { to: table.replace(at, at + 1, put), seen: table.seen(i, i + 1) };
    });
    return at;
  },
  async pop(core, i) {
    let popped: [number, string] | undefined;
    await edit(core, async (table) => {
      const at = table.find(i);
      popped = at === undefined ? undefined : [at, await textAt(core, table, at)];
      return at === undefined ? undefined : { to: table.replace(at, at + 1), seen: table.seen(i, i + 1) };
    });
    return popped;
  },
  async deleteSlice(core, bounds) {
    let span: Span = { first: 0, count: 0, step: 1 };
    await edit(core, (table) => {
      span = resolveSlice(table.length, bounds);
      return withoutSlice(core, table, span, bounds);
    });
    return span;
  },
  async deleteAt(core, indices) {
    let places: number[] = [];
    await edit(core, (table) => {
      places = sorted(indices.map((i) => table.resolve(i)));
      return { to: table.without(places), seen: Infinity };
    });
    return places;
  },
};

/** Makes Segments of so many elements of a List, and reports whether there were none of that key before. */
export function makeSegments(core: Core, origin: string, length: number): Promise<boolean> {
  return swap(core, new PieceTable(core.key, []).swap([{ start: 0, end: length, target: origin }], Infinity));
}

/** Reads the pieces in one command. */
export async function readPieces(core: Core): Promise<PieceTable> {
  return new PieceTable(core.key, asTexts(await core.run(["LRANGE", core.key, 0, -1])));
}

async function textAt(core: Core, table: PieceTable, at: number): Promise<string> {
  const [text] = await fetchElements(core, table, { first: at, count: 1, step: 1 });
  return text!;
}

/** The pieces that a change makes, and how many elements from the begin on it has looked at: see PieceTable.seen. */
interface Plan {
  to: Piece[];
  seen: number;
}

/** Changes the pieces to what plan makes of them, if it makes anything. */
async function edit(core: Core, plan: (table: PieceTable) => Plan | undefined | Promise<Plan | undefined>): Promise<void> {
  for (;;) {
    const table = await readPieces(core);
    const planned = await plan(table);
    if (planned === undefined || (await swap(core, table.swap(planned.to, planned.seen)))) return;
  }
}

/** The key of the List that new elements are kept in. */
export function ownKey({ key }: Core): string {
  return key.replace("znsocket.Segments:", "znsocket.List:");
}

/** Appends texts, of which there are some, to the own List. */
async function storeOwn(core: Core, texts: readonly string[]): Promise<Piece> {
  const target = ownKey(core);
  const end = await push(core.with({ key: target }), texts);
  if (end < texts.length) throw new RangeError(`${target} has ${end} elements after ${texts.length} were appended`);
  return { start: end - texts.length, end, target };
}

/**
 * Replaces the element that is at a place of the own List and returns where in the Segments it is by then. Where others
 * have removed it meanwhile that is where it was.
 */
async function setInPlace(core: Core, at: number, place: number, text: string): Promise<number> {
  const target = ownKey(core);
  let pieces: Reply | undefined;
  try {
    [, pieces] = await core.runAll([
      ["LSET", target, place, text],
      ["LRANGE", core.key, 0, -1],
    ]);
  } catch (error) {
    throw isOutOfRange(error) ? tooShort(core, { start: place, end: place + 1, target }) : error;
  }
  const table = new PieceTable(core.key, asTexts(pieces));
  const k = table.pieces.findIndex((piece) => piece.target === target && piece.start <= place && place < piece.end);
  return k < 0 ? at : table.ends[k]! - (table.pieces[k]!.end - place);
}

function withoutSlice(core: Core, table: PieceTable, span: Span, { start, end, step }: Bounds): Plan | undefined {
  const { first, count } = span;
  if (count === 0) return undefined;
  if (step === 1) return { to: table.replace(first, first + count), seen: table.seen(start, end) };
  if (step === -1) return { to: table.replace(first - count + 1, first + 1), seen: Infinity };
  if (count > maxPieces) throw new RangeError(`${core.key} would be in more than ${maxPieces} pieces without ${count} elements`);
  return { to: table.without(sorted(placesOf(span))), seen: Infinity };
}

/** Reports whether the pieces were still those that are known. */
async function swap(core: Core, { known, whole, first, count, texts }: Swap): Promise<boolean> {
  if (count === 0 && texts.length === 0) return true;
  const command = ["ZN.LSWAP", core.key, whole ? known.length : "", known.length, first, count, ...known, ...texts];
  return (await change(core, command, () => swapSteps(core, { known, whole, first, count, texts }))) !== null;
}

async function swapSteps(core: Core, { known, whole, first, count, texts }: Swap): Promise<Reply> {
  const stored = asTexts(await core.run(["LRANGE", core.key, 0, -1]));
  const fits = stored.length >= known.length && known.every((text, k) => text === stored[k]) && !(whole && stored.length > known.length);
  if (!fits) return null;
  const n = stored.length - count + texts.length;
  if (first === stored.length) {
    await push(core, texts);
    return n;
  }
  // A mark needs a place: where nothing is replaced, the piece behind makes way and comes back.
  const put = count === 0 ? [...texts, stored[first]!] : texts;
  const marked = placesOf({ first, count: Math.max(count, 1), step: 1 });
  const mark = token();
  await core.runAll([
    ...marked.map((at) => ["LSET", core.key, at, mark]),
    ...put.map((text) => ["LINSERT", core.key, "BEFORE", mark, text]),
    ["LREM", core.key, 0, mark],
  ]);
  return n;
}
