import type { CallOptions } from "./commander.js";
import { copyTo } from "./copy.js";
import { clearFields, deleteFields, popField } from "./dictops.js";
import { equal } from "./equal.js";
import { Core, type FallbackOptions, inner, type ObjectOptions, read, SharedObject } from "./object.js";
import { toPlain } from "./plain.js";
import { openReference } from "./references.js";
import { asEntries, asNumber, asText, asTexts } from "./reply.js";

/** Functions that are called, and waited for, before a change is made. */
export interface DictCallbacks<T> {
  set?: (field: string, value: T) => unknown;
  update?: (values: Record<string, T>) => unknown;
}

export interface DictOptions<T = any> extends ObjectOptions, FallbackOptions {
  /** Called, and waited for, before a change by the method of that name is made. */
  callbacks?: DictCallbacks<T> | undefined;
}

/** Fields and values for many changes at once: an object, a Map, or pairs. */
export type Entries<T> = Readonly<Record<string, T>> | Iterable<readonly [string | number, T]>;

/**
 * A map from texts to values that lives under a key of a server and is shared with everyone who opens the same key; see
 * List for what holds for both. The fields are in the order in which they came.
 *
 * Fields can also be reached as `dict.name`, which gives a promise, and set as `dict.name = value`, of which a failure is
 * an unhandled rejection. Those that are called like a method, and what begins with `__`, `$$` or `@@`, which frameworks
 * look for in all objects, are reached by `get` and `set` only.
 */
export class Dict<T = any> extends SharedObject {
  /** A promise of the field when it is read, any value when it is set. */
  [field: string]: any;

  constructor(options: DictOptions<T>);
  /** @internal */
  constructor(core: Core);
  constructor(options: DictOptions<T> | Core) {
    super(options instanceof Core ? options : Core.open(options, "znsocket.Dict:", openReference));
    return new Proxy(this, fields);
  }

  /** Returns the same object, whose calls take these options. */
  with(calls: CallOptions): Dict<T> {
    return new Dict<T>(this[inner].with({ calls }));
  }

  /** Returns the number of fields. */
  async length(): Promise<number> {
    return asNumber(await this[inner].run(["HLEN", this._key]));
  }

  /** Returns the value of a field, null where there is none. */
  async get(field: string | number): Promise<T | null> {
    const text = await this[inner].run(["HGET", this._key, String(field)]);
    return text === null ? null : decoded<T>(this[inner], String(field), asText(text));
  }

  /** Reports whether a field exists. */
  async has(field: string | number): Promise<boolean> {
    return asNumber(await this[inner].run(["HEXISTS", this._key, String(field)])) > 0;
  }

  /** Returns the fields. */
  async keys(): Promise<string[]> {
    return asTexts(await this[inner].run(["HKEYS", this._key]));
  }

  /** Returns the values, in the order of keys. */
  async values(): Promise<T[]> {
    return (await this.entries()).map(([, value]) => value);
  }

  /** Returns the fields with their values. */
  async entries(): Promise<[field: string, value: T][]> {
    const entries = asEntries(await this[inner].run(["HGETALL", this._key]));
    return entries.map(([field, text]) => [field, decoded<T>(this[inner], field, text)]);
  }

  /** Yields the fields with their values, as they are when it begins. */
  async *[Symbol.asyncIterator](): AsyncGenerator<[field: string, value: T], void, undefined> {
    yield* await this.entries();
  }

  /** Reports whether there are equal values under the same fields. Objects are equal by their key. */
  async equals(other: Dict<T> | Entries<T>): Promise<boolean> {
    const core = this[inner];
    const theirs = other instanceof Dict ? await other.entries() : entriesOf(other);
    const stored = theirs.map(([field, value]) => [field, core.asStored(value)]);
    return equal(await this[read](), Object.fromEntries(stored));
  }

  /** Gives a field a value. */
  async set(field: string | number, value: T): Promise<void> {
    const text = this[inner].encode(value);
    const callbacks = callbacksOf<T>(this);
    if (callbacks.set) await callbacks.set(String(field), value);
    await setFields(this[inner], [[String(field), text]]);
  }

  /** Sets several fields in one step. */
  async update(values: Entries<T>): Promise<void> {
    const entries = entriesOf(values);
    const texts = entries.map(([field, value]): [string, string] => [field, this[inner].encode(value)]);
    const callbacks = callbacksOf<T>(this);
    if (callbacks.update) await callbacks.update(Object.fromEntries(entries));
    if (entries.length > 0) await setFields(this[inner], texts);
  }

  /** Removes fields in one step and returns how many there were. */
  async delete(...fields: (string | number)[]): Promise<number> {
    if (fields.length === 0) return 0;
    const deleted = await deleteFields(this[inner], fields.map(String));
    tellDeleted(this[inner], deleted);
    return deleted.length;
  }

  /** Removes a field and returns its value, null where there is none. */
  async pop(field: string | number): Promise<T | null> {
    const text = await popField(this[inner], String(field));
    if (text === null) return null;
    tellDeleted(this[inner], [String(field)]); // it is gone, whether it can be read or not
    return decoded<T>(this[inner], String(field), text);
  }

  /** Removes every field that is stored. */
  async clear(): Promise<void> {
    tellDeleted(this[inner], await clearFields(this[inner].stored()));
  }

  /** Copies the fields to another key and opens that; a KeyError where it is taken, a ValueError where there are none. */
  async copy(key: string): Promise<Dict<T>> {
    return new Dict<T>(await copyTo(this[inner], `znsocket.Dict:${key}`));
  }

  /** Returns a plain object, with what references refer to in their place. */
  toObject(): Promise<Record<string, any>> {
    return toPlain(this) as Promise<Record<string, any>>;
  }

  async [read](): Promise<Record<string, unknown>> {
    return Object.fromEntries(await this.entries());
  }
}

// Makes dict.name a call.
const fields: ProxyHandler<Dict> = {
  get(target, name, self) {
    if (typeof name === "symbol" || name in target) return Reflect.get(target, name, self);
    return isProbe(name) ? undefined : target.get(name);
  },
  set(target, name, value, self) {
    if (typeof name === "symbol") return Reflect.set(target, name, value, self);
    if (name in target || isProbe(name)) throw new TypeError(`"${name}" of a Dict is no field to assign to: call set("${name}", …)`);
    void target.set(name, value);
    return true;
  },
};

/** Reports whether a name is one that languages and frameworks look for: then is what await does. */
function isProbe(name: string): boolean {
  return name === "then" || /^(__|\$\$|@@)/.test(name);
}

function decoded<T>(core: Core, field: string, text: string): T {
  return core.decode(text, field) as T;
}

function callbacksOf<T>(dict: Dict<T>): DictCallbacks<T> {
  return dict[inner].callbacks;
}

function entriesOf<T>(values: Entries<T>): [string, T][] {
  const entries = Symbol.iterator in values ? [...(values as Iterable<readonly [string | number, T]>)] : Object.entries(values as Record<string, T>);
  return entries.map(([field, value]) => [String(field), value]);
}

async function setFields(core: Core, texts: [field: string, text: string][]): Promise<void> {
  await core.run(["HSET", core.key, ...texts.flat()]);
  core.changed({ keys: texts.map(([field]) => field) });
}

function tellDeleted(core: Core, fields: string[]): void {
  if (fields.length > 0) core.changed({ keys: fields });
}
