import type { Word } from "../commander.js";
import {
  command,
  float,
  floatOrNull,
  floatsOrNull,
  type Key,
  many,
  type Many,
  numbered,
  options,
  page,
  scores,
  textOrNull,
  texts,
  whole,
  wholeOrNull,
} from "./command.js";
import type { ScanOptions } from "./keys.js";

/** An end of a range of scores, "-inf", 5, "(5", or of members, "-", "[a", "(a". */
export type Bound = number | string;

/** Which members ZADD takes, and that it counts those that changed (CH). */
export interface ZAddOptions {
  NX?: boolean;
  XX?: boolean;
  GT?: boolean;
  LT?: boolean;
  CH?: boolean;
}

/** Skips offset results and gives at most count; -1 gives all. */
export interface Limit {
  LIMIT?: { offset: number; count: number };
}

/** What a range is of: places, unless BY says scores or members. */
export interface ZRangeOptions extends Limit {
  BY?: "SCORE" | "LEX";
  /** From the last to the first. */
  REV?: boolean;
}

/** How scores are joined: multiplied first, one weight a key, then summed up unless AGGREGATE says otherwise. */
export interface JoinOptions {
  WEIGHTS?: number[];
  AGGREGATE?: "SUM" | "MIN" | "MAX";
}

type Member = { value: Word; score: number };

const rangeOptions = ({ BY, LIMIT, ...rest }: ZRangeOptions = {}): Word[] => [
  ...(BY ? [`BY${BY}`] : []),
  ...options(rest),
  ...(LIMIT ? ["LIMIT", LIMIT.offset, LIMIT.count] : []),
];

const joinOptions = ({ WEIGHTS, ...rest }: JoinOptions = {}): Word[] => [
  ...(WEIGHTS ? ["WEIGHTS", ...WEIGHTS] : []),
  ...options(rest),
];

const range = (key: Key, start: Bound, stop: Bound, by?: ZRangeOptions) =>
  command(texts, ["ZRANGE", key, start, stop, ...rangeOptions(by)]);

const rangeWithScores = (key: Key, start: Bound, stop: Bound, by?: ZRangeOptions) =>
  command(scores, ["ZRANGE", key, start, stop, ...rangeOptions(by), "WITHSCORES"]);

