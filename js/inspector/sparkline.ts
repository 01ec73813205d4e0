// How something was over the last minutes, in one or two lines.
import { h, say } from "./dom.js";
import { duration } from "./format.js";
import { keepDrawn, paletteOf, prepare } from "./palette.js";

export interface Point {
  readonly time: number;
  readonly values: readonly number[];
}

/** What time is shown at least, in milliseconds. */
const shortest = 60_000;

/** A card with a title, what is now, and a line for each value. */
export class Sparkline {
  readonly element: HTMLElement;
  readonly #canvas = h("canvas", { class: "spark", role: "img" });
  readonly #now = h("p", { class: "now" });
  readonly #stop: () => void;
  #points: readonly Point[] = [];

  /** `names` are those of the lines; write writes a value with its unit. */
  constructor(
    private readonly title: string,
    names: readonly string[],
    private readonly write: (value: number) => string,
  ) {
    const legend = names.map((name, k) => h("span", { class: `line-${k}` }, name));
    this.element = h("section", { class: "card", "aria-label": title }, h("h2", {}, title, h("span", { class: "legend-names" }, ...legend)), this.#now, this.#canvas);
    this.#stop = keepDrawn(this.#canvas, this.element, () => this.#draw());
  }

  show(points: readonly Point[]): void {
    this.#points = points;
    const now = points.at(-1)?.values.map(this.write).join(" · ") ?? "…";
    say(this.#now, now);
    this.#canvas.setAttribute("aria-label", `${this.title} over the last five minutes; now ${now}`);
    this.#draw();
  }

  close(): void {
    this.#stop();
  }

  #draw(): void {
    const { context, width, height } = prepare(this.#canvas);
    const { first, second, text, line } = paletteOf(this.#canvas);
    const high = Math.max(...this.#points.flatMap(({ values }) => values), 0);
    const end = this.#points.at(-1)?.time ?? 0;
    const span = Math.max(shortest, end - (this.#points[0]?.time ?? 0));
    const x = (time: number) => width - ((end - time) / span) * width;
    const y = (value: number) => height - 2 - (high > 0 ? (value / high) * (height - 16) : 0);

    context.strokeStyle = line;
    context.beginPath();
    context.moveTo(0, height - 1.5);
    context.lineTo(width, height - 1.5);
    context.stroke();
    context.fillStyle = text;
    context.textBaseline = "top";
    context.textAlign = "left";
    if (high > 0) context.fillText(this.write(high), 0, 0);
    context.textAlign = "right";
    context.fillText(`last ${duration(Math.round(span / 5000) * 5)}`, width, 0);
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    for (const [k, color] of [first, second].entries()) {
      const points = this.#points.filter(({ values }) => values[k] !== undefined);
      if (points.length === 0) continue;
      context.beginPath();
      for (const { time, values } of points) context.lineTo(x(time), y(values[k]!));
      context.strokeStyle = context.fillStyle = color;
      context.stroke();
      if (k > 0) continue;
      context.lineTo(x(end), height - 2);
      context.lineTo(x(points[0]!.time), height - 2);
      context.globalAlpha = 0.12;
      context.fill();
      context.globalAlpha = 1;
    }
  }
}
