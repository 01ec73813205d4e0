import type { Core } from "./object.js";
import type { Bounds, Span } from "./places.js";

/** What List and Segments do each in their own way, with stored texts. */
export interface Operations {
  length(core: Core): Promise<number>;
  /** Returns null where there is no such element. */
  at(core: Core, i: number): Promise<string | null>;
  /** Returns the place of the first with the texts. */
  slice(core: Core, bounds: Bounds): Promise<{ first: number; texts: string[] }>;
  /** Gives all texts, a page at a time. */
  pages(core: Core): AsyncIterable<string[]>;
  /** Returns the place of the first of the new elements; an infinite index appends. */
  insert(core: Core, i: number, texts: readonly string[]): Promise<number>;
  /** Returns the place. */
  set(core: Core, i: number, text: string): Promise<number>;
  /** Returns nothing where there is no such element. */
  pop(core: Core, i: number): Promise<[at: number, text: string] | undefined>;
  deleteSlice(core: Core, bounds: Bounds): Promise<Span>;
  /** Returns the places, the lowest first. */
  deleteAt(core: Core, indices: readonly number[]): Promise<number[]>;
}

/** How many elements a page has when all are read one after the other. */
export const pageSize = 256;
