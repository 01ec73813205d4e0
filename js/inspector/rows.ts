// A list of any length, of which only the rows on screen are elements of the page.
import { fill, h } from "./dom.js";

export interface RowsOptions {
  role: "listbox" | "grid";
  label: string;
  /** Fills the element of a row with what is known of it now. */
  draw(row: HTMLElement, index: number): void;
  /** Called when other rows are on screen, or after a resize. */
  onWindow(start: number, end: number, jumped: boolean): void;
  onOpen(index: number): void;
  /** Called when another row is the active one. */
  onMove?(index: number): void;
}

/** How high an element may be for every browser; what is higher is scrolled by a rule of three. */
const maxHeight = 8_000_000;
/** Rows beyond those on screen, so that a slow scroll never shows a gap. */
const spare = 4;

let lists = 0;

/**
 * The rows are those of a list or table of `count`. One is active: by the arrow keys, Home and End it moves, and Enter
 * opens it. Elements of rows are made once and are filled again by `draw`.
 */
export class Rows {
  readonly element: HTMLElement;

  readonly #options: RowsOptions;
  readonly #id = `rows-${++lists}`;
  readonly #space: HTMLElement;
  readonly #drawn = new Map<number, HTMLElement>();
  #count = 0;
  #active = -1;
  #rowHeight = 30;
  #height = 0;
  /** How far the first row lies above the screen, and what the browser says of it. */
  #offset = 0;
  #top = 0;
  #window = [-1, -1];
  #frame = 0;
  #jumped = false;

