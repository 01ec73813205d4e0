// How a client reads adapters on a Python server, which does not answer the
// commands of objects with them: it asks the owner, and makes of the answer what
// Redis would reply.
import type { Question, Reply } from "./commander.js";
import type { Deadline } from "./deadline.js";
import { AdapterError, FrozenStorageError, refusalOf, ResponseError, ZnSocketError } from "./errors.js";
import type { Link } from "./link.js";

/** For how long, and of how many keys, the answer to whether they have an adapter is remembered. */
const knownFor = 1000;
const maxKnown = 10_000;

const known = new WeakMap<Link, Map<string, { yes: boolean; until: number }>>();

/** Gives the key of a command where it is one of an object and has an adapter. */
export async function ownerOf(link: Link, [, key = ""]: string[], deadline: Deadline): Promise<string | undefined> {
  if (!/^znsocket\.(List|Dict):/.test(key)) return undefined;
  const keys = known.get(link) ?? new Map<string, { yes: boolean; until: number }>();
  known.set(link, keys);
  const before = keys.get(key);
  if (before && before.until > Date.now()) return before.yes ? key : undefined;
  const yes = (await link.ask("adapter_exists", [[[], { key }]], deadline)) === true;
  if (keys.size >= maxKnown) keys.clear();
  keys.set(key, { yes, until: Date.now() + knownFor });
  return yes ? key : undefined;
}

/** Asks the owner of an adapter by way of the server. */
export function askAdapter(link: Link, question: Question, deadline: Deadline): Promise<unknown> {
  return link.ask("adapter:get", [[[], question]], deadline);
}

/** Answers the command of an object whose key has an adapter. One that would change something is refused. */
export async function askFor(
  link: Link,
  key: string,
  [name = "", , ...words]: string[],
  deadline: Deadline,
): Promise<Reply> {
  const ask = async (method: string, more: Partial<Question> = {}) => {
    const answer = await askAdapter(link, { key, method, ...more }, deadline);
    const error = typeof answer === "string" ? errorIn(answer) : undefined;
    if (error) throw error;
    return answer;
  };
  const number = async (method: string, more?: Partial<Question>) => {
    const answer = await ask(method, more);
    if (typeof answer !== "number" && typeof answer !== "boolean") throw unexpected(key, "number");
    return Number(answer);
  };
  const list = async (method: string, more?: Partial<Question>) => {
    const answer = await ask(method, more);
    if (!Array.isArray(answer)) throw unexpected(key, "list");
    return answer as unknown[];
  };
  const texts = async (more: Partial<Question>) => (await list("slice", more)).map((text) => textOf(key, text));
  const item = async (more: Partial<Question>, missing: string) => {
    try {
      return textOf(key, await ask("__getitem__", more));
    } catch (error) {
      if (error instanceof ZnSocketError && error.type === missing) return null;
      throw error;
    }
  };
  const bound = async (at: number, open: number, step: number) => {
    if (at === open) return null;
    if (at >= 0 || step > 0) return at;
    // To Python's List -1 is here the place before the first: so it is counted from the begin.
    const counted = at + (await number("__len__"));
    return counted < 0 ? beforeBegin : counted;
  };
  switch (name.toUpperCase()) {
    case "LLEN":
    case "HLEN":
      return number("__len__");
    case "LINDEX":
      return item({ index: place(words[0]) }, "IndexError");
    case "LRANGE": {
      const stop = place(words[1]);
      return texts({ start: place(words[0]), stop: stop === -1 ? null : stop + 1, step: 1 });
    }
    case "ZN.LSLICE": {
      const [from, to, step] = [place(words[0]), place(words[1]), place(words[2])];
      const [openFrom, openTo] = step < 0 ? [end, begin] : [begin, end];
      return [
        Math.max(from, 0),
        await texts({ start: await bound(from, openFrom, step), stop: await bound(to, openTo, step), step }),
      ];
    }
    case "HGET":
      return item({ dict_key: words[0]! }, "KeyError");
    case "HEXISTS":
      return number("__contains__", { dict_key: words[0]! });
    case "HKEYS":
      return (await list("keys")).map(String);
    case "HGETALL":
      return new Map(
        (await list("items")).map((pair) => [String((pair as unknown[])[0]), textOf(key, (pair as unknown[])[1])]),
      );
    case "EXISTS":
      return 1;
    case "COPY":
      return number("copy", { target: words[0]!.replace(/^znsocket\.(List|Dict):/, "") });
  }
  throw new FrozenStorageError(`'${key}' has an adapter and is read-only: copy it to make changes`);
}

/** The bounds of a slice that are left open, as numbers of 64 bits. */
const begin = -(2 ** 63);
const end = 2 ** 63;

/** A place that no list is long enough to count back to. */
const beforeBegin = -(2 ** 31);

function place(word = ""): number {
  if (!/^-?\d+$/.test(word)) throw new ResponseError("ERR value is not an integer or out of range");
  return Number(word);
}

/** An item is a text that is JSON itself, or an error. */
function textOf(key: string, item: unknown): string {
  if (typeof item !== "string") throw unexpected(key, "JSON in a text");
  const error = errorIn(item);
  if (error) throw error;
  return item;
}

/** The error in an item, if it is one: {"error":{"msg":…,"type":…}} and nothing else. */
function errorIn(text: string): ZnSocketError | undefined {
  const [, error = ""] = /^\{"error":\s*(\{.*\})\s*\}$/s.exec(text) ?? [];
  try {
    const { type, ...rest } = JSON.parse(error) as { type?: unknown };
    return typeof type === "string" && Object.keys(rest).length === 1
      ? refusalOf({ error: { type, ...rest } })
      : undefined;
  } catch {
    return undefined;
  }
}

function unexpected(key: string, want: string): AdapterError {
  return new AdapterError(`the owner of ${key} gave an answer that is no ${want}`);
}
