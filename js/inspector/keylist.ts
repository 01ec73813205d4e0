// The keys, at the side.
import type { App } from "./app.js";
import { newKey } from "./changes.js";
import { byID, fill, h, say } from "./dom.js";
import { bytes, count, counted, duration } from "./format.js";
import { maxKeys } from "./keys.js";
import { type Changed, Reader, type Viewer } from "./live.js";
import { kindOf, nameOf } from "./names.js";
import { cells, Rows } from "./rows.js";
import { filters, queryOf } from "./search.js";

/** How long a search waits for the next letter, in milliseconds. */
const pause = 120;
const maxGone = 1_000;

export class KeyList implements Viewer {
  readonly #rows: Rows;
  readonly #search = byID<HTMLInputElement>("search");
  readonly #filter = byID<HTMLSelectElement>("filter");
  readonly #found = byID("found");
  readonly #progress = byID("progress");
  readonly #reader: Reader;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #open: string | undefined;
  /** The key of the active row, which may be among others the next time, and whether it has to be scrolled to. */
  #active = "";
  #reveal = false;
  /** Keys of which there was nothing, so that it was looked which there are. */
  readonly #gone = new Set<string>();

  /** `searched` is called with what is searched for, to be kept in the URL. */
  constructor(
    private readonly app: App,
    private readonly searched: (search: string, filter: string) => void,
  ) {
    this.#rows = new Rows({
      role: "listbox",
      label: "Keys",
      draw: (row, index) => this.#draw(row, index),
      onWindow: () => this.#reader.ask(),
      onMove: (index) => (this.#active = app.keys.at(index) ?? ""),
      onOpen: (index) => this.#show(index),
    });
    byID("keys-list").append(this.#rows.element);
    fill(this.#filter, h("option", { value: "" }, "all types"), ...filters.map((filter) => h("option", { value: filter }, filter)));
    this.#reader = new Reader(
      (signal) => this.#read(signal),
      () => undefined, // what is open says that there is no connection
    );
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#begin(), pause);
    });
    this.#filter.addEventListener("change", () => this.#begin());
    this.#search.addEventListener("keydown", (event) => this.#key(event));
    byID("new-key").addEventListener("click", () => newKey(app));
    app.live.add(this);
  }

  /** Searches for what the URL has. */
  set(search: string, filter: string): void {
    this.#search.value = search;
    this.#filter.value = (filters as readonly string[]).includes(filter) ? filter : "";
    this.#begin();
  }

  /** Says which key is open. */
  mark(key: string | undefined): void {
    this.#open = key;
    if (key !== undefined && key !== this.#active) {
      this.#active = key;
      this.#reveal = true;
    }
    this.update();
  }

  focus(): void {
    if (this.#rows.active < 0) {
      this.#active = this.app.keys.at(0) ?? "";
      this.#reveal = true;
      this.update();
    }
    this.#rows.element.focus();
  }

  /** Shows the keys as they were found. */
  update(): void {
    const { keys } = this.app;
    this.#rows.count = keys.length;
    const active = keys.indexOf(this.#active);
    this.#rows.activate(active, { reveal: this.#reveal });
    if (active >= 0 && !keys.searching) this.#reveal = false;
    this.#rows.redraw();
    const more = keys.over ? ` — only ${count(maxKeys)} are shown: search for fewer` : "";
    say(this.#found, keys.error ? (keys.error instanceof Error ? keys.error.message : String(keys.error)) : `${counted(keys.length, "key")}${more}`);
    const total = this.app.server.keys ?? 0;
    this.#progress.hidden = !keys.searching || total === 0;
    this.#progress.style.transform = `scaleX(${Math.min(1, keys.looked / Math.max(1, total))})`;
    this.#reader.ask();
  }

  changed(changed: Changed): void {
    const { facts, keys } = this.app;
    keys.note(changed.keys);
    for (const key of this.#shown()) if (keys.isAdapter(key) && changed.has(key)) facts.forget(key);
  }

  tick(): void {
    const { facts, keys } = this.app;
    const gone = this.#shown().filter((key) => facts.get(key)?.type === "none" && !keys.isAdapter(key) && !this.#gone.has(key));
    if (gone.length > 0) keys.expire();
    if (this.#gone.size > maxGone) this.#gone.clear();
    for (const key of gone) this.#gone.add(key);
    keys.tick();
    this.#reader.ask();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.app.keys.search(queryOf(this.#search.value, this.#filter.value));
    this.searched(this.#search.value, this.#filter.value);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Enter" && this.#rows.count > 0) {
      this.#show(Math.max(0, this.#rows.active));
    } else if (event.key === "ArrowDown") {
      this.focus();
    } else if (event.key === "Escape" && this.#search.value !== "") {
      this.set("", this.#filter.value);
      event.stopPropagation(); // of which nothing else is to go back
    } else {
      return;
    }
    event.preventDefault();
  }

  #show(index: number): void {
    const key = this.app.keys.at(index);
    if (key !== undefined) this.app.open([{ key }]);
  }

  #shown(): string[] {
    const [start, end] = this.#rows.window;
    return Array.from({ length: end - start }, (_, k) => this.app.keys.at(start + k)).filter((key) => key !== undefined);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { facts, keys } = this.app;
    const [adapters, stored] = [true, false].map((is) => this.#shown().filter((key) => keys.isAdapter(key) === is)) as [string[], string[]];
    for (const key of adapters) {
      if (!facts.get(key)) void facts.readAdapter(key).then(() => this.#rows.redraw(), () => undefined);
    }
    await facts.read(stored, signal);
    this.#rows.redraw();
  }

  #draw(row: HTMLElement, index: number): void {
    const key = this.app.keys.at(index);
    if (key === undefined) return;
    const { facts, keys } = this.app;
    const fact = facts.get(key);
    const isAdapter = keys.isAdapter(key);
    const type = kindOf(key) ?? (fact && fact.type !== "none" ? fact.type : "");
    const [badge, name, size] = cells(row, "badge", "name", "size") as [HTMLElement, HTMLElement, HTMLElement];
    badge.dataset.type = type;
    say(badge, type || "…");
    badge.classList.toggle("adapter", isAdapter);
    say(name, nameOf(key) || '""');
    if (row.title !== key) row.title = key;
    row.classList.toggle("gone", fact?.type === "none" && !isAdapter);
    row.classList.toggle("open", key === this.#open);
    const end = fact && fact.ttl >= 0 ? `${duration(fact.ttl / 1000)} · ` : "";
    const amount = fact?.size === undefined ? "" : type === "string" ? bytes(fact.size) : type === "Segments" ? counted(fact.size, "piece") : count(fact.size);
    say(size, `${end}${isAdapter ? "adapter · " : ""}${amount}`);
  }
}
