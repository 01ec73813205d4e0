// Numbers one after the other, as a line.
import { h, say } from "./dom.js";
import { count, figure } from "./format.js";
import { keepDrawn, paletteOf, prepare, shareOf } from "./palette.js";
import { type Summary, summaryOf } from "./values.js";

const margin = { left: 56, right: 12, top: 10, bottom: 22 };

export class LinePlot {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #reading = h("output", { class: "reading" });
  readonly #stop: () => void;
  #numbers: ArrayLike<number> = [];
  #step = 1;
  #summary: Summary = summaryOf([]);
  #pointed = -1;

  constructor() {
    this.#canvas = h("canvas", {
      class: "plot",
      role: "img",
      pointermove: (event: PointerEvent) => this.#point(event.offsetX),
      pointerdown: (event: PointerEvent) => this.#point(event.offsetX),
      pointerleave: () => this.#point(-1),
    });
    this.element = h("figure", { class: "chart" }, this.#canvas, this.#reading);
    this.#stop = keepDrawn(this.#canvas, this.element, () => this.#draw());
  }

  /** Shows numbers, of which the k-th has the index k * step. */
  show(numbers: ArrayLike<number>, step: number): void {
    this.#numbers = numbers;
    this.#step = step;
    this.#summary = summaryOf(numbers);
    const { min, max, missing } = this.#summary;
    const gaps = missing > 0 ? `, ${count(missing)} are not finite` : "";
    this.#canvas.setAttribute("aria-label", `Line plot of ${count(numbers.length)} numbers from ${figure(min)} to ${figure(max)}${gaps}`);
    this.#draw();
  }

  close(): void {
    this.#stop();
  }

  #draw(): void {
    const { context, width, height } = prepare(this.#canvas);
    const { min, max } = this.#summary;
    if (width === 0 || !(max >= min)) return;
    const { first, second, text, line } = paletteOf(this.#canvas);
    const [low, high] = max > min ? [min, max] : [min - 1, max + 1];
    const [right, bottom] = [width - margin.right, height - margin.bottom];
    const last = Math.max(1, this.#numbers.length - 1);
    const x = (k: number) => margin.left + (k / last) * (right - margin.left);
    const y = (n: number) => bottom - shareOf(n, low, high) * (bottom - margin.top);

    context.strokeStyle = line;
    context.fillStyle = text;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const tick of ticksOf(low, high, Math.max(2, Math.floor(height / 45)))) {
      const at = Math.round(y(tick)) + 0.5;
      context.beginPath();
      context.moveTo(margin.left, at);
      context.lineTo(right, at);
      context.stroke();
      context.fillText(figure(tick), margin.left - 8, at);
    }
    context.textBaseline = "alphabetic";
    const places = ticksOf(0, last * this.#step, Math.max(2, Math.floor(width / 110))).filter(Number.isInteger);
    for (const tick of places) {
      const at = x(tick / this.#step);
      context.textAlign = at > right - 20 ? "right" : "center";
      context.fillText(count(tick), at, height - 6);
    }

    context.strokeStyle = context.fillStyle = first;
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    this.#trace(context, x, y);
    if (this.#pointed >= 0) {
      const n = this.#numbers[this.#pointed]!;
      context.fillStyle = context.strokeStyle = second;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x(this.#pointed), margin.top);
      context.lineTo(x(this.#pointed), bottom);
      context.stroke();
      if (Number.isFinite(n)) dot(context, x(this.#pointed), y(n), 3.5);
    }
  }

  /** Draws the line, broken where there is no number. Of many in one column the lowest and the highest are drawn. */
  #trace(context: CanvasRenderingContext2D, x: (k: number) => number, y: (n: number) => number): void {
    const numbers = this.#numbers;
    const column = Math.max(1, Math.floor(numbers.length / (2 * this.#canvas.clientWidth)));
    context.beginPath();
    let isBroken = true;
    for (let k = 0; k < numbers.length; k += column) {
      let [low, high] = [Infinity, -Infinity];
      for (let i = k; i < Math.min(k + column, numbers.length); i++) {
        const n = numbers[i]!;
        if (Number.isFinite(n)) [low, high] = [Math.min(low, n), Math.max(high, n)];
      }
      if (high < low) {
        isBroken = true;
        continue;
      }
      const isAlone = isBroken && column === 1 && !Number.isFinite(numbers[k + 1] ?? NaN);
      if (isAlone) dot(context, x(k), y(low), 1.5);
      if (isBroken) context.moveTo(x(k), y(low));
      else context.lineTo(x(k), y(low));
      if (high > low) context.lineTo(x(k), y(high));
      isBroken = false;
    }
    context.stroke();
    if (numbers.length <= 60) {
      for (let k = 0; k < numbers.length; k++) if (Number.isFinite(numbers[k])) dot(context, x(k), y(numbers[k]!), 2.5);
    }
  }

  #point(offset: number): void {
    const [from, to] = [margin.left, this.#canvas.clientWidth - margin.right];
    const share = (offset - from) / (to - from);
    const isInside = this.#numbers.length > 0 && share > -0.05 && share < 1.05;
    this.#pointed = isInside ? Math.round(Math.min(Math.max(share, 0), 1) * (this.#numbers.length - 1)) : -1;
    say(this.#reading, isInside ? `[${count(this.#pointed * this.#step)}] ${this.#numbers[this.#pointed]}` : "");
    this.#draw();
  }
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  const path = new Path2D();
  path.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill(path);
}

/** Round numbers between two, about so many. */
function ticksOf(low: number, high: number, about: number): number[] {
  const rough = high / about - low / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high && ticks.length < 100; k++) ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}
