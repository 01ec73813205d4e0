import type { Word } from "../commander.js";
import {
  command,
  done,
  float,
  type Key,
  many,
  type Many,
  options,
  type Pairs,
  pairs,
  text,
  textOrNull,
  textsOrNull,
  truth,
  whole,
} from "./command.js";

/** How SET sets. Times to live are in seconds (EX), milliseconds (PX), or until a time since 1970. */
export interface SetOptions {
  EX?: number;
  PX?: number;
  EXAT?: number;
  PXAT?: number;
  KEEPTTL?: boolean;
  /** Only what is not there yet. */
  NX?: boolean;
  /** Only what is there already. */
  XX?: boolean;
  /** Gives the old value, null where there was none. */
  GET?: boolean;
}

/** What GETEX does with a key's time to live. */
export interface GetExOptions {
  EX?: number;
  PX?: number;
  EXAT?: number;
  PXAT?: number;
  PERSIST?: boolean;
}

export const stringCommands = {
  /** Gives the value of a key, null where there is none. */
  get: (key: Key) => command(textOrNull, ["GET", key]),
  /** Gives a key a value and takes its time to live away. It gives "OK", or null where NX or XX does not hold. */
  set: (key: Key, value: Word, set?: SetOptions) => command(textOrNull, ["SET", key, value, ...options(set)]),
  /** Sets a key that does not exist and reports whether it did. */
  setNX: (key: Key, value: Word) => command(truth, ["SETNX", key, value]),
  /** Sets a key and lets it live for some seconds. */
  setEx: (key: Key, seconds: number, value: Word) => command(done, ["SETEX", key, seconds, value]),
  /** Like setEx, in milliseconds. */
  pSetEx: (key: Key, milliseconds: number, value: Word) => command(done, ["PSETEX", key, milliseconds, value]),
  /** Gives the value of a key and deletes it. */
  getDel: (key: Key) => command(textOrNull, ["GETDEL", key]),
  /** Gives the value of a key and changes its time to live. */
  getEx: (key: Key, change: GetExOptions) => command(textOrNull, ["GETEX", key, ...options(change)]),
  /** Gives the value of each key, null where there is none. */
  mGet: (...keys: Many<Key>) => command(textsOrNull, ["MGET", ...many(keys)]),
  /** Sets several keys. */
  mSet: (values: Pairs) => command(done, ["MSET", ...pairs(values)]),
  /** Sets several keys if none of them exists, and reports whether it did. */
  mSetNX: (values: Pairs) => command(truth, ["MSETNX", ...pairs(values)]),
  /** Appends to the value of a key and gives its new length in bytes. */
  append: (key: Key, value: Word) => command(whole, ["APPEND", key, value]),
  /** Gives the length of a value in bytes, 0 where there is none. */
  strLen: (key: Key) => command(whole, ["STRLEN", key]),
  /** Gives the bytes from start to end, both included; negative ones count from the end. */
  getRange: (key: Key, start: number, end: number) => command(text, ["GETRANGE", key, start, end]),
  /** Writes at an offset and gives the new length. A gap is filled with zero bytes. */
  setRange: (key: Key, offset: number, value: Word) => command(whole, ["SETRANGE", key, offset, value]),
  /** Adds 1 and gives the sum. A missing key is 0. */
  incr: (key: Key) => command(whole, ["INCR", key]),
  /** Adds and gives the sum. */
  incrBy: (key: Key, increment: number | bigint) => command(whole, ["INCRBY", key, increment]),
  /** Adds a number that need not be whole and gives the sum. */
  incrByFloat: (key: Key, increment: number) => command(float, ["INCRBYFLOAT", key, increment]),
  /** Subtracts 1 and gives the difference. */
  decr: (key: Key) => command(whole, ["DECR", key]),
  /** Subtracts and gives the difference. */
  decrBy: (key: Key, decrement: number | bigint) => command(whole, ["DECRBY", key, decrement]),
  /** Gives the longest common subsequence of two values. */
  lcs: (key1: Key, key2: Key) => command(text, ["LCS", key1, key2]),
};
