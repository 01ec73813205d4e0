// Stored texts, as they are shown in a row or at length.
import { fill, h, say } from "./dom.js";
import { count, short } from "./format.js";
import { kindOf, nameOf, referenceIn } from "./names.js";
import { arrayIn } from "./values.js";

/** How much of a text a row shows. */
const rowLength = 300;

/** The badge of a key's kind. */
export function badge(type: string): HTMLElement {
  return h("span", { class: "badge", "data-type": type }, type);
}

/** Shows a stored text in a cell, on one line. */
export function preview(cell: HTMLElement, text: string, json: boolean): void {
  const reference = json ? referenceIn(text) : undefined;
  const array = json ? arrayIn(text) : undefined;
  if (reference !== undefined) {
    if (cell.title === reference) return;
    cell.dataset.value = "reference";
    cell.title = reference;
    fill(cell, badge(kindOf(reference)!), " ", h("span", { class: "name" }, nameOf(reference)));
    return;
  }
  cell.removeAttribute("title");
  cell.dataset.value = array !== undefined ? "array" : json ? valueKind(text) : "text";
  say(cell, array ?? short(text, rowLength));
}

function valueKind(text: string): string {
  if (text.startsWith('"')) return "string";
  if (/^[[{]/.test(text)) return "nested";
  if (/^(-?\d|-?Infinity|NaN)/.test(text)) return "number";
  return "literal";
}

/** How much JSON is shown in colours, and how long a string in it may be; of more there is the beginning. */
const maxPretty = 200_000;
const maxString = 2_000;
/** How long lists and objects are that stay on one line. */
const lineLength = 72;
/** How deep lines are indented, though what is on them may lie deeper. */
const maxIndent = 40;

/** Shows JSON over several lines. Its numbers stay as they are written. */
export function pretty(text: string): HTMLElement {
  const pre = h("pre", { class: "json" });
  if (text.length > maxPretty) {
    fill(pre, `${text.slice(0, maxPretty)}…\n\n`, h("em", {}, `${count(text.length - maxPretty)} more characters`));
    return pre;
  }
  const tokens = text.match(/"(?:[^"\\]|\\[^])*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  const flat: boolean[] = [];
  const feed = () => pre.append(flat.at(-1) ? " " : `\n${"  ".repeat(Math.min(flat.length, maxIndent))}`);
  for (const [k, token] of tokens.entries()) {
    if (token === "[" || token === "{") {
      pre.append(token);
      flat.push(flat.at(-1) || fitsOnLine(tokens, k));
      if (!/[\]}]/.test(tokens[k + 1] ?? "") && !flat.at(-1)) feed();
    } else if (token === "]" || token === "}") {
      const wasFlat = flat.pop();
      if (!wasFlat && !/^[[{]$/.test(tokens[k - 1] ?? "")) feed();
      pre.append(token);
    } else if (token === ",") {
      pre.append(",");
      feed();
    } else if (token === ":") {
      pre.append(": ");
    } else {
      pre.append(piece(token, tokens[k + 1] === ":"));
    }
  }
  return pre;
}

function piece(token: string, isField: boolean): HTMLElement {
  const isLong = token.length > maxString;
  const shown = isLong ? `${token.slice(0, maxString)}…` : token;
  const element = h("span", { "data-value": isField ? "field" : valueKind(token) }, shown);
  if (isLong) element.append(h("em", {}, ` ${count(token.length - maxString)} more characters`));
  return element;
}

/** Reports whether what is in brackets is so short that it can stay on a line. */
function fitsOnLine(tokens: readonly string[], start: number): boolean {
  let [depth, length] = [0, 0];
  for (let k = start; k < tokens.length; k++) {
    const token = tokens[k]!;
    if (/^[[{]$/.test(token)) depth++;
    if (/^[\]}]$/.test(token)) depth--;
    length += token.length + 1;
    if (length > lineLength) return false;
    if (depth === 0) return true;
  }
  return false;
}
