// The elements of Segments are read from the Lists that their pieces are of, all in one round trip.
import type { Core } from "./object.js";
import type { Span } from "./places.js";
import { asTexts } from "./reply.js";
import type { Piece, PieceTable } from "./segmentpieces.js";

/**
 * Returns the stored texts of some elements. What lies between them is read too, and as much again where it saves
 * commands: to replace elements of a List here and there leaves many pieces that are read in one or two ranges all the
 * same.
 */
export async function fetchElements(core: Core, table: PieceTable, { first, count, step }: Span): Promise<string[]> {
  if (count === 0) return [];
  const stride = Math.abs(step);
  const wanted = rangesOf(table, Math.min(first, first + (count - 1) * step), count, stride);
  const ranges = joined(wanted, count * stride);
  const replies = await core.runAll(ranges.map(({ target, start, end }) => ["LRANGE", target, start, end - 1]));
  const found = ranges.map((range, k) => ({ ...range, texts: asTexts(replies[k]) }));
  for (const { texts, start, end, target } of found) {
    if (texts.length < end - start) throw tooShort(core, { start, end, target });
  }
  const texts: string[] = [];
  for (const { target, start, end } of wanted) {
    const range = found[lastBefore(found, { target, start })]!;
    for (let at = start; at < end; at += stride) texts.push(range.texts[at - range.start]!);
  }
  return step < 0 ? texts.reverse() : texts;
}

export function tooShort(core: Core, { end, target }: Piece): RangeError {
  return new RangeError(`${core.key} has elements up to ${end} of ${target}, which is shorter than that`);
}

/** Returns where elements lie, from the lowest on: one range a piece, which begins and ends with one of them. */
function rangesOf(table: PieceTable, lowest: number, count: number, stride: number): Piece[] {
  const wanted: Piece[] = [];
  const last = lowest + (count - 1) * stride;
  for (let k = table.pieceAt(lowest), at = lowest; at <= last; k++) {
    const end = table.ends[k]!;
    if (end <= at) continue;
    const piece = table.pieces[k]!;
    const start = piece.end - (end - at);
    const more = Math.floor((Math.min(end - 1, last) - at) / stride);
    wanted.push({ start, end: start + more * stride + 1, target: piece.target });
    at += (more + 1) * stride;
  }
  return wanted;
}

/**
 * Joins ranges of the same List. Gaps between them are read too, the shortest first, as long as that is no more than
 * `spare` elements for nothing.
 */
function joined(wanted: readonly Piece[], spare: number): Piece[] {
  const apart: Piece[] = [];
  for (const range of [...wanted].sort(compare)) {
    const last = apart.at(-1);
    if (last?.target === range.target && range.start <= last.end) {
      apart[apart.length - 1] = { ...last, end: Math.max(last.end, range.end) };
    } else {
      apart.push(range);
    }
  }

  const gaps = apart.flatMap((range, k) => {
    const before = apart[k - 1];
    return before?.target === range.target ? [{ k, size: range.start - before.end }] : [];
  });
  gaps.sort((a, b) => a.size - b.size);
  const bridged = new Set<number>();
  for (const { k, size } of gaps) {
    if ((spare -= size) < 0) break;
    bridged.add(k);
  }

  const ranges: Piece[] = [];
  for (const [k, range] of apart.entries()) {
    if (bridged.has(k)) ranges.push({ ...ranges.pop()!, end: range.end });
    else ranges.push(range);
  }
  return ranges;
}

type Place = Pick<Piece, "target" | "start">;

function compare(a: Place, b: Place): number {
  if (a.target !== b.target) return a.target < b.target ? -1 : 1;
  return a.start - b.start;
}

/** Returns the last of sorted ranges that begins at a place or before. */
function lastBefore(ranges: readonly Place[], place: Place): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(ranges[middle]!, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
