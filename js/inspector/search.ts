// What is searched for: a text, or a glob pattern as Redis has it.
import { kindOf } from "./names.js";

/** What the keys are narrowed to: kinds of objects, adapters, and the types of what is no object. */
export const filters = ["List", "Dict", "Segments", "adapter", "string", "list", "hash", "set", "zset", "stream"] as const;

const objectKinds = new Set<string>(["List", "Dict", "Segments"]);

export interface Query {
  /** What SCAN is asked for, one after the other. */
  readonly scans: readonly { MATCH?: string; TYPE?: string }[];
  /** Only adapters are looked for. */
  readonly adapters: boolean;
  /** Reports whether a key is one that is looked for, as far as its name says. */
  matches(key: string): boolean;
}

/**
 * Makes a query. A text with * or ? is a pattern for the whole name; any other is looked for anywhere in it, its small
 * letters also as capitals.
 */
export function queryOf(text: string, filter: string): Query {
  const isGlob = /[*?]/.test(text);
  const glob = isGlob ? text : text === "" ? "*" : `*${literal(text)}*`;
  const globs = objectKinds.has(filter) ? [`znsocket.${filter}:${glob}`] : isGlob ? [glob, `znsocket.*:${glob}`] : [glob];
  const patterns = globs.map(regexpOf);
  const isType = filter !== "" && filter !== "adapter" && !objectKinds.has(filter);
  return {
    scans: filter === "adapter" ? [] : globs.map((MATCH) => ({ ...(MATCH === "*" ? {} : { MATCH }), ...(isType ? { TYPE: filter } : {}) })),
    adapters: filter === "adapter",
    matches: (key) => !(isType && kindOf(key)) && patterns.some((pattern) => pattern.test(key)),
  };
}

function literal(text: string): string {
  return text.replace(/[[\]\\]/g, "\\$&").replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/**
 * Writes a glob pattern as a regular expression, to look through keys that SCAN does not know. What is behind a star is
 * taken where it is found first, and for good, as a lookahead is never gone through again: so a long name with many stars
 * takes no time.
 */
export function regexpOf(glob: string): RegExp {
  const parts = [""]; // between the stars
  for (const token of glob.match(/\\[^]|\[(?:\\[^]|[^\]\\])*\]|\*+|[^]/g) ?? []) {
    if (token.startsWith("*")) parts.push("");
    else parts.push(parts.pop() + partOf(token));
  }
  const [first, ...others] = parts;
  const last = others.pop();
  const found = others.map((part, k) => `(?=([^]*?${part}))\\${k + 1}`).join("");
  return new RegExp(`^${first}${found}${last === undefined ? "" : `[^]*${last}`}$`);
}

function partOf(token: string): string {
  if (token === "?") return "[^]";
  return token.length > 1 && token.startsWith("[") ? classOf(token.slice(1, -1)) : quote(bare(token));
}

// In Redis a range may be written from its end.
function classOf(inside: string): string {
  const negated = inside.startsWith("^");
  const items = (negated ? inside.slice(1) : inside).replace(/(\\[^]|[^])-(\\[^]|[^])|\\[^]|[^]/g, (item, low?: string, high?: string) => {
    if (low === undefined || high === undefined) return quote(bare(item));
    return [low, high].map(bare).sort().map(quote).join("-");
  });
  if (items === "") return negated ? "[^]" : "(?!)";
  return `[${negated ? "^" : ""}${items}]`;
}

/** A character that may be escaped by itself. */
function bare(token: string): string {
  return token.length === 2 && token.startsWith("\\") ? token.slice(1) : token;
}

function quote(text: string): string {
  return text.replace(/[-\\^$*+?.()|[\]{}]/g, "\\$&");
}
