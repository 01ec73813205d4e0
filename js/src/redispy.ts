// Commands as redis-py's calls, as far as the store of a Python server has them.

export interface Call {
  method: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
}

/** What a method takes: t is a text, i an integer; the last may be * for any number of texts. */
const methods: Record<string, [method: string, takes: string]> = {
  COPY: ["copy", "tt"],
  DECR: ["decr", "t"],
  DECRBY: ["decr", "ti"],
  DEL: ["delete", "*"],
  EXISTS: ["exists", "*"],
  EXPIRE: ["expire", "ti"],
  FLUSHALL: ["flushall", ""],
  GET: ["get", "t"],
  HDEL: ["hdel", "t*"],
  HEXISTS: ["hexists", "tt"],
  HGET: ["hget", "tt"],
  HGETALL: ["hgetall", "t"],
  HKEYS: ["hkeys", "t"],
  HLEN: ["hlen", "t"],
  HVALS: ["hvals", "t"],
  INCR: ["incr", "t"],
  INCRBY: ["incr", "ti"],
  LINDEX: ["lindex", "ti"],
  LINSERT: ["linsert", "tttt"],
  LLEN: ["llen", "t"],
  LPOP: ["lpop", "t"],
  LPUSH: ["lpush", "t*"],
  LRANGE: ["lrange", "tii"],
  LREM: ["lrem", "tit"],
  LSET: ["lset", "tit"],
  MGET: ["mget", "*"],
  RPUSH: ["rpush", "t*"],
  SADD: ["sadd", "t*"],
  SCARD: ["scard", "t"],
  SETEX: ["setex", "tit"],
  SISMEMBER: ["sismember", "tt"],
  SMEMBERS: ["smembers", "t"],
  SMOVE: ["smove", "ttt"],
  SREM: ["srem", "t*"],
  TTL: ["ttl", "t"],
  TYPE: ["type", "t"],
  ZCARD: ["zcard", "t"],
  ZCOUNT: ["zcount", "ttt"],
  ZREM: ["zrem", "t*"],
};

/** Spells a command as a call. What has none is sent as it is, which a server over a Redis understands. */
export function spell([name = "", ...words]: string[]): Call {
  const command = name.toUpperCase();
  const call = special[command]?.(words) ?? plain(command, words);
  return call ?? { method: "execute_command", args: [name, ...words], kwargs: {} };
}

function plain(command: string, words: string[]): Call | undefined {
  if (!Object.hasOwn(methods, command)) return undefined;
  const [method, takes] = methods[command]!;
  const fixed = takes.replace("*", "");
  if (takes === fixed ? words.length !== fixed.length : words.length <= fixed.length) return undefined;
  const args = words.map((word, i) => (fixed[i] === "i" ? integer(word) : word));
  return args.includes(undefined) ? undefined : { method, args, kwargs: {} };
}

function integer(word: string): number | undefined {
  return /^-?\d+$/.test(word) && Number.isSafeInteger(Number(word)) ? Number(word) : undefined;
}

/** Calls that take more than words in their order. */
const special: Record<string, (words: string[]) => Call | undefined> = {
  HMGET: ([key, ...fields]) => ({ method: "hmget", args: [key, fields], kwargs: {} }),

  HSET: ([key, ...items]) =>
    items.length === 2
      ? { method: "hset", args: [key, ...items], kwargs: {} }
      : { method: "hset", args: [key], kwargs: { items } },

  SET([key, value, ...rest]) {
    const kwargs: Record<string, unknown> = {};
    for (let i = 0; i < rest.length; i++) {
      const option = rest[i]!.toLowerCase();
      const takes = ["ex", "px", "exat", "pxat"].includes(option);
      kwargs[option] = takes ? integer(rest[++i] ?? "") : true;
    }
    return value === undefined || Object.values(kwargs).includes(undefined)
      ? undefined
      : { method: "set", args: [key, value], kwargs };
  },

  SRANDMEMBER([key, count, ...rest]) {
    const number = count === undefined ? [] : [integer(count)];
    return rest.length > 0 || number.includes(undefined)
      ? undefined
      : { method: "srandmember", args: [key, ...number], kwargs: {} };
  },

  ZADD([key, ...scores]) {
    const pairs = Array.from({ length: scores.length / 2 }, (_, i) => [scores[2 * i + 1], Number(scores[2 * i])]);
    const members: Record<string, number> = Object.fromEntries(pairs);
    const fits = scores.length > 0 && scores.length % 2 === 0 && Object.values(members).every(Number.isFinite);
    return fits ? { method: "zadd", args: [key, members], kwargs: {} } : undefined;
  },

  ZRANGE([key, start = "", stop = "", ...rest]) {
    const options = rest.map((word) => word.toUpperCase());
    const kwargs = options.at(-1) === "WITHSCORES" ? { withscores: true } : {};
    switch (options.filter((word) => word !== "WITHSCORES").join(" ")) {
      case "": {
        const [from, to] = [integer(start), integer(stop)];
        return from === undefined || to === undefined ? undefined : { method: "zrange", args: [key, from, to], kwargs };
      }
      case "BYSCORE":
        return { method: "zrangebyscore", args: [key, start, stop], kwargs };
      case "BYSCORE REV":
      case "REV BYSCORE":
        return { method: "zrevrangebyscore", args: [key, start, stop], kwargs };
    }
    return undefined;
  },
};