export const zsetCommands = {
  /** Adds members or changes their scores and gives how many are new. */
  zAdd: (key: Key, members: Member | readonly Member[], add?: ZAddOptions) =>
    command(whole, ["ZADD", key, ...options(add), ...[members].flat().flatMap(({ score, value }: Member) => [score, value])]),
  /** Adds to a member's score and gives it. */
  zIncrBy: (key: Key, increment: number, member: Word) => command(float, ["ZINCRBY", key, increment, member]),
  /** Counts the members. */
  zCard: (key: Key) => command(whole, ["ZCARD", key]),
  /** Counts the members with scores from min to max. */
  zCount: (key: Key, min: Bound, max: Bound) => command(whole, ["ZCOUNT", key, min, max]),
  /** Counts the members from min to max. */
  zLexCount: (key: Key, min: string, max: string) => command(whole, ["ZLEXCOUNT", key, min, max]),
  /** Gives a member's score, null where there is none. */
  zScore: (key: Key, member: Word) => command(floatOrNull, ["ZSCORE", key, member]),
  /** Gives the score of each member, null where there is none. */
  zmScore: (key: Key, ...members: Many) => command(floatsOrNull, ["ZMSCORE", key, ...many(members)]),
  /** Gives a member's place, the lowest score at 0; null where there is none. */
  zRank: (key: Key, member: Word) => command(wholeOrNull, ["ZRANK", key, member]),
  /** Gives a member's place, the highest score at 0; null where there is none. */
  zRevRank: (key: Key, member: Word) => command(wholeOrNull, ["ZREVRANK", key, member]),
  /** Gives the members from start to stop, both included. */
  zRange: range,
  /** Gives them with scores. */
  zRangeWithScores: rangeWithScores,
  /** Gives the members from place start to stop, the highest first. */
  zRevRange: (key: Key, start: number, stop: number) => range(key, start, stop, { REV: true }),
  /** Gives them with scores. */
  zRevRangeWithScores: (key: Key, start: number, stop: number) => rangeWithScores(key, start, stop, { REV: true }),
  /** Gives the members with scores from min to max. */
  zRangeByScore: (key: Key, min: Bound, max: Bound, limit?: Limit) => range(key, min, max, { ...limit, BY: "SCORE" }),
  /** Gives them with scores. */
  zRangeByScoreWithScores: (key: Key, min: Bound, max: Bound, limit?: Limit) =>
    rangeWithScores(key, min, max, { ...limit, BY: "SCORE" }),
  /** Gives the members with scores from max down to min. */
  zRevRangeByScore: (key: Key, max: Bound, min: Bound, limit?: Limit) =>
    range(key, max, min, { ...limit, BY: "SCORE", REV: true }),
  /** Gives the members from min to max where all scores are equal. */
  zRangeByLex: (key: Key, min: string, max: string, limit?: Limit) => range(key, min, max, { ...limit, BY: "LEX" }),
  /** Gives the members from max down to min. */
  zRevRangeByLex: (key: Key, max: string, min: string, limit?: Limit) =>
    range(key, max, min, { ...limit, BY: "LEX", REV: true }),
  /** Stores the members from start to stop and gives how many. */
  zRangeStore: (destination: Key, source: Key, start: Bound, stop: Bound, by?: ZRangeOptions) =>
    command(whole, ["ZRANGESTORE", destination, source, start, stop, ...rangeOptions(by)]),
  /** Removes members and gives how many there were. */
  zRem: (key: Key, ...members: Many) => command(whole, ["ZREM", key, ...many(members)]),
  /** Removes the members from place start to stop and gives how many. */
  zRemRangeByRank: (key: Key, start: number, stop: number) => command(whole, ["ZREMRANGEBYRANK", key, start, stop]),
  /** Removes the members with scores from min to max and gives how many. */
  zRemRangeByScore: (key: Key, min: Bound, max: Bound) => command(whole, ["ZREMRANGEBYSCORE", key, min, max]),
  /** Removes the members from min to max and gives how many. */
  zRemRangeByLex: (key: Key, min: string, max: string) => command(whole, ["ZREMRANGEBYLEX", key, min, max]),
  /** Removes the member with the lowest score and gives it, null where there is none. */
  zPopMin: (key: Key) => command((reply) => scores(reply)[0] ?? null, ["ZPOPMIN", key]),
  /** Removes up to count members with the lowest scores and gives them. */
  zPopMinCount: (key: Key, count: number) => command(scores, ["ZPOPMIN", key, count]),
  /** Removes the member with the highest score and gives it, null where there is none. */
  zPopMax: (key: Key) => command((reply) => scores(reply)[0] ?? null, ["ZPOPMAX", key]),
  /** Removes up to count members with the highest scores and gives them. */
  zPopMaxCount: (key: Key, count: number) => command(scores, ["ZPOPMAX", key, count]),
  /** Gives a random member, null where there is none. */
  zRandMember: (key: Key) => command(textOrNull, ["ZRANDMEMBER", key]),
  /** Gives random members: different ones, or with a negative count possibly the same more than once. */
  zRandMemberCount: (key: Key, count: number) => command(texts, ["ZRANDMEMBER", key, count]),
  /** Gives random members with scores. */
  zRandMemberCountWithScores: (key: Key, count: number) => command(scores, ["ZRANDMEMBER", key, count, "WITHSCORES"]),
  /** Gives the members of any set. */
  zUnion: (keys: readonly Key[], join?: JoinOptions) => command(texts, ["ZUNION", ...numbered(keys), ...joinOptions(join)]),
  /** Gives them with their scores joined. */
  zUnionWithScores: (keys: readonly Key[], join?: JoinOptions) =>
    command(scores, ["ZUNION", ...numbered(keys), ...joinOptions(join), "WITHSCORES"]),
  /** Stores them and gives how many. */
  zUnionStore: (destination: Key, keys: readonly Key[], join?: JoinOptions) =>
    command(whole, ["ZUNIONSTORE", destination, ...numbered(keys), ...joinOptions(join)]),
  /** Gives the members of all sets. */
  zInter: (keys: readonly Key[], join?: JoinOptions) => command(texts, ["ZINTER", ...numbered(keys), ...joinOptions(join)]),
  /** Gives them with their scores joined. */
  zInterWithScores: (keys: readonly Key[], join?: JoinOptions) =>
    command(scores, ["ZINTER", ...numbered(keys), ...joinOptions(join), "WITHSCORES"]),
  /** Stores them and gives how many. */
  zInterStore: (destination: Key, keys: readonly Key[], join?: JoinOptions) =>
    command(whole, ["ZINTERSTORE", destination, ...numbered(keys), ...joinOptions(join)]),
  /** Counts the members of all sets, up to LIMIT. */
  zInterCard: (keys: readonly Key[], card?: { LIMIT?: number }) =>
    command(whole, ["ZINTERCARD", ...numbered(keys), ...options(card)]),
  /** Gives the members of the first set that no other has. */
  zDiff: (keys: readonly Key[]) => command(texts, ["ZDIFF", ...numbered(keys)]),
  /** Gives them with scores. */
  zDiffWithScores: (keys: readonly Key[]) => command(scores, ["ZDIFF", ...numbered(keys), "WITHSCORES"]),
  /** Stores them and gives how many. */
  zDiffStore: (destination: Key, keys: readonly Key[]) => command(whole, ["ZDIFFSTORE", destination, ...numbered(keys)]),
  /** Gives one page of members with scores; see zScanIterator. */
  zScan: (key: Key, cursor: string | number, scan?: ScanOptions) =>
    command(page(scores), ["ZSCAN", key, cursor, ...options(scan)]),
};
