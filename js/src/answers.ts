// How an adapter answers what the Lists and Dicts of others ask, in the form that Python's ListAdapter and DictAdapter
// answer in. What is one JSON text to them is a text in the answer.
import type { Question } from "./commander.js";
import { AdapterError, ArgumentsError, IndexError, KeyError, TooLargeError, ZnSocketError } from "./errors.js";
import { boundsOf, placesOf, resolveIndex, resolveSlice } from "./places.js";
import { DictSource, ListSource, type Provider, providerIn } from "./provider.js";

/** What answers need of their adapter. */
export interface Answering {
  readonly _key: string;
  readonly root: Provider;
  encode(value: unknown): string;
  /** Makes an adapter inside this one known, where that is not known anyway. */
  nested(key: string): Promise<void>;
  /** Makes a stored List or Dict of texts, under a full key where nothing is. */
  store(key: string, contents: Contents): Promise<void>;
}

/** What a list or dict has, as JSON texts. */
export interface Contents {
  /** Those of a dict. */
  keys?: string[];
  texts: string[];
}

/** Answers a question. What goes wrong, also in the owner's code, is an answer too. */
export async function answer(adapter: Answering, question: Question): Promise<unknown> {
  try {
    const provider = await find(adapter, question.key);
    if (question.method === "copy") return await copy(adapter, question, provider);
    return await (provider instanceof ListSource ? answerList(adapter, question, provider) : answerDict(adapter, question, provider));
  } catch (error) {
    return refuse(question, error);
  }
}

/** An error as an answer: for a single element, which is JSON in a text, in that text. */
function refuse({ method }: Question, error: unknown): unknown {
  const type = error instanceof ZnSocketError ? error.type : error instanceof Error ? error.name : "AdapterError";
  const refusal = { error: { msg: error instanceof Error ? error.message : String(error), type } };
  return method === "__getitem__" || method === "get" ? JSON.stringify(refusal) : refusal;
}

async function answerList(adapter: Answering, question: Question, list: ListSource): Promise<unknown> {
  const length = await list.length();
  const text = async (at: number) => textOf(adapter, `${question.key}:${at}`, await list.at(at));
  switch (question.method) {
    case "__len__":
      return length;
    case "__getitem__": {
      const at = resolveIndex(placeIn(question, "index") ?? 0, length);
      if (at < 0 || at >= length) throw new IndexError("list index out of range");
      return text(at);
    }
    case "slice":
      return Promise.all(placesOf(resolveSlice(length, sliceIn(question))).map(text));
  }
  throw new AdapterError(`Method ${question.method} not implemented`);
}

async function answerDict(adapter: Answering, question: Question, dict: DictSource): Promise<unknown> {
  const text = (key: string, { value }: { value: unknown }) => textOf(adapter, `${question.key}:${key}`, value);
  const known = async (key: string) => {
    const found = await dict.lookup(key);
    if (found === undefined) throw new KeyError(`'${key}'`);
    return text(key, found);
  };
  switch (question.method) {
    case "__len__":
      return (await dict.keys()).length;
    case "__contains__":
      return (await dict.lookup(keyIn(question))) !== undefined;
    case "__getitem__":
      return known(keyIn(question));
    case "get": {
      const found = await dict.lookup(keyIn(question));
      return found === undefined ? JSON.stringify(question.default ?? null) : text(keyIn(question), found);
    }
    case "keys":
      return dict.keys();
    case "values":
      return Promise.all((await dict.keys()).map(known));
    case "items":
      return Promise.all((await dict.keys()).map(async (key) => [key, await known(key)]));
  }
  throw new AdapterError(`Method ${question.method} not implemented`);
}

/** Returns the JSON text of a value; of one that is a provider, its key. */
async function textOf(adapter: Answering, name: string, value: unknown): Promise<string> {
  const inner = providerIn(value);
  if (inner === undefined) return adapter.encode(value);
  const key = inner.prefix + name;
  await adapter.nested(key);
  return JSON.stringify(key);
}

/**
 * Reads the bounds of a slice. Python's List has counted them all from the begin: where it goes backwards, its -1 is the
 * place before that, and not the last one.
 */
function sliceIn(question: Question): ReturnType<typeof boundsOf> {
  const bounds = boundsOf(placeIn(question, "start"), placeIn(question, "stop"), placeIn(question, "step") ?? 1);
  const { start, end, step } = bounds;
  if (step > 0 || start === Infinity || Math.min(start, end) !== -1) return bounds;
  const beforeFirst = (place: number) => (place === -1 ? -Infinity : place);
  return { start: beforeFirst(start), end: beforeFirst(end), step };
}

