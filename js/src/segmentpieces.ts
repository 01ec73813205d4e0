// The pieces of Segments: [start, end, key of a List], one after the other.
import { IndexError } from "./errors.js";
import { resolveIndex } from "./places.js";

/** A part of Segments: the elements from start up to but not including end of the List whose full key is target. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly target: string;
}

/** A piece with the text that it is stored as, if it was read. */
interface Segment extends Piece {
  readonly text?: string;
}

/** A bound of what pieces can say: more than any list has. */
const maxElements = 2 ** 30;

/** Puts texts in the place of `count` pieces at `first`, where the stored ones begin with those that are known. */
export interface Swap {
  known: readonly string[];
  /** Whether the known ones are all. */
  whole: boolean;
  first: number;
  count: number;
  texts: readonly string[];
}

/** The pieces of Segments as they were read. Nothing in it changes. */
export class PieceTable {
  readonly pieces: readonly Segment[];
  /** How many elements there are up to the end of each piece. */
  readonly ends: readonly number[];

  constructor(
    key: string,
    readonly texts: readonly string[],
  ) {
    let n = 0;
    this.pieces = texts.map((text, k) => parsePiece(text) ?? fail(key, k, text));
    this.ends = this.pieces.map(({ start, end }) => (n += end - start));
    if (n > maxElements) throw new TypeError(`the pieces of ${key} have more than ${maxElements} elements`);
  }

  get length(): number {
    return this.ends.at(-1) ?? 0;
  }

  /** Returns the place that an index names, and nothing where there is none. */
  find(i: number): number | undefined {
    const at = resolveIndex(i, this.length);
    return at >= 0 && at < this.length ? at : undefined;
  }

  /** Returns the place that an index names. */
  resolve(i: number): number {
    const at = this.find(i);
    if (at === undefined) throw new IndexError("list index out of range");
    return at;
  }

  /** Returns which piece has an element. */
  pieceAt(i: number): number {
    let [low, high] = [0, this.ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle]! > i) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Returns the List that an element is in and where it is there. */
  at(i: number): { target: string; place: number } {
    const k = this.pieceAt(i);
    const { target, end } = this.pieces[k]!;
    return { target, place: end - (this.ends[k]! - i) };
  }

  /** Returns the pieces with others in the place of the elements from i up to j. */
  replace(i: number, j: number, ...put: Piece[]): Segment[] {
    return join(join(this.cut(0, i), put), this.cut(j, this.length));
  }

  /** Returns the pieces without the elements at some places, the lowest first. */
  without(places: readonly number[]): Segment[] {
    const left: Segment[] = [];
    let next = 0;
    for (const at of places) {
      join(left, this.cut(next, at));
      next = at + 1;
    }
    return join(left, this.cut(next, this.length));
  }

  /**
   * Returns how many elements one has to know to find what lies between bounds: up to the last of them, or all, which is
   * infinite, where one depends on the length.
   */
  seen(...bounds: number[]): number {
    const last = Math.max(...bounds);
    return Math.min(...bounds) < 0 || last > this.length ? Infinity : last;
  }

  /** Returns the change to other pieces, which were worked out from so many elements of these. */
  swap(to: readonly Segment[], seen: number): Swap {
    const texts = to.map(stored);
    let first = 0;
    while (first < Math.min(texts.length, this.texts.length) && texts[first] === this.texts[first]) first++;
    let end = this.texts.length;
    while (texts.length > first && end > first && texts.at(-1) === this.texts[end - 1]) {
      texts.pop();
      end--;
    }
    const whole = seen === Infinity;
    const needed = whole ? this.texts.length : seen > 0 ? this.pieceAt(seen - 1) + 1 : 0;
    return { known: this.texts.slice(0, Math.max(end, needed)), whole, first, count: end - first, texts: texts.slice(first) };
  }

  /** Returns the pieces of the elements from i up to j. */
  private cut(i: number, j: number): Segment[] {
    const out: Segment[] = [];
    for (let k = this.pieceAt(i); i < j; i = this.ends[k++]!) {
      const piece = this.pieces[k]!;
      const before = i - (this.ends[k]! - (piece.end - piece.start));
      const after = Math.max(this.ends[k]! - j, 0);
      if (before === 0 && after === 0) out.push(piece);
      else out.push({ start: piece.start + before, end: piece.end - after, target: piece.target });
    }
    return out.filter(({ start, end }) => start < end);
  }
}

/** Appends pieces. Two that meet in the List they are of become one. */
function join(head: Segment[], [next, ...rest]: readonly Segment[]): Segment[] {
  if (next === undefined) return head;
  const last = head.at(-1);
  if (last?.target === next.target && last.end === next.start) {
    head[head.length - 1] = { start: last.start, end: next.end, target: next.target };
  } else {
    head.push(next);
  }
  for (const piece of rest) head.push(piece);
  return head;
}

function parsePiece(text: string): Segment | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [start, end, target]: unknown[] = value;
  if (!isPlace(start) || !isPlace(end) || end < start) return undefined;
  if (typeof target !== "string" || !target.startsWith("znsocket.List:")) return undefined;
  return { start, end, target, text };
}

function isPlace(n: unknown): n is number {
  return Number.isInteger(n) && (n as number) >= 0 && (n as number) <= maxElements;
}

function fail(key: string, k: number, text: string): never {
  throw new TypeError(`piece ${k} of ${key} is ${JSON.stringify(text.slice(0, 64))}: not [start, end, key of a List]`);
}

/** Returns the text of a piece, a new one's as Python's json.dumps writes it: in ASCII. */
export function stored({ text, start, end, target }: Segment): string {
  if (text !== undefined) return text;
  const quoted = JSON.stringify(target).replace(/[\u007f-\uffff]/g, (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"));
  return `[${start}, ${end}, ${quoted}]`;
}
