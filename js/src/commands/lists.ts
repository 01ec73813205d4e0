import type { Word } from "../commander.js";
import { all, command, done, type Key, many, type Many, options, textOrNull, texts, whole, wholeOrNull } from "./command.js";

/** Which match LPOS gives, from the end where negative, and how many elements it looks at. */
export interface LPosOptions {
  RANK?: number;
  MAXLEN?: number;
}

export type Side = "LEFT" | "RIGHT";

export const listCommands = {
  /** Puts values before the first, one after the other, and gives the new length. */
  lPush: (key: Key, ...values: Many) => command(whole, ["LPUSH", key, ...many(values)]),
  /** Puts values after the last and gives the new length. */
  rPush: (key: Key, ...values: Many) => command(whole, ["RPUSH", key, ...many(values)]),
  /** Like lPush, for a list that exists; 0 where it does not. */
  lPushX: (key: Key, ...values: Many) => command(whole, ["LPUSHX", key, ...many(values)]),
  /** Like rPush, for a list that exists; 0 where it does not. */
  rPushX: (key: Key, ...values: Many) => command(whole, ["RPUSHX", key, ...many(values)]),
  /** Removes the first element and gives it, null where there is none. */
  lPop: (key: Key) => command(textOrNull, ["LPOP", key]),
  /** Removes up to count elements at the front and gives them. */
  lPopCount: (key: Key, count: number) => command(texts, ["LPOP", key, count]),
  /** Removes the last element and gives it, null where there is none. */
  rPop: (key: Key) => command(textOrNull, ["RPOP", key]),
  /** Removes up to count elements at the end and gives them, the last one first. */
  rPopCount: (key: Key, count: number) => command(texts, ["RPOP", key, count]),
  /** Gives the length, 0 where there is no list. */
  lLen: (key: Key) => command(whole, ["LLEN", key]),
  /** Gives the element at an index, negative ones from the end; null where there is none. */
  lIndex: (key: Key, index: number) => command(textOrNull, ["LINDEX", key, index]),
  /** Replaces the element at an index. */
  lSet: (key: Key, index: number, value: Word) => command(done, ["LSET", key, index, value]),
  /** Gives the elements from start to stop, both included; negative ones count from the end. */
  lRange: (key: Key, start: number, stop: number) => command(texts, ["LRANGE", key, start, stop]),
  /** Keeps the elements from start to stop, both included. */
  lTrim: (key: Key, start: number, stop: number) => command(done, ["LTRIM", key, start, stop]),
  /** Removes elements equal to a value and gives how many: the first count ones, the last -count ones, or with 0 all. */
  lRem: (key: Key, count: number, value: Word) => command(whole, ["LREM", key, count, value]),
  /** Puts a value before or after the first element equal to pivot and gives the new length, -1 where there is no such element. */
  lInsert: (key: Key, side: "BEFORE" | "AFTER", pivot: Word, value: Word) =>
    command(whole, ["LINSERT", key, side, pivot, value]),
  /** Gives the index of the first element equal to a value, null where there is none. */
  lPos: (key: Key, value: Word, pos?: LPosOptions) => command(wholeOrNull, ["LPOS", key, value, ...options(pos)]),
  /** Gives the indices of up to so many elements equal to a value; 0 is all. */
  lPosCount: (key: Key, value: Word, count: number, pos?: LPosOptions) =>
    command(all(whole), ["LPOS", key, value, "COUNT", count, ...options(pos)]),
  /** Takes an element from one end of a list to one of another and gives it, null where there is none. */
  lMove: (source: Key, destination: Key, from: Side, to: Side) =>
    command(textOrNull, ["LMOVE", source, destination, from, to]),
  /** Takes the last element of a list to the front of another and gives it, null where there is none. */
  rPopLPush: (source: Key, destination: Key) => command(textOrNull, ["RPOPLPUSH", source, destination]),
};
