// The rows of a table: those on screen are read, and again when they change.
import type { App } from "./app.js";
import { fill, h, say } from "./dom.js";
import { counted } from "./format.js";
import { type Changed, Reader, type Viewer } from "./live.js";
import { preview } from "./preview.js";
import { cells, Rows } from "./rows.js";
import type { Entry, Source } from "./sources.js";

export interface TableOptions {
  /** The key whose changes are told; what is no object's is read each second instead. */
  readonly key: string;
  readonly told: boolean;
  readonly label: string;
  onOpen(entry: Entry): void;
  onEdit?(entry: Entry): void;
  onRemove?(entry: Entry): void;
  /** Called after each read. */
  onRead?(total: number, entries: readonly Entry[], note: string | undefined): void;
}

/** A table that is kept as it is on the server, where it is on screen. */
export class Table implements Viewer {
  readonly element: HTMLElement;
  readonly #rows: Rows;
  readonly #empty = h("p", { class: "empty", hidden: true });
  readonly #problem = h("p", { class: "fault", role: "alert" });
  readonly #reader: Reader;
  readonly #stop: () => void;
  /** The entries that were read last, from `#start` on. */
  #entries: readonly Entry[] = [];
  #start = 0;
  #late = false;
  #spare = spare;
  /** The places whose texts were others before the last read. */
  #marked = new Set<string>();

  constructor(
    app: App,
    private readonly source: Source,
    private readonly options: TableOptions,
  ) {
    this.#rows = new Rows({
      role: "grid",
      label: options.label,
      draw: (row, index) => this.#draw(row, index),
      onWindow: (start, end, jumped) => {
        const isRead = start >= this.#start && end <= this.#start + this.#entries.length;
        if (!isRead) this.#reader.ask({ instead: jumped });
      },
      onOpen: (index) => this.#with(index, options.onOpen),
    });
    this.#rows.element.addEventListener("keydown", (event) => {
      if (event.key === "Delete") this.#with(this.#rows.active, options.onRemove);
    });
    this.#reader = new Reader(
      (signal) => this.#read(signal),
      (error) => fill(this.#problem, error instanceof Error ? error.message : String(error)),
    );
    this.element = h("div", { class: "table", "data-noun": source.noun }, this.#problem, this.#empty, this.#rows.element);
    this.#stop = app.live.add(this);
    this.#reader.ask();
  }

  changed(changed: Changed): void {
    if (changed.has(this.options.key)) this.#reader.ask();
  }

  tick(): void {
    if (!this.options.told || this.#late) this.#reader.ask();
  }

  /** Reads what is on screen again. */
  reread(): void {
    this.#reader.ask();
  }

  focus(): void {
    if (this.#rows.active < 0 && this.#rows.count > 0) this.#rows.activate(0);
    this.#rows.element.focus();
  }

  /** Edits the active row. */
  edit(): void {
    this.#with(this.#rows.active, this.options.onEdit);
  }

  close(): void {
    this.#stop();
    this.#reader.close();
  }

  /** Does something with the entry of a row, if that was read. */
  #with(index: number, act: ((entry: Entry) => void) | undefined): void {
    const entry = this.#entries[index - this.#start];
    if (entry) act?.(entry);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const [first, last] = this.#rows.window;
    const start = Math.max(0, first - this.#spare);
    const end = last > first ? last + this.#spare : firstRows;
    const page = await this.source.read(start, end, signal);
    signal.throwIfAborted();
    this.#mark(page.entries);
    this.#entries = page.entries;
    this.#start = start;
    this.#late = page.late ?? false;
    this.#spare = sum(page.entries.map(({ text }) => text.length)) > large ? 0 : spare;
    const isFirst = this.#rows.count === 0;
    this.#rows.count = page.total;
    this.#rows.redraw();
    this.#empty.hidden = page.total > 0;
    this.#rows.element.hidden = page.total === 0;
    fill(this.#empty, `There is no ${this.source.noun === "index" ? "element" : this.source.noun} here.`);
    fill(this.#problem);
    this.options.onRead?.(page.total, page.entries, page.note);
    if (isFirst && document.activeElement === this.#rows.element) this.focus();
  }

  #mark(entries: readonly Entry[]): void {
    const before = new Map(this.#entries.map(({ place, text }) => [place, text]));
    for (const { place, text } of entries) {
      if (before.has(place) && before.get(place) !== text) this.#marked.add(place);
    }
  }

  #draw(row: HTMLElement, index: number): void {
    const [place, value, tool] = cells(row, "place", "value", "tool") as [HTMLElement, HTMLElement, HTMLElement];
    const entry = this.#entries[index - this.#start];
    row.classList.toggle("unread", entry === undefined);
    if (!entry) {
      say(place, this.source.noun === "index" ? String(index) : "…");
      say(value, "");
      return;
    }
    say(place, entry.place);
    preview(value, entry.text, this.source.json);
    if (this.#marked.delete(entry.place)) flash(row);
    if (tool.childElementCount === 0 && this.options.onEdit) tool.append(this.#pencil(row));
  }

  #pencil(row: HTMLElement): HTMLElement {
    const edit = (event: Event) => {
      event.preventDefault(); // which would open the row
      this.#with(Number(row.dataset.index), this.options.onEdit);
    };
    return h("button", { type: "button", class: "icon", title: "Edit (e)", "aria-label": "Edit", tabindex: -1, click: edit }, "✎");
  }
}

/** How many rows are read before it is known how many there are, and beside those on screen. */
const firstRows = 40;
const spare = 16;
/** How long all texts that were read are together where no other rows are read than those on screen. */
const large = 1_000_000;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** Marks an element for a moment, anew where it is marked already. */
export function flash(element: HTMLElement): void {
  element.classList.remove("changed");
  void element.offsetWidth; // has the animation begin again
  element.classList.add("changed");
  element.addEventListener("animationend", () => element.classList.remove("changed"), { once: true });
}

/** What a table says of itself in a line. */
export function totalOf(total: number, noun: string): string {
  return counted(total, noun === "index" ? "element" : noun === "id" ? "entry" : noun);
}
