// A dialog that asks before something is changed.
import { fill, h } from "./dom.js";

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  /** A larger field, for texts of several lines. */
  readonly long?: boolean;
  /** What can be chosen, and nothing else. */
  readonly options?: readonly string[];
  /** Says what is wrong with a text. */
  readonly fault?: (text: string) => string | undefined;
  readonly hint?: string;
}

export interface Form {
  readonly title: string;
  readonly text?: string;
  readonly fields?: readonly Field[];
  /** What the button says. */
  readonly action: string;
  /** Something is lost by it. */
  readonly danger?: boolean;
  /** Does it; what it throws is shown, and the dialog stays. */
  readonly make: (values: Record<string, string>) => Promise<void>;
}

/** Shows a dialog until it is done or given up. */
export function ask(form: Form): void {
  const fields = (form.fields ?? []).map((field) => new FormField(field, () => say()));
  const problem = h("p", { class: "fault", role: "alert" });
  const submit = h("button", { class: form.danger ? "primary danger" : "primary", type: "submit" }, form.action);
  const dialog = h(
    "dialog",
    { class: "editor", "aria-label": form.title, close: () => dialog.remove() },
    h(
      "form",
      { submit: (event: Event) => void send(event), keydown: (event: KeyboardEvent) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && void send(event) },
      h("h2", {}, form.title),
      form.text !== undefined && h("p", { class: "quoted" }, form.text),
      ...fields.map(({ element }) => element),
      problem,
      h("div", { class: "buttons" }, h("button", { type: "button", click: () => dialog.close() }, "Cancel"), submit),
    ),
  );

  function say(): void {
    submit.disabled = fields.map((field) => field.check()).includes(false);
    fill(problem);
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    say();
    if (submit.disabled) return;
    submit.disabled = true;
    try {
      await form.make(Object.fromEntries(fields.map(({ field, text }) => [field.name, text])));
      dialog.close();
    } catch (error) {
      fill(problem, error instanceof Error ? error.message : String(error));
      submit.disabled = false;
    }
  }

  document.body.append(dialog);
  dialog.showModal();
  const first = fields[0]?.control;
  (first ?? (form.danger ? dialog.querySelector<HTMLElement>("button") : submit))?.focus();
  if (first instanceof HTMLInputElement || first instanceof HTMLTextAreaElement) first.setSelectionRange(first.value.length, first.value.length);
}

let controls = 0;

class FormField {
  readonly element: HTMLElement;
  readonly control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
  readonly #fault: HTMLElement;
  #touched = false;

  constructor(
    readonly field: Field,
    changed: () => void,
  ) {
    const id = `field-${++controls}`;
    const common = { id, name: field.name, "aria-describedby": `${id}-fault`, autocomplete: "off", spellcheck: "false", input: () => ((this.#touched = true), changed()) };
    if (field.options) {
      this.control = h("select", common, ...field.options.map((option) => h("option", {}, option)));
    } else {
      this.control = field.long ? h("textarea", { ...common, rows: 8 }) : h("input", { ...common, type: "text" });
      this.control.value = field.value ?? "";
    }
    this.#fault = h("p", { class: "fault", id: `${id}-fault`, "aria-live": "polite" });
    this.element = h("div", { class: "field" }, h("label", { for: id }, field.label), this.control, field.hint !== undefined && h("p", { class: "hint" }, field.hint), this.#fault);
  }

  get text(): string {
    return this.control.value;
  }

  /** Reports whether the text is right; what is wrong is said once it was changed. */
  check(): boolean {
    const fault = this.field.fault?.(this.text);
    fill(this.#fault, this.#touched && fault !== undefined ? fault : "");
    this.control.setAttribute("aria-invalid", String(this.#touched && fault !== undefined));
    return fault === undefined;
  }
}
