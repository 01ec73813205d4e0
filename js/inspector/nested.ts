// What lies inside a stored value, as a table of its own.
import { NDArray } from "../src/index.js";
import { type Page, Source } from "./sources.js";
import { textOf } from "./values.js";

/** A value that has something inside. */
export type Container = NDArray | readonly unknown[] | Readonly<Record<string, unknown>>;

export function isContainer(value: unknown): value is Container {
  if (value instanceof NDArray) return value.shape.length > 0;
  return typeof value === "object" && value !== null;
}

/** Gives what is at a place in a value, undefined where there is nothing. */
export function inside(value: unknown, place: string): unknown {
  if (!isContainer(value)) return undefined;
  if (value instanceof NDArray) return Number(place) < value.shape[0]! ? itemOf(value, Number(place)) : undefined;
  if (Array.isArray(value)) return value[Number(place)];
  return Object.hasOwn(value, place) ? (value as Record<string, unknown>)[place] : undefined;
}

/** The entries of a value, as it is now. */
export class NestedSource extends Source {
  readonly json = true;
  #places: readonly string[] = [];

  constructor(public value: Container) {
    super();
  }

  get noun(): string {
    return Array.isArray(this.value) || this.value instanceof NDArray ? "index" : "field";
  }

  async read(start: number, end: number): Promise<Page> {
    const { value } = this;
    if (value instanceof NDArray) return this.#page(value.shape[0]!, start, end, (k) => itemOf(value, k));
    if (Array.isArray(value)) return this.#page(value.length, start, end, (k) => value[k]);
    this.#places = Object.keys(value);
    return this.#page(this.#places.length, start, end, (k) => (value as Record<string, unknown>)[this.#places[k]!]);
  }

  async one(place: string): Promise<string | null> {
    const item = inside(this.value, place);
    return item === undefined ? null : textOf(item);
  }

  #page(total: number, start: number, end: number, item: (k: number) => unknown): Page {
    const count = Math.max(0, Math.min(end, total) - start);
    const entries = Array.from({ length: count }, (_, k) => ({ place: this.#places[start + k] ?? String(start + k), text: textOf(item(start + k)) }));
    return { total, entries };
  }
}

function itemOf(array: NDArray, k: number): unknown {
  return array.shape.length === 1 ? array.get(k) : array.row(k);
}
