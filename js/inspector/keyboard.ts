// What keys do, wherever the focus is.
import { h, takesText } from "./dom.js";

export interface Shortcuts {
  search(): void;
  edit(): void;
  back(): void;
}

const help: [keys: string, what: string][] = [
  ["/", "search for keys"],
  ["↑ ↓ PgUp PgDn Home End", "move in a list"],
  ["Enter", "open what is marked"],
  ["e", "edit what is marked or open"],
  ["Delete", "delete the marked element, field or member"],
  ["Esc", "go back"],
  ["Ctrl Enter", "save what is edited"],
  ["?", "show this"],
];

export function startKeyboard(shortcuts: Shortcuts): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") shortcuts.back();
    else if (takesText(event.target)) return;
    else if (event.key === "/") shortcuts.search();
    else if (event.key === "e") shortcuts.edit();
    else if (event.key === "?") showHelp();
    else return;
    event.preventDefault();
  });
}

export function showHelp(): void {
  const dialog = h(
    "dialog",
    { class: "help", "aria-label": "Keys", close: () => dialog.remove() },
    h("h2", {}, "Keys"),
    h("dl", {}, ...help.flatMap(([keys, what]) => [h("dt", {}, ...keys.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, what)])),
    h("p", { class: "hint" }, "A search finds a text anywhere in a name; with * or ? it is a pattern for the whole name."),
    h("div", { class: "buttons" }, h("button", { type: "button", class: "primary", click: () => dialog.close() }, "Close")),
  );
  document.body.append(dialog);
  dialog.showModal();
}
