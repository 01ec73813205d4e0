// The top of what is open: how one came to it, what it is called, and what can be done with it.
import type { App } from "./app.js";
import { fill, h, say } from "./dom.js";
import { kindOf, nameOf } from "./names.js";
import { badge } from "./preview.js";
import type { Step } from "./route.js";

export interface Action {
  readonly label: string;
  /** The key that does it, for the tooltip. */
  readonly key?: string;
  readonly danger?: boolean;
  /** Why it cannot be done; undefined where it can. */
  readonly unable: string | undefined;
  readonly act: () => void;
}

export class Heading {
  readonly element: HTMLElement;
  readonly #badge = h("span");
  readonly #facts = h("p", { class: "facts" });
  readonly #actions = h("div", { class: "actions" });
  readonly #reason = h("p", { class: "reason", hidden: true });
  #shown = "";

  constructor(app: App, steps: readonly Step[]) {
    const key = steps.findLast((step) => step.key !== undefined)!.key!;
    const title = titleOf(steps.at(-1)!);
    const up = steps.slice(0, -1);
    this.element = h(
      "header",
      { class: "heading" },
      h(
        "nav",
        { class: "crumbs", "aria-label": "Path" },
        link(app, [], "All keys", "all"),
        ...up.flatMap((step, k) => [h("span", { "aria-hidden": "true" }, "›"), link(app, steps.slice(0, k + 1), titleOf(step))]),
        h("span", { "aria-hidden": "true" }, "›"),
        h("span", { "aria-current": "page" }, title),
      ),
      h("div", { class: "title" }, this.#badge, h("h1", { title: key }, title), this.#actions),
      this.#facts,
      this.#reason,
    );
  }

  /** Says what it is, in a line, and what can be done with it. */
  show(types: readonly string[], facts: readonly string[], actions: readonly Action[], reason: string | undefined): void {
    say(this.#facts, facts.filter((fact) => fact !== "").join(" · "));
    const shown = JSON.stringify([types, actions.map(({ label, unable }) => [label, unable]), reason]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    fill(this.#badge, ...types.map(badge));
    fill(
      this.#actions,
      ...actions.map(({ label, key, danger, unable, act }) =>
        h("button", { type: "button", class: danger ? "danger" : undefined, disabled: unable !== undefined, title: unable ?? (key ? `${label} (${key})` : undefined), click: act }, label),
      ),
    );
    this.#reason.hidden = reason === undefined;
    say(this.#reason, reason ?? "");
  }
}

/** A link within the page, which keeps what is searched for when it is followed. */
function link(app: App, steps: readonly Step[], text: string, name?: string): HTMLElement {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab
    event.preventDefault();
    app.open(steps);
  };
  return h("a", { href: app.link(steps), class: name, click: follow }, text);
}

/** What a step is called. */
export function titleOf(step: Step): string {
  return step.key !== undefined ? nameOf(step.key) || (kindOf(step.key) ?? "") || '""' : /^\d+$/.test(step.at) ? `[${step.at}]` : step.at || '""';
}
