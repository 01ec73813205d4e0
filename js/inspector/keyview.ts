// A key that is open.
import type { App, View } from "./app.js";
import { addEntry, deleteKey, editEntry, expireKey, removeEntry, renameKey } from "./changes.js";
import { fill, h } from "./dom.js";
import { bytes, duration } from "./format.js";
import { type Action, Heading } from "./heading.js";
import { ListChart } from "./listchart.js";
import type { Changed, Viewer } from "./live.js";
import { kindOf, referenceIn } from "./names.js";
import { openTable } from "./open.js";
import { Rights } from "./rights.js";
import type { Step } from "./route.js";
import type { Entry, Source } from "./sources.js";
import { StringSource, StringView } from "./stringview.js";
import { Table, totalOf } from "./table.js";

export class KeyView implements View, Viewer {
  readonly element: HTMLElement;
  readonly #key: string;
  readonly #heading: Heading;
  readonly #body = h("div", { class: "content" });
  readonly #rights: Rights;
  readonly #stop: () => void;
  #type: string | undefined;
  #source: Source | undefined;
  #table: Table | undefined;
  #text: StringView | undefined;
  #chart: ListChart | undefined;
  #total: number | undefined;
  #note: string | undefined;
  #wantsFocus = false;
  #reading = false;
  #over = false;

  constructor(
    private readonly app: App,
    private readonly steps: readonly Step[],
  ) {
    this.#key = steps.at(-1)!.key!;
    this.#heading = new Heading(app, steps);
    this.#rights = new Rights(app, this.#key, () => this.#say());
    this.element = h("article", { class: "view" }, this.#heading.element, this.#body);
    this.#stop = app.live.add(this);
    void this.#look();
  }

  changed(changed: Changed): void {
    if (changed.has(this.#key)) void this.#look();
  }

  tick(): void {
    void this.#look();
  }

  focus(): void {
    const part = this.#table ?? this.#text;
    if (part) part.focus();
    else this.#wantsFocus = true;
  }

  edit(): void {
    if (this.#table) this.#table.edit();
    else if (this.#text && this.#stringFault === undefined) this.#editString();
  }

  close(): void {
    this.#over = true;
    this.#stop();
    this.#clear();
  }

  /** Looks what is there now. What is shown is made anew where that is of another type. */
  async #look(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      if (!this.app.keys.adapterOf(this.#key)) await this.app.facts.read([this.#key]);
    } catch {
      return; // what is read of it says why
    } finally {
      this.#reading = false;
    }
    if (this.#over) return;
    const type = kindOf(this.#key) ?? this.app.facts.get(this.#key)?.type ?? "none";
    if (type !== this.#type) {
      this.#type = type;
      this.#clear();
      this.#make(type);
    }
    this.#say();
  }

  #make(type: string): void {
    const { app } = this;
    this.#source = openTable(app.client, this.#key, type);
    this.#rights.ask(this.#source);
    if (this.#source) {
      const source = this.#source;
      const chart = (this.#chart = new ListChart(source));
      this.#table = new Table(app, source, {
        key: this.#key,
        told: kindOf(this.#key) !== undefined,
        label: this.#key,
        onOpen: (entry) => this.#open(entry),
        ...(source.set ? { onEdit: (entry: Entry) => this.#edit(entry) } : {}),
        onRemove: (entry) => this.#remove(entry),
        onRead: (total, entries, note) => {
          this.#total = total;
          this.#note = note;
          if (source.noun === "index") chart.update(entries);
          this.#say();
        },
      });
      fill(this.#body, chart.element, this.#table.element);
    } else if (type === "string") {
      this.#text = new StringView(app, this.#key);
      fill(this.#body, this.#text.element);
    } else {
      fill(this.#body, h("p", { class: "empty" }, type === "none" ? "There is nothing under this key." : `What is here is of the type ${type}, which is not shown.`));
    }
    if (this.#wantsFocus) this.focus();
    this.#wantsFocus = false;
  }

  #clear(): void {
    this.#table?.close();
    this.#text?.close();
    this.#chart?.close();
    this.#source = this.#table = this.#text = this.#chart = this.#total = this.#note = undefined;
  }

  #say(): void {
    const { app } = this;
    const type = this.#type;
    if (type === undefined) return;
    const adapter = app.keys.adapterOf(this.#key);
    const fact = adapter ? undefined : app.facts.get(this.#key);
    const isThere = fact?.type !== "none" && type !== "none";
    const ttl = fact?.ttl ?? -1;
    const facts = [
      this.#total !== undefined && this.#source ? totalOf(this.#total, this.#source.noun) : type === "string" && fact?.size !== undefined ? bytes(fact.size) : "",
      this.#note ?? "",
      ttl >= 0 ? `ends in ${duration(ttl / 1000)}` : "",
      adapter ? `shown by ${app.server.ownerOf(adapter) ?? "a program"}` : "",
      kindOf(this.#key) ? this.#key : "",
    ];
    this.#heading.show([type, ...(adapter ? ["adapter"] : [])], facts, isThere || adapter ? this.#actions(ttl) : [], this.#rights.reason);
  }

  #actions(ttl: number): Action[] {
    const { app } = this;
    const key = this.#key;
    const source = this.#source;
    const where = () => ({ app, source: source!, key, done: () => this.#table?.reread() });
    const size = source && this.#total !== undefined ? totalOf(this.#total, source.noun) : "a string";
    return [
      ...(source?.add ? [{ label: "Add", unable: this.#rights.fault("add"), act: () => addEntry(where()) }] : []),
      ...(this.#text ? [{ label: "Edit", key: "e", unable: this.#stringFault, act: () => this.#editString() }] : []),
      { label: "Expire", unable: this.#rights.fault("expire"), act: () => expireKey(app, key, ttl) },
      { label: "Rename", unable: this.#rights.fault("rename"), act: () => renameKey(app, key) },
      { label: "Delete", danger: true, unable: this.#rights.fault("delete"), act: () => deleteKey(app, key, size) },
    ];
  }

  get #stringFault(): string | undefined {
    return this.#rights.fault("set") ?? this.#text?.fault;
  }

  #open({ place, text }: Entry): void {
    const reference = this.#source?.json ? referenceIn(text) : undefined;
    this.app.open([...this.steps, reference === undefined ? { at: place } : { key: reference }]);
  }

  #edit({ place }: Entry): void {
    if (this.#rights.fault("set") !== undefined) return;
    void editEntry({ app: this.app, source: this.#source!, key: this.#key, done: () => this.#table?.reread() }, place);
  }

  #remove({ place, text }: Entry): void {
    if (!this.#source?.remove || this.#rights.fault("remove") !== undefined) return;
    removeEntry({ app: this.app, source: this.#source, key: this.#key, done: () => this.#table?.reread() }, place, text);
  }

  #editString(): void {
    void editEntry({ app: this.app, source: new StringSource(this.app.client, this.#key), key: this.#key, done: () => undefined }, "");
  }
}
