// One entry that is open, or a value inside it.
import type { App, View } from "./app.js";
import { editEntry, removeEntry } from "./changes.js";
import { fill, h } from "./dom.js";
import { type Action, Heading } from "./heading.js";
import { type Changed, Reader, type Viewer } from "./live.js";
import { kindOf, referenceIn } from "./names.js";
import { inside } from "./nested.js";
import { openTable } from "./open.js";
import { Rights } from "./rights.js";
import type { Step } from "./route.js";
import type { Entry, Source } from "./sources.js";
import { flash } from "./table.js";
import { ValueView } from "./valueview.js";
import { read } from "./values.js";

export class EntryView implements View, Viewer {
  readonly element: HTMLElement;
  readonly #key: string;
  /** The place of the entry, and of what is shown in it. */
  readonly #places: readonly string[];
  readonly #heading: Heading;
  readonly #problem = h("p", { class: "fault", role: "alert" });
  readonly #empty = h("p", { class: "empty", hidden: true });
  readonly #value: ValueView;
  readonly #rights: Rights;
  readonly #reader: Reader;
  readonly #stop: () => void;
  #source: Source | undefined;
  #text: string | null | undefined;

  constructor(
    private readonly app: App,
    private readonly steps: readonly Step[],
  ) {
    const keyAt = steps.findLastIndex((step) => step.key !== undefined);
    this.#key = steps[keyAt]!.key!;
    this.#places = steps.slice(keyAt + 1).map((step) => step.at!);
    this.#heading = new Heading(app, steps);
    this.#rights = new Rights(app, this.#key, () => this.#say());
    this.#value = new ValueView(app, this.#places.join(" › "), (entry) => this.#open(entry));
    this.element = h("article", { class: "view" }, this.#heading.element, h("div", { class: "content" }, this.#problem, this.#empty, this.#value.element));
    this.#reader = new Reader(
      () => this.#read(),
      (error) => fill(this.#problem, error instanceof Error ? error.message : String(error)),
    );
    this.#stop = app.live.add(this);
    this.#reader.ask();
  }

  changed(changed: Changed): void {
    if (changed.has(this.#key)) this.#reader.ask();
  }

  tick(): void {
    if (kindOf(this.#key) === undefined || this.#source === undefined) this.#reader.ask();
    else this.#say();
  }

  focus(): void {
    this.#value.focus();
  }

  edit(): void {
    if (this.#source?.set && this.#rights.fault("set") === undefined) void editEntry(this.#where(), this.#places[0]!);
  }

  close(): void {
    this.#stop();
    this.#reader.close();
    this.#value.close();
  }

  async #read(): Promise<void> {
    if (!this.#source) {
      if (!kindOf(this.#key)) await this.app.facts.read([this.#key]);
      this.#source = openTable(this.app.client, this.#key, this.app.facts.get(this.#key)?.type ?? "none");
      if (this.#source) this.#rights.ask(this.#source);
    }
    const [place, ...deeper] = this.#places as [string, ...string[]];
    const text = (await this.#source?.one(place)) ?? null;
    const before = this.#text;
    this.#text = text;
    fill(this.#problem);
    if (text === before) return;
    this.#show(text, deeper);
    if (before !== undefined) flash(this.#value.element);
    this.#say();
  }

  #show(text: string | null, deeper: readonly string[]): void {
    const value = text !== null && deeper.length > 0 ? deeper.reduce(inside, valueIn(text)) : text;
    const isThere = value !== undefined && value !== null || (deeper.length > 0 && value === null);
    this.#empty.hidden = isThere;
    this.#value.element.hidden = !isThere;
    fill(this.#empty, "There is nothing at this place.");
    if (!isThere) return;
    if (deeper.length === 0) this.#value.showText(text!);
    else this.#value.showValue(value);
  }

  #say(): void {
    const source = this.#source;
    const kind = kindOf(this.#key);
    const type = kind ?? this.app.facts.get(this.#key)?.type ?? "none";
    const where = `${source?.noun ?? "place"} of ${this.#key}`;
    const adapter = this.app.keys.adapterOf(this.#key);
    this.#heading.show([type, ...(adapter ? ["adapter"] : [])], [where], source && this.#text != null ? this.#actions(source) : [], this.#rights.reason);
  }

  #actions(source: Source): Action[] {
    const [place] = this.#places as [string];
    const reference = source.json && this.#text ? referenceIn(this.#text) : undefined;
    return [
      ...(reference !== undefined ? [{ label: "Open", unable: undefined, act: () => this.app.open([...this.steps, { key: reference }]) }] : []),
      ...(source.set ? [{ label: "Edit", key: "e", unable: this.#rights.fault("set"), act: () => this.edit() }] : []),
      ...(source.remove ? [{ label: "Delete", danger: true, unable: this.#rights.fault("remove"), act: () => removeEntry(this.#where(), place, this.#text!) }] : []),
    ];
  }

  #where() {
    return { app: this.app, source: this.#source!, key: this.#key, done: () => this.#reader.ask() };
  }

  #open({ place, text }: Entry): void {
    const reference = referenceIn(text);
    this.app.open([...this.steps, reference === undefined ? { at: place } : { key: reference }]);
  }
}

/** The value of a text, which may be no JSON. */
function valueIn(text: string): unknown {
  try {
    return read(text);
  } catch {
    return text;
  }
}
