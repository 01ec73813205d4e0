import type { Word } from "../commander.js";
import {
  command,
  done,
  entries,
  fields,
  float,
  type Key,
  list,
  many,
  type Many,
  options,
  page,
  type Pairs,
  pairs,
  textOrNull,
  texts,
  textsOrNull,
  truth,
  whole,
} from "./command.js";
import type { ScanOptions } from "./keys.js";

export const hashCommands = {
  /** Sets fields, given in turn with their values or as pairs, and gives how many are new. */
  hSet: (key: Key, ...fields: [values: Pairs] | [field: Word, value: Word, ...more: Word[]]) =>
    command(whole, ["HSET", key, ...(fields.length === 1 ? pairs(fields[0] as Pairs) : (fields as Word[]))]),
  /** Sets fields. */
  hMSet: (key: Key, values: Pairs) => command(done, ["HSET", key, ...pairs(values)]),
  /** Sets a field that does not exist and reports whether it did. */
  hSetNX: (key: Key, field: Word, value: Word) => command(truth, ["HSETNX", key, field, value]),
  /** Gives a field, null where there is none. */
  hGet: (key: Key, field: Word) => command(textOrNull, ["HGET", key, field]),
  /** Gives the value of each field, null where there is none. */
  hMGet: (key: Key, ...fields: Many) => command(textsOrNull, ["HMGET", key, ...many(fields)]),
  /** Gives all fields and values. */
  hGetAll: (key: Key) => command(fields, ["HGETALL", key]),
  /** Deletes fields and gives how many there were. */
  hDel: (key: Key, ...fields: Many) => command(whole, ["HDEL", key, ...many(fields)]),
  /** Reports whether a field exists. */
  hExists: (key: Key, field: Word) => command(truth, ["HEXISTS", key, field]),
  /** Gives the fields; a store keeps them in order of insertion. */
  hKeys: (key: Key) => command(texts, ["HKEYS", key]),
  /** Gives the values. */
  hVals: (key: Key) => command(texts, ["HVALS", key]),
  /** Counts the fields. */
  hLen: (key: Key) => command(whole, ["HLEN", key]),
  /** Gives the length of a value in bytes. */
  hStrLen: (key: Key, field: Word) => command(whole, ["HSTRLEN", key, field]),
  /** Adds to a field and gives the sum. */
  hIncrBy: (key: Key, field: Word, increment: number | bigint) => command(whole, ["HINCRBY", key, field, increment]),
  /** Adds a number that need not be whole to a field and gives the sum. */
  hIncrByFloat: (key: Key, field: Word, increment: number) => command(float, ["HINCRBYFLOAT", key, field, increment]),
  /** Gives a random field, null where there is none. */
  hRandField: (key: Key) => command(textOrNull, ["HRANDFIELD", key]),
  /** Gives random fields: different ones, or with a negative count possibly the same more than once. */
  hRandFieldCount: (key: Key, count: number) => command(texts, ["HRANDFIELD", key, count]),
  /** Gives random fields with their values. */
  hRandFieldCountWithValues: (key: Key, count: number) =>
    command(
      (reply) => entries(list(reply).flat()).map(([field, value]) => ({ field, value })),
      ["HRANDFIELD", key, count, "WITHVALUES"],
    ),
  /** Gives one page of fields and values; see hScanIterator. */
  hScan: (key: Key, cursor: string | number, scan?: ScanOptions) =>
    command(page(entries), ["HSCAN", key, cursor, ...options(scan)]),
};
