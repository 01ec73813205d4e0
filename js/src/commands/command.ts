import type { Reply, Word } from "../commander.js";
import { unexpected } from "../reply.js";

/** A command, and how its reply is read. */
export interface Command<T> {
  readonly words: readonly Word[];
  readonly read: (reply: Reply) => T;
}

export type Key = string | Uint8Array;

/** Several values, in lists or not. */
export type Many<T = Word> = (T | readonly T[])[];

/** Fields or keys with their values: an object, a Map, or pairs. */
export type Pairs = Readonly<Record<string, Word>> | ReadonlyMap<Key, Word> | readonly (readonly [Key, Word])[];

/** A member of a sorted set with its score. */
export interface Scored {
  value: string;
  score: number;
}

/** Makes a command of its words. A list where one word should be is refused when they are sent. */
export function command<T>(read: (reply: Reply) => T, words: readonly Word[]): Command<T> {
  return { words, read };
}

/**
 * Makes what makes commands of a name and of arguments that are their words in this order: `of(whole)<[key: Key]>("XLEN")`
 * is the command XLEN, which gives a number. Behind so many single words a list is several, and an object the options.
 */
export function of<T>(read: (reply: Reply) => T) {
  return <A extends readonly unknown[]>(name: string, single = Infinity) =>
    (...args: A): Command<T> =>
      command(read, [...name.split(" "), ...args.flatMap((each, i) => (i < single ? [each as Word] : severalOf(each)))]);
}

function severalOf(argument: unknown): Word[] {
  if (Array.isArray(argument)) return argument;
  const given = Object(argument) === argument && !(argument instanceof Uint8Array);
  return given || argument === undefined ? options(argument as object) : [argument as Word];
}

/** The words of several values. */
export function many(values: Many): Word[] {
  return values.flat() as Word[];
}

/** The words of pairs. */
export function pairs(list: Pairs): Word[] {
  return [...(list instanceof Map || Array.isArray(list) ? list : Object.entries(list))].flat() as Word[];
}

/** Keys with their number before them. */
export function numbered(keys: readonly Key[]): Word[] {
  return [keys.length, ...keys];
}

/** The words of options: the name of one that is true, the name and value of one that has a value, and else none. */
export function options(given: object = {}): Word[] {
  return Object.entries(given).flatMap(([name, value]: [string, unknown]): Word[] => {
    if (value === undefined || value === false) return [];
    return value === true ? [name] : [name, value as Word];
  });
}

/** A time in a unit of so many milliseconds. */
export function timestamp(time: number | Date, unit: number): number {
  return time instanceof Date ? Math.floor(time.getTime() / unit) : time;
}

// How replies are read. With bytes in place of texts they read these.

export const asIs = (reply: Reply): Reply => reply;

/** For commands whose reply says no more than that they were carried out. */
export const done = (): "OK" => "OK";

/** Reads an integer; NaN where a Python server does not say how many there were. */
export function whole(reply: Reply): number {
  if (reply === null) return NaN;
  const n = typeof reply === "boolean" || typeof reply === "string" ? Number(reply) : reply;
  if (typeof n === "number" && Number.isInteger(n)) return n;
  return unexpected(reply, "an integer that a number can hold");
}

export function float(reply: Reply): number {
  if (typeof reply === "number") return reply;
  const n = name(reply);
  if (n === "inf" || n === "-inf") return n === "inf" ? Infinity : -Infinity;
  if (n !== "" && !Number.isNaN(Number(n))) return Number(n);
  return unexpected(reply, "a number");
}

/** Reads 1 and 0, OK and null. */
export const truth = (reply: Reply): boolean => reply === true || (reply !== null && reply !== false && reply !== 0);

export function text(reply: Reply): string {
  if (typeof reply === "number" || typeof reply === "bigint") return String(reply);
  if (typeof reply === "string" || reply instanceof Uint8Array) return reply as string;
  return unexpected(reply, "a text");
}

export function list(reply: Reply): Reply[] {
  if (reply === null) return [];
  if (Array.isArray(reply)) return reply;
  if (typeof reply === "string" || reply instanceof Uint8Array) return [reply];
  return unexpected(reply, "a list");
}

/** Reads a list of what read reads. */
export const all =
  <T>(read: (reply: Reply) => T) =>
  (reply: Reply): T[] =>
    list(reply).map(read);

/** Reads what may be missing. */
export const orNull =
  <T>(read: (reply: Reply) => T) =>
  (reply: Reply): T | null =>
    reply === null ? null : read(reply);

/** Reads names with values of any kind in turn. */
export const record = (reply: Reply): Record<string, Reply> => {
  const flat = list(reply);
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [name(flat[2 * i]), flat[2 * i + 1]!]));
};

export const wholeOrNull = orNull(whole);
export const floatOrNull = orNull(float);
export const textOrNull = orNull(text);
export const texts = all(text);
export const textsOrNull = all(textOrNull);
export const truths = all(truth);
export const floatsOrNull = all(floatOrNull);

/** A text that is one also where bytes are asked for: a field, a cursor. */
function name(reply: Reply = null): string {
  return reply instanceof Uint8Array ? new TextDecoder().decode(reply) : text(reply);
}

/** Reads a hash, which Redis clients may give as a list of fields and values in turn. */
export function entries(reply: Reply): [field: string, value: string][] {
  if (reply instanceof Map) return Array.from(reply, ([field, value]) => [field, text(value)]);
  const flat = texts(reply);
  return Array.from({ length: flat.length / 2 }, (_, i) => [name(flat[2 * i]), flat[2 * i + 1]!]);
}

export const fields = (reply: Reply): Record<string, string> => Object.fromEntries(entries(reply));

/** Reads members with scores: pairs, or a list of both in turn. */
export function scores(reply: Reply): Scored[] {
  const all = list(reply);
  const pairs = all.every(Array.isArray)
    ? (all as Reply[][])
    : Array.from({ length: all.length / 2 }, (_, i) => all.slice(2 * i, 2 * i + 2));
  return pairs.map(([value = null, score = null]) => ({ value: text(value), score: float(score) }));
}

/** Reads a page of a SCAN. */
export function page<T>(items: (reply: Reply) => T): (reply: Reply) => { cursor: string; items: T } {
  return (reply) => {
    const [cursor, found, ...more] = Array.isArray(reply) ? reply : [];
    if (found === undefined || more.length > 0) return unexpected(reply, "a page");
    return { cursor: name(cursor), items: items(found) };
  };
}
