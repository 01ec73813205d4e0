// A table of numbers as colours.
import { fill, h, say } from "./dom.js";
import { count, figure } from "./format.js";
import { heatOf, keepDrawn, paletteOf, prepare, shareOf } from "./palette.js";
import { summaryOf } from "./values.js";

/** How many rows and columns are drawn; of more every second, third, … */
const maxSide = 1_024;
/** How high a map may be, and how large a cell, in pixels. */
const maxHeight = 340;
const maxCell = 36;

export class HeatMap {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #bar = h("canvas", { class: "legend", "aria-hidden": "true" });
  readonly #low = h("span");
  readonly #high = h("span");
  readonly #missing = h("span", { class: "missing" });
  readonly #reading = h("output", { class: "reading" });
  readonly #stops: (() => void)[];
  #numbers: ArrayLike<number> = [];
  #rows = 0;
  #columns = 0;
  #step = 1;
  #range: [low: number, high: number] = [0, 1];
  #image: OffscreenCanvas | undefined;

  constructor() {
    this.#canvas = h("canvas", {
      class: "heat",
      role: "img",
      pointermove: (event: PointerEvent) => this.#point(event),
      pointerdown: (event: PointerEvent) => this.#point(event),
      pointerleave: () => say(this.#reading, ""),
    });
    const legend = h("figcaption", {}, this.#low, this.#bar, this.#high, this.#missing);
    this.element = h("figure", { class: "chart" }, this.#canvas, legend, this.#reading);
    this.#stops = [keepDrawn(this.#canvas, this.element, () => this.#draw()), keepDrawn(this.#bar, this.element, () => this.#drawBar())];
  }

  /** Shows numbers in rows, one after the other, of which the k-th has the index k * step. */
  show(numbers: ArrayLike<number>, rows: number, columns: number, step: number): void {
    const { min, max, missing } = summaryOf(numbers);
    this.#numbers = numbers;
    this.#rows = rows;
    this.#columns = columns;
    this.#step = step;
    this.#range = max >= min ? [min, max] : [0, 0];
    this.#image = this.#paint();
    say(this.#low, figure(this.#range[0]));
    say(this.#high, figure(this.#range[1]));
    fill(this.#missing, missing > 0 && `${count(missing)} not finite`);
    this.#missing.hidden = missing === 0;
    const size = `${count(rows)} × ${count(columns)} numbers`;
    this.#canvas.setAttribute("aria-label", `Heat map of ${size} from ${figure(min)} to ${figure(max)}, ${count(missing)} of them not finite`);
    this.#draw();
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #paint(): OffscreenCanvas | undefined {
    if (this.#rows === 0 || this.#columns === 0) return undefined;
    const [down, across] = [Math.ceil(this.#rows / maxSide), Math.ceil(this.#columns / maxSide)];
    const [height, width] = [Math.ceil(this.#rows / down), Math.ceil(this.#columns / across)];
    const pixels = new ImageData(width, height);
    const [low, high] = this.#range;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const n = this.#numbers[row * down * this.#columns + column * across]!;
        if (!Number.isFinite(n)) continue; // what is behind shows through
        const [red, green, blue] = heatOf(shareOf(n, low, high));
        pixels.data.set([red, green, blue, 255], 4 * (row * width + column));
      }
    }
    const image = new OffscreenCanvas(width, height);
    image.getContext("2d")!.putImageData(pixels, 0, 0);
    return image;
  }

  #draw(): void {
    if (!this.#image) return;
    const space = this.element.clientWidth;
    let [across, down] = [Math.min(maxCell, space / this.#columns), Math.min(maxCell, maxHeight / this.#rows)];
    if (Math.max(across, down) < 3 * Math.min(across, down)) across = down = Math.min(across, down);
    this.#canvas.style.width = `${Math.max(1, across * this.#columns)}px`;
    this.#canvas.style.height = `${Math.max(1, down * this.#rows)}px`;
    const { context, width, height } = prepare(this.#canvas);
    const { line } = paletteOf(this.#canvas);
    context.strokeStyle = line; // hatched, where there is no number
    for (let x = -height; x < width; x += 6) {
      context.beginPath();
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
      context.stroke();
    }
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#image, 0, 0, width, height);
  }

  #drawBar(): void {
    const { context, width, height } = prepare(this.#bar);
    for (let x = 0; x < width; x++) {
      context.fillStyle = `rgb(${heatOf(x / Math.max(1, width - 1)).join()})`;
      context.fillRect(x, 0, 1, height);
    }
  }

  #point({ offsetX, offsetY }: PointerEvent): void {
    const row = Math.floor((offsetY / this.#canvas.clientHeight) * this.#rows);
    const column = Math.floor((offsetX / this.#canvas.clientWidth) * this.#columns);
    const isInside = row >= 0 && row < this.#rows && column >= 0 && column < this.#columns;
    say(this.#reading, isInside ? `[${row * this.#step}, ${column}] ${this.#numbers[row * this.#columns + column]}` : "");
  }
}
