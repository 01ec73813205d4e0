// An array of numbers, drawn: of one dimension as a line, of two as a heat map, of more as one of the maps in it.
import type { NDArray } from "../src/index.js";
import { fill, h, say } from "./dom.js";
import { count, figure } from "./format.js";
import { HeatMap } from "./heatmap.js";
import { LinePlot } from "./lineplot.js";
import { magnitudes, summaryOf } from "./values.js";

export class ArrayView {
  readonly element: HTMLElement;
  readonly #facts = h("p", { class: "facts" });
  readonly #choices = h("div", { class: "choices" });
  readonly #drawing = h("div");
  #chart: LinePlot | HeatMap | undefined;
  #array: NDArray | undefined;
  #step = 1;
  /** Which of the maps is shown: an index for each dimension but the last two. */
  #index: number[] = [];

  constructor() {
    this.element = h("section", { class: "card array", "aria-label": "Numbers" }, this.#facts, this.#choices, this.#drawing);
  }

  /**
   * Shows an array, of which the k-th row has the index k * step. Where it has the shape of the one before the same part
   * of it is shown.
   */
  show(array: NDArray, step = 1, note?: string): void {
    const shape = array.shape.join() === this.#array?.shape.join() ? undefined : array.shape;
    this.#array = array;
    this.#step = step;
    if (shape) this.#choose(shape);
    const { min, max, mean, missing } = summaryOf(magnitudes(array));
    const facts = [
      `${array.dtype} (${array.shape.join(", ")})`,
      `min ${figure(min)}`,
      `max ${figure(max)}`,
      `mean ${figure(mean)}`,
      missing > 0 && `${count(missing)} NaN`,
      step > 1 && `every ${step}th`,
      array.dtype.startsWith("complex") && "magnitudes",
      note,
    ];
    say(this.#facts, facts.filter((fact) => typeof fact === "string").join(" · "));
    this.#draw();
  }

  close(): void {
    this.#chart?.close();
  }

  #choose(shape: readonly number[]): void {
    const outer = shape.slice(0, -2);
    this.#index = outer.map((n, d) => Math.min(this.#index[d] ?? 0, n - 1));
    fill(
      this.#choices,
      ...outer.map((n, d) => {
        const [slider, number] = ["range", "number"].map((type) =>
          h("input", { type, min: 0, max: n - 1, value: this.#index[d]!, "aria-label": `Index of dimension ${d}`, input: (event: Event) => set(event) }),
        );
        const set = ({ target }: Event) => {
          const chosen = Math.round(Number((target as HTMLInputElement).value));
          if (!(chosen >= 0 && chosen < n)) return;
          this.#index[d] = chosen;
          for (const input of [slider!, number!]) if (input !== target) input.value = String(chosen);
          this.#draw();
        };
        return h("label", {}, `dim ${d}`, slider, number, `of ${n}`);
      }),
    );
    this.#choices.hidden = outer.length === 0;
  }

  #draw(): void {
    let part = this.#array!;
    for (const index of this.#index) part = part.row(index);
    const numbers = magnitudes(part);
    const [rows, columns] = part.shape;
    const wanted = columns === undefined ? LinePlot : HeatMap;
    if (!(this.#chart instanceof wanted)) {
      this.#chart?.close();
      this.#chart = new wanted();
      fill(this.#drawing, this.#chart.element);
    }
    if (this.#chart instanceof LinePlot) this.#chart.show(numbers, this.#step);
    else this.#chart.show(numbers, rows!, columns!, this.#step);
  }
}
