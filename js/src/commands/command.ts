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

export const wholeOrNull = (reply: Reply): number | null => (reply === null ? null : whole(reply));

export function float(reply: Reply): number {
  if (typeof reply === "number") return reply;
  const n = name(reply);
  if (n === "inf" || n === "-inf") return n === "inf" ? Infinity : -Infinity;
  if (n !== "" && !Number.isNaN(Number(n))) return Number(n);
  return unexpected(reply, "a number");
}

export const floatOrNull = (reply: Reply): number | null => (reply === null ? null : float(reply));

/** Reads 1 and 0, OK and null. */
export const truth = (reply: Reply): boolean => reply === true || (reply !== null && reply !== false && reply !== 0);

export const textOrNull = (reply: Reply): string | null => (reply === null ? null : text(reply));

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

export const texts = (reply: Reply): string[] => list(reply).map(text);
export const textsOrNull = (reply: Reply): (string | null)[] => list(reply).map(textOrNull);
export const truths = (reply: Reply): boolean[] => list(reply).map(truth);
export const floatsOrNull = (reply: Reply): (number | null)[] => list(reply).map(floatOrNull);

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
