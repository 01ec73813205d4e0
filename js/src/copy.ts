// Copies of what is stored under one key to another.
import { KeyError, ValueError } from "./errors.js";
import { push } from "./listops.js";
import { token } from "./objectops.js";
import type { Core } from "./object.js";
import { asEntries, asNumber, asTexts } from "./reply.js";

/** Copies an object to a key and returns what opens it there. */
export async function copyTo(core: Core, key: string): Promise<Core> {
  if (!(await copyStored(core, key))) {
    if (asNumber(await core.run(["EXISTS", core.key])) === 0) throw new ValueError(`${core.key} is empty: there is nothing to copy to ${key}`);
    throw new KeyError(`Key ${key} already exists in storage`);
  }
  return core.other(key);
}

/**
 * Copies an object to a key where nothing is stored, in one step, and reports whether it did. In a Redis Cluster no
 * command does that between keys in different slots.
 */
export async function copyStored(core: Core, key: string): Promise<boolean> {
  try {
    return asNumber(await core.run(["COPY", core.key, key])) > 0;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("CROSSSLOT ")) throw error;
    return copyElements(core, key);
  }
}

/**
 * Copies what COPY does not. The elements, as they are at one moment, are written aside, so that they arrive in one
 * step.
 */
export async function copyElements(core: Core, key: string): Promise<boolean> {
  const aside = core.other(beside(key));
  if (core.key.startsWith("znsocket.Dict:")) {
    const entries = asEntries(await core.run(["HGETALL", core.key]));
    if (entries.length === 0) return false;
    await aside.run(["HSET", aside.key, ...entries.flat()]);
  } else {
    const texts = asTexts(await core.run(["LRANGE", core.key, 0, -1]));
    if (texts.length === 0) return false;
    await push(aside, texts);
  }
  const [copied] = await aside.runAll([
    ["COPY", aside.key, key],
    ["DEL", aside.key],
  ]);
  return asNumber(copied) > 0;
}

/** Returns a key of its own that a Redis Cluster keeps in the slot of another: that of its hash tag, {such}. */
function beside(key: string): string {
  return `${token()}{${/^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key}}`;
}