  constructor(options: RowsOptions) {
    this.#options = options;
    this.#space = h("div", { class: "space", role: "presentation" });
    this.element = h(
      "div",
      {
        class: "rows",
        role: options.role,
        "aria-label": options.label,
        tabindex: 0,
        scroll: () => this.#scrolled(),
        scrollend: () => this.#settle(),
        keydown: (event: KeyboardEvent) => this.#key(event),
        click: (event: MouseEvent) => this.#click(event),
      },
      this.#space,
    );
    new ResizeObserver(() => this.#resized()).observe(this.element);
  }

  get count(): number {
    return this.#count;
  }

  set count(n: number) {
    if (n === this.#count) return;
    this.#count = n;
    if (this.#options.role === "grid") this.element.setAttribute("aria-rowcount", String(n));
    if (this.#active >= n) this.#active = n - 1;
    this.#space.style.height = `${this.#spaceHeight}px`;
    this.#offset = Math.min(this.#offset, this.#maxOffset);
    this.#settle();
    this.redraw();
  }

  /** The active row; -1 for none. */
  get active(): number {
    return this.#active;
  }

  /** Makes a row the active one, and with `reveal` scrolls to it. */
  activate(index: number, { reveal = true }: { reveal?: boolean } = {}): void {
    this.#active = index;
    if (index >= 0 && reveal) this.#reveal(index);
    this.redraw();
  }

  /** Fills the rows on screen again, in the next frame. */
  redraw(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** The rows that are on screen. */
  get window(): readonly [start: number, end: number] {
    return [Math.max(0, this.#window[0]!), Math.max(0, this.#window[1]!)];
  }

  /** The element of a row that is on screen. */
  row(index: number): HTMLElement | undefined {
    return this.#drawn.get(index);
  }

  get #total(): number {
    return this.#count * this.#rowHeight;
  }

  get #spaceHeight(): number {
    return Math.min(this.#total, maxHeight);
  }

  get #maxOffset(): number {
    return Math.max(0, this.#total - this.#height);
  }

  get #maxTop(): number {
    return Math.max(0, this.#spaceHeight - this.#height);
  }

  #resized(): void {
    const { clientHeight } = this.element;
    const rowHeight = parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 30;
    if (clientHeight === this.#height && rowHeight === this.#rowHeight) return;
    const first = this.#offset / this.#rowHeight;
    this.#height = clientHeight;
    this.#rowHeight = rowHeight;
    this.#space.style.height = `${this.#spaceHeight}px`;
    this.#offset = Math.min(first * rowHeight, this.#maxOffset);
    this.#settle();
    this.redraw();
  }

  // In a list that is too high a step is of the same size if it is too small to come from the scroll bar, which moves by a
  // pixel at least; any other is a jump to the same share of it.
  #scrolled(): void {
    const top = this.element.scrollTop;
    const step = top - this.#top;
    this.#top = top;
    if (step === 0) return;
    if (this.#total <= maxHeight) this.#offset = top;
    else if (top <= 0) this.#offset = 0;
    else if (top >= this.#maxTop) this.#offset = this.#maxOffset;
    else if (Math.abs(step) < this.#spaceHeight / this.#height) this.#offset = Math.min(Math.max(this.#offset + step, 0), this.#maxOffset);
    else this.#offset = (top / this.#maxTop) * this.#maxOffset;
    this.#jumped ||= Math.abs(step) > this.#height;
    this.redraw();
  }

  /** Puts the scroll bar where the rows are. */
  #settle(): void {
    const share = this.#maxOffset > 0 ? this.#offset / this.#maxOffset : 0;
    const top = this.#total <= maxHeight ? this.#offset : share * this.#maxTop;
    if (Math.abs(this.element.scrollTop - top) >= 1) this.element.scrollTop = top;
    this.#top = this.element.scrollTop;
    this.redraw();
  }

  #reveal(index: number): void {
    const top = index * this.#rowHeight;
    const least = top + this.#rowHeight - this.#height;
    const before = this.#offset;
    const isFar = top < before - this.#height || least > before + this.#height;
    const wanted = isFar ? (top + least) / 2 : Math.min(Math.max(before, least), top);
    this.#offset = Math.min(Math.max(wanted, 0), this.#maxOffset);
    this.#jumped ||= isFar;
    this.#settle();
  }

  #draw(): void {
    this.#frame = 0;
    if (this.#height === 0) return;
    const start = Math.max(0, Math.floor(this.#offset / this.#rowHeight) - spare);
    const end = Math.min(this.#count, Math.ceil((this.#offset + this.#height) / this.#rowHeight) + spare);
    for (const [index, row] of this.#drawn) {
      if (index >= start && index < end) continue;
      row.remove();
      this.#drawn.delete(index);
    }
    for (let index = start; index < end; index++) this.#drawRow(index);
    if (this.#active >= start && this.#active < end) this.element.setAttribute("aria-activedescendant", `${this.#id}-${this.#active}`);
    else this.element.removeAttribute("aria-activedescendant");
    if (start !== this.#window[0] || end !== this.#window[1]) {
      this.#window = [start, end];
      this.#options.onWindow(start, end, this.#jumped);
      this.#jumped = false;
    }
  }

  #drawRow(index: number): void {
    const { role } = this.#options;
    let row = this.#drawn.get(index);
    if (!row) {
      row = h("div", { class: "row", id: `${this.#id}-${index}`, role: role === "grid" ? "row" : "option" });
      if (role === "grid") row.setAttribute("aria-rowindex", String(index + 1));
      row.dataset.index = String(index);
      this.#drawn.set(index, row);
      this.#space.append(row);
    }
    if (role === "listbox") {
      row.setAttribute("aria-setsize", String(this.#count));
      row.setAttribute("aria-posinset", String(index + 1));
    }
    row.style.transform = `translateY(${this.#top + index * this.#rowHeight - this.#offset}px)`;
    row.setAttribute("aria-selected", String(index === this.#active));
    this.#options.draw(row, index);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || this.#count === 0) return;
    const screen = Math.max(1, Math.floor(this.#height / this.#rowHeight) - 1);
    const moves: Record<string, number> = {
      ArrowUp: this.#active - 1,
      ArrowDown: this.#active + 1,
      PageUp: this.#active - screen,
      PageDown: this.#active + screen,
      Home: 0,
      End: this.#count - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      this.activate(Math.min(Math.max(to, 0), this.#count - 1));
      this.#options.onMove?.(this.#active);
    } else if (event.key === "Enter" && this.#active >= 0) {
      this.#options.onOpen(this.#active);
    } else {
      return;
    }
    event.preventDefault();
  }

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>(".row");
    if (!row || event.defaultPrevented || getSelection()?.type === "Range") return;
    this.activate(Number(row.dataset.index));
    this.#options.onMove?.(this.#active);
    this.#options.onOpen(this.#active);
  }
}

/** The parts of a row, which are made where they are not there yet. */
export function cells(row: HTMLElement, ...classes: string[]): HTMLElement[] {
  if (row.childElementCount !== classes.length) {
    const role = row.getAttribute("role") === "row" ? "gridcell" : undefined;
    fill(row, ...classes.map((name) => h("span", { class: name, role })));
  }
  return [...row.children] as HTMLElement[];
}
