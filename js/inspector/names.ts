// What keys are called.

export type ObjectKind = "List" | "Dict" | "Segments";

/** The prefix of an object's key, with its kind. */
const prefix = /^znsocket\.(List|Dict|Segments):/;

/** The kind of object that a key is of, if it is of one. */
export function kindOf(key: string): ObjectKind | undefined {
  return prefix.exec(key)?.[1] as ObjectKind | undefined;
}

/** The name by which programs open a key. What lies inside an adapter has the adapter's name in it. */
export function nameOf(key: string): string {
  if (!key.startsWith("znsocket.")) return key;
  let name = key;
  while (prefix.test(name)) name = name.replace(prefix, "");
  return name;
}

/** The key that a stored JSON text refers to, if it is a reference. */
export function referenceIn(text: string): string | undefined {
  if (!text.startsWith('"znsocket.') || !text.endsWith('"')) return undefined;
  try {
    const key: unknown = JSON.parse(text);
    return typeof key === "string" && kindOf(key) ? key : undefined;
  } catch {
    return undefined;
  }
}
