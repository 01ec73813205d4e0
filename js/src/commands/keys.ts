import {
  command,
  done,
  type Key,
  many,
  type Many,
  options,
  page,
  text,
  textOrNull,
  texts,
  timestamp,
  truth,
  whole,
} from "./command.js";

/** What SCAN and its like look for. */
export interface ScanOptions {
  /** A glob pattern. */
  MATCH?: string;
  /** About how many a page has. */
  COUNT?: number;
}

/** When a change of an expiry is made. */
export type ExpireMode = "NX" | "XX" | "GT" | "LT";

const mode = (given: ExpireMode | undefined) => (given ? [given] : []);

export const keyCommands = {
  /** Deletes keys and gives how many there were. */
  del: (...keys: Many<Key>) => command(whole, ["DEL", ...many(keys)]),
  /** Like del; memory is given back later where the server can. */
  unlink: (...keys: Many<Key>) => command(whole, ["UNLINK", ...many(keys)]),
  /** Counts the keys that exist, one named twice twice. */
  exists: (...keys: Many<Key>) => command(whole, ["EXISTS", ...many(keys)]),
  /** Counts the keys that exist and marks them as used. */
  touch: (...keys: Many<Key>) => command(whole, ["TOUCH", ...many(keys)]),
  /** Gives string, list, set, zset, hash or none. */
  type: (key: Key) => command(text, ["TYPE", key]),
  /** Gives the keys that match a glob pattern. */
  keys: (pattern: string) => command(texts, ["KEYS", pattern]),
  /** Gives one page of keys and the cursor to go on with, "0" at the end; see scanIterator. */
  scan: (cursor: string | number, scan?: ScanOptions & { TYPE?: string }) =>
    command(page(texts), ["SCAN", cursor, ...options(scan)]),
  /** Gives a random key, null where there is none. */
  randomKey: () => command(textOrNull, ["RANDOMKEY"]),
  /** Gives a key a new name, over whatever has it. */
  rename: (key: Key, newKey: Key) => command(done, ["RENAME", key, newKey]),
  /** Gives a key a new name if that is free, and reports whether it was. */
  renameNX: (key: Key, newKey: Key) => command(truth, ["RENAMENX", key, newKey]),
  /** Copies a key and reports whether it did: not where there is none, nor over another without REPLACE. */
  copy: (source: Key, destination: Key, copy?: { REPLACE?: boolean }) =>
    command(truth, ["COPY", source, destination, ...options(copy)]),
  /** Lets a key live for some seconds; it reports whether the key is there and the mode holds. */
  expire: (key: Key, seconds: number, when?: ExpireMode) => command(truth, ["EXPIRE", key, seconds, ...mode(when)]),
  /** Like expire, in milliseconds. */
  pExpire: (key: Key, milliseconds: number, when?: ExpireMode) =>
    command(truth, ["PEXPIRE", key, milliseconds, ...mode(when)]),
  /** Lets a key live until a time: a Date, or seconds since 1970. */
  expireAt: (key: Key, time: number | Date, when?: ExpireMode) =>
    command(truth, ["EXPIREAT", key, timestamp(time, 1000), ...mode(when)]),
  /** Like expireAt, in milliseconds. */
  pExpireAt: (key: Key, time: number | Date, when?: ExpireMode) =>
    command(truth, ["PEXPIREAT", key, timestamp(time, 1), ...mode(when)]),
  /** Gives how many seconds a key will live: -1 where it has no end, -2 where there is none. */
  ttl: (key: Key) => command(whole, ["TTL", key]),
  /** Like ttl, in milliseconds. */
  pTTL: (key: Key) => command(whole, ["PTTL", key]),
  /** Gives when a key ends, in seconds since 1970; -1 and -2 as ttl. */
  expireTime: (key: Key) => command(whole, ["EXPIRETIME", key]),
  /** Like expireTime, in milliseconds. */
  pExpireTime: (key: Key) => command(whole, ["PEXPIRETIME", key]),
  /** Takes a key's time to live away and reports whether it had one. */
  persist: (key: Key) => command(truth, ["PERSIST", key]),
  /** Counts the keys. */
  dbSize: () => command(whole, ["DBSIZE"]),
  /** Deletes every key. */
  flushDb: () => command(done, ["FLUSHDB"]),
  /** Deletes every key of every database. */
  flushAll: () => command(done, ["FLUSHALL"]),
  /** Gives PONG. */
  ping: () => command(text, ["PING"]),
  /** Gives its argument. */
  echo: (message: Key) => command(text, ["ECHO", message]),
};
