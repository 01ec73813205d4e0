// One value at length: drawn where it is numbers, its parts as a table, or as text.
import type { App } from "./app.js";
import { ArrayView } from "./arrayview.js";
import { fill, h } from "./dom.js";
import { isContainer, NestedSource } from "./nested.js";
import { pretty } from "./preview.js";
import type { Entry } from "./sources.js";
import { Table } from "./table.js";
import { numbersIn, read, textOf } from "./values.js";

type Mode = "Parts" | "JSON" | "Text";

/** Shows values one after the other, as somewhere one is replaced by the next. */
export class ValueView {
  readonly element = h("div", { class: "value-view" });
  readonly #modes = h("div", { class: "modes", role: "group", "aria-label": "How it is shown" });
  readonly #body = h("div", { class: "body" });
  readonly #chart = h("div");
  #mode: Mode | undefined;
  #offered = "";
  #text: string | undefined;
  #array: ArrayView | undefined;
  #table: Table | undefined;
  #parts: NestedSource | undefined;

  /** `label` names what is shown; onOpen opens a part of it. */
  constructor(
    private readonly app: App,
    private readonly label: string,
    private readonly onOpen: ((entry: Entry) => void) | undefined,
  ) {
    fill(this.element, this.#chart, this.#modes, this.#body);
  }

  /** Shows a text, as JSON if it is some. */
  showText(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    let value: unknown;
    let isJSON = true;
    try {
      value = read(text);
    } catch {
      isJSON = false;
    }
    this.#show(text, value, isJSON);
  }

  /** Shows a value that is part of what is stored. */
  showValue(value: unknown): void {
    const text = textOf(value);
    if (text === this.#text) return;
    this.#text = text;
    this.#show(text, value, true);
  }

  focus(): void {
    if (this.#table) this.#table.focus();
    else this.#body.querySelector("pre")?.focus();
  }

  close(): void {
    this.#array?.close();
    this.#table?.close();
  }

  #show(text: string, value: unknown, isJSON: boolean): void {
    const numbers = numbersIn(value);
    if (numbers) {
      if (!this.#array) fill(this.#chart, (this.#array = new ArrayView()).element);
      this.#array.show(numbers);
    } else {
      this.#array?.close();
      this.#array = undefined;
      fill(this.#chart);
    }
    const isNested = isContainer(value);
    const modes: Mode[] = isJSON ? (isNested ? ["Parts", "JSON", "Text"] : ["JSON"]) : ["Text"];
    if (!this.onOpen && isNested) modes.shift();
    const mode = this.#mode && modes.includes(this.#mode) ? this.#mode : modes[0]!;
    this.#offer(modes, mode, () => this.#show(text, value, isJSON));
    if (mode === "Parts" && isContainer(value)) {
      this.#showParts(value);
    } else {
      this.#table?.close();
      this.#table = this.#parts = undefined;
      const shown = mode === "JSON" ? pretty(text) : h("pre", { class: "text" }, text);
      shown.tabIndex = 0;
      fill(this.#body, shown);
    }
  }

  #showParts(value: ConstructorParameters<typeof NestedSource>[0]): void {
    if (this.#parts && this.#table) {
      this.#parts.value = value;
      this.#table.reread();
      return;
    }
    this.#parts = new NestedSource(value);
    this.#table = new Table(this.app, this.#parts, { key: "", told: true, label: this.label, onOpen: this.onOpen! });
    fill(this.#body, this.#table.element);
  }

  #offer(modes: readonly Mode[], chosen: Mode, show: () => void): void {
    const offered = `${modes.join()} ${chosen}`;
    this.#modes.hidden = modes.length < 2;
    if (offered === this.#offered) return;
    this.#offered = offered;
    const choose = (mode: Mode) => () => {
      this.#mode = mode;
      show();
    };
    fill(this.#modes, ...modes.map((mode) => h("button", { type: "button", "aria-pressed": String(mode === chosen), click: choose(mode) }, mode)));
  }
}
