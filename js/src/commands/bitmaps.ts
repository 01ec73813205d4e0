import type { Word } from "../commander.js";
import { all, command, done, type Key, type Many, of, whole, wholeOrNull } from "./command.js";

/** Bytes, or bits, from start to end, both included; negative ones count from the end. */
export interface BitRange {
  start: number;
  end: number;
  mode?: "BYTE" | "BIT";
}

/** A step of bitField: an encoding is "u8" or "i16", an offset 0 or "#1". */
export type BitFieldStep =
  | { operation: "GET"; encoding: string; offset: number | string }
  | { operation: "SET"; encoding: string; offset: number | string; value: number | bigint }
  | { operation: "INCRBY"; encoding: string; offset: number | string; increment: number | bigint }
  | { operation: "OVERFLOW"; behavior: "WRAP" | "SAT" | "FAIL" };

type Step = { operation: string; encoding?: string; offset?: Word; value?: Word; increment?: Word; behavior?: string };

const steps = (given: readonly BitFieldStep[]): Word[] =>
  (given as readonly Step[])
    .flatMap((s) => [s.operation, s.behavior ?? s.encoding, s.offset, s.value ?? s.increment])
    .filter((word) => word !== undefined);

const number = of(whole);

export const bitmapCommands = {
  /** Sets a bit, the highest of the first byte at 0, and gives what it was. */
  setBit: number<[key: Key, offset: number, bit: 0 | 1]>("SETBIT"),
  /** Gives a bit, 0 behind the end. */
  getBit: number<[key: Key, offset: number]>("GETBIT"),
  /** Counts the bits that are 1. */
  bitCount: (key: Key, range?: BitRange) =>
    command(whole, ["BITCOUNT", key, ...(range ? [range.start, range.end, range.mode ?? "BYTE"] : [])]),
  /** Gives where the first such bit is, -1 where there is none. */
  bitPos: number<[key: Key, bit: 0 | 1, start?: number, end?: number, mode?: "BYTE" | "BIT"]>("BITPOS"),
  /** Stores how the bits of keys join and gives the length in bytes. */
  bitOp: number<[operation: "AND" | "OR" | "XOR" | "NOT", destination: Key, ...keys: Many<Key>]>("BITOP", 2),
  /** Carries out steps and gives the number of each, null where one was kept from an overflow. */
  bitField: (key: Key, given: readonly BitFieldStep[]) => command(all(wholeOrNull), ["BITFIELD", key, ...steps(given)]),
  /** Carries out steps that only read. */
  bitFieldRo: (key: Key, given: readonly Extract<BitFieldStep, { operation: "GET" }>[]) =>
    command(all(whole), ["BITFIELD_RO", key, ...steps(given)]),

  /** Counts elements in and gives 1 where the estimate may have changed. */
  pfAdd: number<[key: Key, ...elements: Many]>("PFADD", 1),
  /** Estimates how many different elements keys have together. */
  pfCount: number<[...keys: Many<Key>]>("PFCOUNT", 0),
  /** Counts what keys have into another. */
  pfMerge: of(done)<[destination: Key, ...keys: Many<Key>]>("PFMERGE", 1),
};
