// The numbers of a list, drawn beside its rows.
import { NDArray } from "../src/index.js";
import { ArrayView } from "./arrayview.js";
import { h } from "./dom.js";
import type { Entry, Source } from "./sources.js";
import { numbersIn, read } from "./values.js";

/** How many numbers, and how many rows of numbers, are read for a drawing, and how long such rows may be. */
const maxNumbers = 1_000;
const maxVectors = 200;
const maxColumns = 256;
/** How much time there is between two drawings at least, in milliseconds. */
const pause = 250;

/** Draws a list if its rows on screen are numbers, or rows of numbers of one length. */
export class ListChart {
  readonly element = h("div");
  #view: ArrayView | undefined;
  #drawing = false;
  #again = false;
  #over = false;

  constructor(private readonly source: Source) {}

  /** Says that the list was read, so that it is drawn again if it can be. */
  update(entries: readonly Entry[]): void {
    const most = sizeFor(entries);
    if (most === 0 || !this.source.sample) this.#clear();
    else if (this.#drawing) this.#again = true;
    else void this.#draw(most);
  }

  close(): void {
    this.#over = true;
    this.#clear();
  }

  async #draw(most: number): Promise<void> {
    this.#drawing = true;
    try {
      do {
        this.#again = false;
        const sample = await this.source.sample!(most).catch(() => undefined); // the rows say what is wrong
        const array = sample && numbersIn(sample.values.map(plain));
        if (this.#over) return;
        if (array) this.#show(array, sample.step, sample.note);
        await new Promise((resolve) => setTimeout(resolve, pause));
      } while (this.#again && !this.#over);
    } finally {
      this.#drawing = false;
    }
  }

  #show(array: NDArray, step: number, note: string | undefined): void {
    if (!this.#view) {
      this.#view = new ArrayView();
      this.element.replaceChildren(this.#view.element);
    }
    this.#view.show(array, step, note);
  }

  #clear(): void {
    this.#view?.close();
    this.#view = undefined;
    this.element.replaceChildren();
  }
}

/** How many elements are read to draw a list that has these; 0 if it cannot be drawn. */
function sizeFor(entries: readonly Entry[]): number {
  if (entries.length < 2) return 0;
  try {
    const array = numbersIn(entries.map(({ text }) => plain(text.length < 20 * maxColumns ? read(text) : undefined)));
    if (array?.shape.length === 1) return maxNumbers;
    return array?.shape.length === 2 && array.shape[1]! <= maxColumns ? maxVectors : 0;
  } catch {
    return 0; // one that is no JSON
  }
}

function plain(value: unknown): unknown {
  return value instanceof NDArray && value.shape.length === 1 ? value.toArray() : value;
}
