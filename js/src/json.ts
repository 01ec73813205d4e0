// Values as they are stored: JSON, as Python reads and writes it.
import { ndarray, typedArray } from "./ndarray.js";
import { randomID } from "./random.js";

/** Writes values of a class as `{"_type": …, "value": …}`, as converters of Python's znjson do, and reads them. */
export interface Converter<V = unknown> {
  /** What it reads: the names that stand under "_type". */
  readonly types: readonly string[];
  /** Returns how a value is written, and undefined for one that is not its own. */
  encode(value: unknown): { _type: string; value: unknown } | undefined;
  /** Makes a value of what stands under "value", in which other converters have read theirs. */
  decode(value: any, type: string): V;
}

/**
 * Returns the JSON text of a value. Typed arrays become arrays of numpy, wherever they are in it, and NaN becomes null
 * as ever in JavaScript.
 */
export function encode(value: unknown, converters: readonly Converter[]): string {
  const others = converters.filter((converter) => converter !== ndarray); // an NDArray writes itself
  const text = others.length === 0 && isPlain(value) ? JSON.stringify(value) : JSON.stringify(value, replacer(others));
  if (text === undefined) throw new TypeError(`a value of type ${typeof value} can not be written as JSON`);
  return text;
}

/** How deep isPlain looks; what lies deeper may be a circle, of which JSON.stringify tells. */
const maxDepth = 1000;

/** Reports whether JSON.stringify does by itself, which is several times as fast with large lists of numbers. */
function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || "toJSON" in value) return false;
  return Object.values(value).every((item) => isPlain(item, depth + 1));
}

function replacer(converters: readonly Converter[]) {
  return function (this: Record<string, unknown>, key: string, written: unknown): unknown {
    return converted(this[key], converters) ?? typedArray(written)?.toJSON() ?? written;
  };
}

// What comes before toJSON, which would have made a text of a Date.
function converted(value: unknown, converters: readonly Converter[]): unknown {
  for (const converter of converters) {
    const written = converter.encode(value);
    if (written !== undefined) return written;
  }
  return undefined;
}

/** Reads a JSON text, with NaN and the infinities that Python writes. */
export function decode(text: string, converters: readonly Converter[]): unknown {
  const convert = converters.length > 0 && text.includes('"_type"');
  const revive = convert ? (_: string, value: unknown) => revived(value, converters) : undefined;
  try {
    return JSON.parse(text, revive);
  } catch (error) {
    if (!(error instanceof SyntaxError) || !/NaN|Infinity/.test(text)) throw error;
    return parsePython(text, revive);
  }
}

function revived(value: unknown, converters: readonly Converter[]): unknown {
  if (typeof value !== "object" || value === null || !("_type" in value) || !("value" in value)) return value;
  const type = value._type;
  const converter = typeof type === "string" ? converters.find(({ types }) => types.includes(type)) : undefined;
  return converter ? converter.decode(value.value, type as string) : value;
}

/** Reads JSON with NaN, Infinity and -Infinity as numbers. */
function parsePython(text: string, revive?: (key: string, value: unknown) => unknown): unknown {
  const mark = randomID(); // which no text is
  let inText = false;
  const standard = text.replace(/\\[^]|"|-?Infinity|NaN/g, (token) => {
    if (token === '"') inText = !inText;
    if (inText || /^["\\]/.test(token)) return token;
    return token === "NaN" ? `["${mark}"]` : token.replace("Infinity", "1e999"); // which is read as infinite
  });
  return JSON.parse(standard, (key, value: unknown) => {
    if (Array.isArray(value) && value[0] === mark) return NaN;
    return revive ? revive(key, value) : value;
  });
}
