// Owns adapters or reads them, with nothing but socket.io-client: node adapters.js own|read URL
//
// The first line of the input is the data, each other line a request. For each there is a line with what came of it:
// {"value": …} or {"error": its type, "msg": …}. An owner answers as Python's ListAdapter and DictAdapter do.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import { io } from "socket.io-client";

const [role, url] = process.argv.slice(2);
const socket = io(`${url}/znsocket`);
const say = (outcome) => console.log(JSON.stringify(outcome));
const call = (event, args, kwargs = {}) => socket.timeout(20_000).emitWithAck(event, [args, kwargs]);

// Refused is an error with the name that Python has for it.
class Refused extends Error {
  constructor(type, msg) {
    super(msg);
    this.type = type;
  }
}

function checked(answer) {
  if (answer?.error?.type) throw new Refused(answer.error.type, answer.error.msg);
  return answer;
}

const data = async (command, ...args) => checked(await call(command, args)).data;

// ---- The owner

// element gives list[i], which may take its time or fail.
async function element(list, i) {
  if (i < -list.length || i >= list.length) throw new Refused("IndexError", "list index out of range");
  return list.at(i);
}

// places are the indices of Python's [start:stop:step] of n elements.
function places(n, start, stop, step) {
  const by = step ?? 1;
  const [low, high] = by > 0 ? [0, n] : [-1, n - 1];
  const place = (i, open) => (i === null ? open : Math.min(Math.max(i < 0 ? i + n : i, low), high));
  const end = place(stop, by > 0 ? high : low);
  const found = [];
  for (let i = place(start, by > 0 ? low : high); by > 0 ? i < end : i > end; i += by) found.push(i);
  return found;
}

const failing = (list) => ({
  length: list.length,
  at(i) {
    if (list.at(i) === null) throw new Refused("ValueError", "out of paper");
    return list.at(i);
  },
});

const hanging = () => ({
  length: 1,
  at() {
    say({ value: "asked" });
    return new Promise(() => {});
  },
});

// textOf is what an answer has of a value, or of the failure to get it.
const textOf = (value) =>
  value.then(JSON.stringify, (e) => JSON.stringify({ error: { msg: e.message, type: e.type ?? e.name } }));

const listAnswers = (list, transform = async (value) => value) => ({
  __len__: () => list.length,
  __getitem__: ({ index }) => textOf(element(list, index).then((value) => transform(value, index))),
  async slice({ start = 0, stop = list.length, step = 1 }) {
    try {
      return await Promise.all(places(list.length, start, stop, step).map(async (i) => JSON.stringify(await element(list, i))));
    } catch (e) {
      return { error: { msg: e.message, type: e.type ?? e.name } };
    }
  },
  async copy({ target }) {
    for (let i = 0; i < list.length; i++) await data("rpush", `znsocket.List:${target}`, JSON.stringify(await element(list, i)));
    return true;
  },
});

const dictAnswers = (dict) => ({
  __len__: () => Object.keys(dict).length,
  __contains__: ({ dict_key }) => Object.hasOwn(dict, dict_key),
  async __getitem__({ dict_key }) {
    const found = async () => {
      if (!Object.hasOwn(dict, dict_key)) throw new Refused("KeyError", `'${dict_key}'`);
      return dict[dict_key];
    };
    return textOf(found());
  },
  get: ({ dict_key, default: other = null }) => JSON.stringify(Object.hasOwn(dict, dict_key) ? dict[dict_key] : other),
  keys: () => Object.keys(dict),
  values: () => Object.values(dict).map((value) => JSON.stringify(value)),
  items: () => Object.entries(dict).map(([key, value]) => [key, JSON.stringify(value)]),
  async copy({ target }) {
    for (const [key, value] of Object.entries(dict)) await data("hset", `znsocket.Dict:${target}`, key, JSON.stringify(value));
    return true;
  },
});

const owned = new Map(); // how the adapter of a key answers, by method

async function adapt(name, value, transform) {
  const isList = Array.isArray(value) || "at" in value;
  const key = `znsocket.${isList ? "List" : "Dict"}:${name}`;
  if (owned.has(key)) return key;
  checked(await call("register_adapter", [], { key }));
  owned.set(key, isList ? listAnswers(value, transform) : dictAnswers(value));
  return key;
}