function placeIn(question: Question, name: "index" | "start" | "stop" | "step"): number | undefined {
  const n = question[name] ?? undefined;
  if (n !== undefined && !Number.isSafeInteger(n)) throw new ArgumentsError(`Invalid arguments for ${question.method}: '${name}' is no number of a place`);
  return n;
}

/** Returns the key of a dict that is asked for; Python's may be numbers. */
function keyIn({ dict_key: key }: Question): string {
  if (typeof key !== "string" && typeof key !== "number") {
    throw new ArgumentsError("Invalid arguments for adapter:get: 'dict_key' is missing or no text");
  }
  return String(key);
}

/** Makes a stored List or Dict of what a provider has. */
async function copy(adapter: Answering, { target }: Question, provider: Provider): Promise<true> {
  if (typeof target !== "string") throw new ArgumentsError("Invalid arguments for copy: 'target' is missing or no text");
  await adapter.store(provider.prefix + target, await contentsOf(adapter, provider, 0));
  return true;
}

/** How deep the adapters that are copied may lie in each other; one that lies in itself has no end. */
const maxDepth = 100;

/** Returns what a provider has. What is a provider itself is whole in it: a copy stays as it is when the adapter goes. */
async function contentsOf(adapter: Answering, provider: Provider, depth: number): Promise<Contents> {
  if (depth > maxDepth) throw new TooLargeError(`what is copied lies deeper than the limit of ${maxDepth}`);
  const whole = async (value: unknown) => {
    const inner = providerIn(value);
    return inner === undefined ? adapter.encode(value) : textOfContents(await contentsOf(adapter, inner, depth + 1));
  };
  if (provider instanceof ListSource) {
    const places = Array.from({ length: await provider.length() }, (_, at) => at);
    return { texts: await Promise.all(places.map(async (at) => whole(await provider.at(at)))) };
  }
  const keys = await provider.keys();
  return { keys, texts: await Promise.all(keys.map(async (key) => whole((await provider.lookup(key))?.value ?? null))) };
}

function textOfContents({ keys, texts }: Contents): string {
  if (keys === undefined) return `[${texts}]`;
  return `{${texts.map((text, k) => `${JSON.stringify(keys[k])}:${text}`)}}`;
}

const prefix = /^znsocket\.(?:List|Dict):/;

/**
 * Finds the provider of a key: the adapter's own, or one inside it at the path that the key names. As Python names them,
 * the dict that is element 3 of the list znsocket.List:a is znsocket.Dict:znsocket.List:a:3.
 */
async function find(adapter: Answering, key: string): Promise<Provider> {
  const kinds: string[] = []; // of what the path goes through, the innermost first
  let rest = key;
  while (rest !== adapter._key && !rest.startsWith(adapter._key + ":")) {
    const [kind] = prefix.exec(rest) ?? [];
    if (kind === undefined) throw noAdapter(key);
    kinds.push(kind);
    rest = rest.slice(kind.length);
  }
  if (kinds.length === 0 && rest !== adapter._key) throw noAdapter(key);
  const found = await walk(adapter.root, rest.slice(adapter._key.length + 1), kinds, { left: maxSteps });
  if (found === undefined) throw noAdapter(key);
  return found;
}

const noAdapter = (key: string) => new KeyError(`Key ${key} does not exist in storage`);

/** How many providers are looked into to follow one path. */
const maxSteps = 10_000;

/**
 * Follows a path to a provider. The keys of a dict may have colons, so where the path goes on after one each colon may be
 * its end.
 */
async function walk(provider: Provider, path: string, kinds: readonly string[], steps: { left: number }): Promise<Provider | undefined> {
  if (kinds.length === 0) return provider;
  const kind = kinds.at(-1);
  const outer = kinds.slice(0, -1);
  for (let end = 0; end <= path.length; end++) {
    if (end < path.length && (path[end] !== ":" || outer.length === 0)) continue;
    if (--steps.left < 0) throw new TooLargeError(`a path through more than ${maxSteps} adapters`);
    if (outer.length > 0 && end === path.length) break;
    const inner = await inside(provider, path.slice(0, end));
    if (inner?.prefix !== kind) continue;
    const found = await walk(inner!, path.slice(end + 1), outer, steps);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the provider that is the element or value of a name. */
async function inside(provider: Provider, name: string): Promise<Provider | undefined> {
  if (provider instanceof DictSource) return providerIn((await provider.lookup(name))?.value);
  const at = Number(name);
  if (String(at) !== name || !Number.isInteger(at) || at < 0 || at >= (await provider.length())) return undefined;
  return providerIn(await provider.at(at));
}
