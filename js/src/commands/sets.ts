import type { Word } from "../commander.js";
import {
  command,
  type Key,
  many,
  type Many,
  numbered,
  options,
  page,
  textOrNull,
  texts,
  truth,
  truths,
  whole,
} from "./command.js";
import type { ScanOptions } from "./keys.js";

export const setCommands = {
  /** Adds members and gives how many are new. */
  sAdd: (key: Key, ...members: Many) => command(whole, ["SADD", key, ...many(members)]),
  /** Removes members and gives how many there were. */
  sRem: (key: Key, ...members: Many) => command(whole, ["SREM", key, ...many(members)]),
  /** Gives the members, in no order. */
  sMembers: (key: Key) => command(texts, ["SMEMBERS", key]),
  /** Reports whether a member is in the set. */
  sIsMember: (key: Key, member: Word) => command(truth, ["SISMEMBER", key, member]),
  /** Reports it for several members. */
  smIsMember: (key: Key, ...members: Many) => command(truths, ["SMISMEMBER", key, ...many(members)]),
  /** Counts the members. */
  sCard: (key: Key) => command(whole, ["SCARD", key]),
  /** Removes a random member and gives it, null where there is none. */
  sPop: (key: Key) => command(textOrNull, ["SPOP", key]),
  /** Removes up to count random members and gives them. */
  sPopCount: (key: Key, count: number) => command(texts, ["SPOP", key, count]),
  /** Gives a random member, null where there is none. */
  sRandMember: (key: Key) => command(textOrNull, ["SRANDMEMBER", key]),
  /** Gives random members: different ones, or with a negative count possibly the same more than once. */
  sRandMemberCount: (key: Key, count: number) => command(texts, ["SRANDMEMBER", key, count]),
  /** Moves a member to another set and reports whether it was there. */
  sMove: (source: Key, destination: Key, member: Word) => command(truth, ["SMOVE", source, destination, member]),
  /** Gives the members that all sets have. */
  sInter: (...keys: Many<Key>) => command(texts, ["SINTER", ...many(keys)]),
  /** Stores them and gives how many. */
  sInterStore: (destination: Key, ...keys: Many<Key>) => command(whole, ["SINTERSTORE", destination, ...many(keys)]),
  /** Counts them, up to LIMIT. */
  sInterCard: (keys: readonly Key[], card?: { LIMIT?: number }) =>
    command(whole, ["SINTERCARD", ...numbered(keys), ...options(card)]),
  /** Gives the members that any set has. */
  sUnion: (...keys: Many<Key>) => command(texts, ["SUNION", ...many(keys)]),
  /** Stores them and gives how many. */
  sUnionStore: (destination: Key, ...keys: Many<Key>) => command(whole, ["SUNIONSTORE", destination, ...many(keys)]),
  /** Gives the members of the first set that no other has. */
  sDiff: (...keys: Many<Key>) => command(texts, ["SDIFF", ...many(keys)]),
  /** Stores them and gives how many. */
  sDiffStore: (destination: Key, ...keys: Many<Key>) => command(whole, ["SDIFFSTORE", destination, ...many(keys)]),
  /** Gives one page of members; see sScanIterator. */
  sScan: (key: Key, cursor: string | number, scan?: ScanOptions) =>
    command(page(texts), ["SSCAN", key, cursor, ...options(scan)]),
};
