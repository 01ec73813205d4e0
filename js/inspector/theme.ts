// Dark or light: as the system has it, unless it is chosen here.
import { byID } from "./dom.js";
import { theme as kept } from "./kept.js";
import { redrawAll } from "./palette.js";

const signs: Record<string, string> = { auto: "◐", light: "☀", dark: "☾" };
const next: Record<string, string> = { auto: "light", light: "dark", dark: "auto" };

/** Has a button change the theme. */
export function startTheme(): void {
  const button = byID<HTMLButtonElement>("theme");
  const show = (theme: string) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = signs[theme]!;
    button.title = `Theme: ${theme}`;
    button.setAttribute("aria-label", `Theme: ${theme}`);
    redrawAll();
  };
  let theme = signs[kept.get() ?? ""] ? kept.get()! : "auto";
  show(theme);
  button.addEventListener("click", () => {
    theme = next[theme]!;
    kept.set(theme);
    show(theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
}