async function own(shared) {
  const kinds = { failing, hanging };
  const nest = (name) => async (value, i) => (value instanceof Object ? adapt(`${name}:${i}`, value) : value);
  socket.on("adapter:get", async ([, question], answer) => answer(await owned.get(question.key)[question.method](question)));
  for (const [name, value] of Object.entries(shared)) {
    await adapt(name, kinds[name]?.(value) ?? value, name === "frames" ? nest("znsocket.List:frames") : undefined);
  }
  return {
    change() {
      shared.mixed.push("new");
      shared.frames[0].name = "renamed";
      shared.user["ü"] = [1];
      shared.matrix[0][0] = 100;
    },
    announce() {
      socket.emit("refresh", { target: "znsocket.List:mixed", data: { indices: [shared.mixed.length - 1] } });
      socket.emit("refresh", { target: "znsocket.Dict:user", data: { keys: ["ü"] } });
    },
  };
}

// ---- The reader

const ask = async (key, method, more = {}) => checked(await call("adapter:get", [], { key, method, ...more }));

// resolved makes of an element's text a value without references and arrays of numpy.
async function resolved(text) {
  const value = checked(JSON.parse(text));
  const [, kind] = /^znsocket\.(List|Dict):/.exec(typeof value === "string" ? value : "") ?? [];
  if (kind === "List") return reads.all(value);
  if (kind === "Dict") return Object.fromEntries(await reads.items(value));
  if (value?._type === "np.ndarray_small") return value.value;
  if (value?._type === "np.ndarray_b64") {
    const file = Buffer.from(value.value, "base64"); // magic, version, a header with its length before it, numbers
    const numbers = file.subarray(10 + file.readUInt16LE(8));
    return Array.from({ length: numbers.length / 8 }, (_, i) => numbers.readDoubleLE(8 * i));
  }
  return value;
}

const allResolved = (texts) => Promise.all(texts.map(resolved));
const pairsResolved = (pairs) => Promise.all(pairs.map(async ([key, text]) => [key, await resolved(text)]));
const selector = (key, at) => (key.startsWith("znsocket.List:") ? { index: at } : { dict_key: at });

const reads = {
  len: (key) => ask(key, "__len__"),
  at: async (key, at) => resolved(await ask(key, "__getitem__", selector(key, at))),
  slice: async (key, start, stop, step) => allResolved(await ask(key, "slice", { start, stop, step })),
  all: async (key) => allResolved(await ask(key, "slice")),
  keys: (key) => ask(key, "keys"),
  values: async (key) => allResolved(await ask(key, "values")),
  items: async (key) => pairsResolved(await ask(key, "items")),
  get: async (key, at, other) => resolved(await ask(key, "get", { dict_key: at, default: other })),
  async in(key, what) {
    if (key.startsWith("znsocket.Dict:")) return ask(key, "__contains__", { dict_key: what });
    return (await reads.all(key)).some((value) => isDeepStrictEqual(value, what));
  },
  async copy(key, target) {
    await ask(key, "copy", { target });
    if (key.startsWith("znsocket.List:")) {
      await data("rpush", `znsocket.List:${target}`, '"added"');
      return allResolved(await data("lrange", `znsocket.List:${target}`, 0, -1));
    }
    await data("hset", `znsocket.Dict:${target}`, "added", "1");
    return pairsResolved(Object.entries(await data("hgetall", `znsocket.Dict:${target}`)));
  },
};

function read() {
  const heard = [];
  const listening = new Set();
  let wake = () => {};
  socket.on("refresh", ({ target, data }) => {
    if (!listening.has(target)) return;
    heard.push(data);
    wake();
  });
  reads.listen = (key) => void listening.add(key);
  reads.heard = async () => {
    if (heard.length === 0) {
      await new Promise((resolve, reject) => {
        wake = resolve;
        setTimeout(reject, 20_000, new Error("nothing heard")).unref();
      });
    }
    return heard.shift();
  };
  return async ({ kind, key, path, op, args }) => {
    let at = `znsocket.${kind}:${key}`;
    for (const step of path ?? []) at = checked(JSON.parse(await ask(at, "__getitem__", selector(at, step))));
    return reads[op](at, ...(args ?? []));
  };
}

// ----

await once(socket, "connect");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const shared = JSON.parse((await lines.next()).value);
let handle = read();
if (role === "own") {
  const does = await own(shared);
  handle = ({ op }) => does[op]();
}
say({ value: "ready" });
for await (const line of lines) {
  try {
    say({ value: (await handle(JSON.parse(line))) ?? null });
  } catch (e) {
    say({ error: e.type ?? e.name, msg: e.message });
  }
}
socket.disconnect();
