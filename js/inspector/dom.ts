// Elements are made here and nowhere else: what comes from the server becomes text, never markup.

type Value = string | number | boolean | undefined | ((event: any) => void);
export type Child = Node | string | number | false | undefined;

/** Makes an element of attributes, listeners and children. An attribute that is false or undefined is left out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, Value> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replaces what is in an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child) => child !== false && child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
}

/** Sets the text of an element, and does nothing where that is its text: so a selection in it stays. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Finds an element of the page by its id. */
export function byID<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Reports whether keys that are typed go into an element. */
export function takesText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
