// The colours of the style sheet, for what is drawn on a canvas.

export interface Palette {
  readonly first: string;
  readonly second: string;
  readonly text: string;
  readonly line: string;
}

/** Reads the colours of the theme that holds for a canvas: its class gives it each of them as some property. */
export function paletteOf(canvas: HTMLCanvasElement): Palette {
  const style = getComputedStyle(canvas);
  return { first: style.color, second: style.outlineColor, text: style.borderTopColor, line: style.borderBottomColor };
}

/** Prepares a canvas for drawing in CSS pixels, as large as it is on screen, and clears it. */
export function prepare(canvas: HTMLCanvasElement): { context: CanvasRenderingContext2D; width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  return { context, width, height };
}

const canvases = new Map<HTMLCanvasElement, () => void>();

/** Draws a canvas whenever the size of what it is in changes, or the theme, until what is returned is called. */
export function keepDrawn(canvas: HTMLCanvasElement, box: HTMLElement, draw: () => void): () => void {
  const observer = new ResizeObserver(draw);
  observer.observe(box);
  canvases.set(canvas, draw);
  return () => {
    observer.disconnect();
    canvases.delete(canvas);
  };
}

/** Draws all canvases again, in the colours of another theme. */
export function redrawAll(): void {
  for (const draw of canvases.values()) draw();
}

/** The colours of a heat map, from the lowest value to the highest: as light as they are high, for every eye. */
const stops: readonly (readonly [number, number, number])[] = [
  [38, 18, 74],
  [66, 55, 135],
  [48, 106, 152],
  [30, 150, 142],
  [92, 189, 103],
  [190, 215, 70],
  [252, 232, 92],
];

/** How far a number is on the way from one to another, also where what lies between these is more than a number can be. */
export function shareOf(n: number, low: number, high: number): number {
  const range = high - low;
  if (range === Infinity) return shareOf(n / 2, low / 2, high / 2);
  return range > 0 ? (n - low) / range : 0.5;
}

/** The colour of a share from 0 to 1. */
export function heatOf(share: number): readonly [red: number, green: number, blue: number] {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const k = Math.min(Math.floor(at), stops.length - 2);
  const [low, high] = [stops[k]!, stops[k + 1]!];
  const mix = (c: 0 | 1 | 2) => Math.round(low[c] + (high[c] - low[c]) * (at - k));
  return [mix(0), mix(1), mix(2)];
}
