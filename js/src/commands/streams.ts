import type { Reply, Word } from "../commander.js";
import {
  all,
  command,
  done,
  fields,
  type Key,
  list,
  type Many,
  of,
  options,
  orNull,
  pairs,
  type Pairs,
  record,
  text,
  textOrNull,
  texts,
  whole,
} from "./command.js";

/** An entry of a stream; its message is null where it is pending but was deleted. */
export interface StreamEntry {
  id: string;
  message: Record<string, string> | null;
}

/** What is deleted: all but so many entries (MAXLEN), or those with lower IDs (MINID). With ~ some more may be left. */
export interface Trim {
  strategy: "MAXLEN" | "MINID";
  strategyModifier?: "=" | "~";
  threshold: number | string;
  limit?: number;
}

export interface XAddOptions {
  /** Only into a stream that exists. */
  NOMKSTREAM?: boolean;
  TRIM?: Trim;
}

/** How many entries of each stream, and for how many milliseconds to wait for some; 0 is for ever. */
export interface XReadOptions {
  COUNT?: number;
  BLOCK?: number;
}

/** A stream, and the ID behind which to read: "$" is what is new from now on, ">" what nobody of the group has read. */
export interface StreamPlace {
  key: Key;
  id: string;
}

const trim = ({ strategy, strategyModifier, threshold, limit }: Trim): Word[] => [
  strategy,
  strategyModifier ?? "=",
  threshold,
  ...options({ LIMIT: limit }),
];

const places = (streams: StreamPlace | readonly StreamPlace[]): Word[] => {
  const all = [streams].flat() as StreamPlace[];
  return ["STREAMS", ...all.map(({ key }) => key), ...all.map(({ id }) => id)];
};

const entry = (reply: Reply): StreamEntry => {
  const [id = null, message = null] = list(reply);
  return { id: text(id), message: orNull(fields)(message) };
};

const entries = all(entry);

const read = all((reply) => {
  const [name = null, messages = null] = list(reply);
  return { name: text(name), messages: entries(messages) };
});

const summary = (reply: Reply) => {
  const [pending = null, firstId = null, lastId = null, consumers = null] = list(reply);
  const each = all((consumer) => {
    const [name = null, count = null] = list(consumer);
    return { name: text(name), deliveriesCounter: whole(count) };
  });
  return { pending: whole(pending), firstId: textOrNull(firstId), lastId: textOrNull(lastId), consumers: each(consumers) };
};

const pendings = all((reply) => {
  const [id = null, consumer = null, idle = null, count = null] = list(reply);
  return {
    id: text(id),
    consumer: text(consumer),
    millisecondsSinceLastDelivery: whole(idle),
    deliveriesCounter: whole(count),
  };
});

const claimed =
  <T>(messages: (reply: Reply) => T) =>
  (reply: Reply) => {
    const [nextId = null, found = null, deleted = null] = list(reply);
    return { nextId: text(nextId), messages: messages(found), deletedMessages: texts(deleted) };
  };

type Group = [key: Key, group: Key];
type Claim = [key: Key, group: Key, consumer: Key, minIdle: number];
const number = of(whole);
const found = of(entries);
const ok = of(done);

export const streamCommands = {
  /** Appends an entry under an ID, "*" for one of the server's, and gives the ID; null where NOMKSTREAM keeps it out. */
  xAdd: (key: Key, id: string, message: Pairs, { NOMKSTREAM, TRIM }: XAddOptions = {}) =>
    command(textOrNull, ["XADD", key, ...options({ NOMKSTREAM }), ...(TRIM ? trim(TRIM) : []), id, ...pairs(message)]),
  /** Counts the entries. */
  xLen: number<[key: Key]>("XLEN"),
  /** Gives the entries from an ID to another, both included: "-" and "+" are the first and the last. */
  xRange: found<[key: Key, start: string, end: string, range?: { COUNT?: number }]>("XRANGE", 3),
  /** Gives the entries from an ID down to another. */
  xRevRange: found<[key: Key, start: string, end: string, range?: { COUNT?: number }]>("XREVRANGE", 3),
  /** Gives the entries behind the IDs, of the streams that have such. */
  xRead: (streams: StreamPlace | readonly StreamPlace[], how?: XReadOptions) =>
    command(read, ["XREAD", ...options(how), ...places(streams)]),
  /** Deletes entries and gives how many there were. */
  xDel: number<[key: Key, ...ids: Many<string>]>("XDEL", 1),
  /** Deletes entries and gives how many; see Trim. */
  xTrim: (key: Key, strategy: Trim["strategy"], threshold: number | string, how?: Pick<Trim, "strategyModifier" | "limit">) =>
    command(whole, ["XTRIM", key, ...trim({ ...how, strategy, threshold })]),
  /** Sets the last ID of a stream. */
  xSetId: ok<[key: Key, id: string, set?: { ENTRIESADDED?: number; MAXDELETEDID?: string }]>("XSETID", 2),
  /** Makes a group that begins behind an ID. */
  xGroupCreate: ok<[...Group, id: string, create?: { MKSTREAM?: boolean; ENTRIESREAD?: number }]>("XGROUP CREATE", 3),
  /** Has a group go on behind another ID. */
  xGroupSetId: ok<[...Group, id: string, set?: { ENTRIESREAD?: number }]>("XGROUP SETID", 3),
  /** Deletes a group and gives how many there were. */
  xGroupDestroy: number<Group>("XGROUP DESTROY"),
  /** Makes a consumer and gives how many are new. */
  xGroupCreateConsumer: number<[...Group, consumer: Key]>("XGROUP CREATECONSUMER"),
  /** Deletes a consumer and gives how many entries were pending for it. */
  xGroupDelConsumer: number<[...Group, consumer: Key]>("XGROUP DELCONSUMER"),
  /** Like xRead, for a consumer of a group: what it gets is pending until xAck. */
  xReadGroup: (group: Key, consumer: Key, streams: StreamPlace | readonly StreamPlace[], how?: XReadOptions & { NOACK?: boolean }) =>
    command(read, ["XREADGROUP", "GROUP", group, consumer, ...options(how), ...places(streams)]),
  /** Says that entries are done with and gives how many were pending. */
  xAck: number<[...Group, ...ids: Many<string>]>("XACK", 2),
  /** Sums up what is pending in a group. */
  xPending: of(summary)<Group>("XPENDING"),
  /** Tells of each entry that is pending, for at least `IDLE` milliseconds, for a consumer or all. */
  xPendingRange: (key: Key, group: Key, start: string, end: string, count: number, which: { IDLE?: number; consumer?: Key } = {}) =>
    command(pendings, [
      "XPENDING",
      key,
      group,
      ...options({ IDLE: which.IDLE }),
      start,
      end,
      count,
      ...(which.consumer === undefined ? [] : [which.consumer]),
    ]),
  /** Takes entries over that were pending for so many milliseconds and gives them. */
  xClaim: found<[...Claim, ids: string | readonly string[]]>("XCLAIM", 4),
  /** Takes entries over and gives their IDs. */
  xClaimJustId: (...[key, group, consumer, minIdle, ids]: [...Claim, ids: string | readonly string[]]) =>
    command(texts, ["XCLAIM", key, group, consumer, minIdle, ...[ids].flat(), "JUSTID"]),
  /** Takes the next entries over that were pending for so long; it also gives where to go on, "0-0" at the end. */
  xAutoClaim: of(claimed(entries))<[...Claim, start: string, claim?: { COUNT?: number }]>("XAUTOCLAIM", 5),
  /** Takes the next entries over and gives their IDs. */
  xAutoClaimJustId: (...[key, group, consumer, minIdle, start, claim]: [...Claim, start: string, claim?: { COUNT?: number }]) =>
    command(claimed(texts), ["XAUTOCLAIM", key, group, consumer, minIdle, start, ...options(claim), "JUSTID"]),
  /** Tells of a stream, by Redis's names. */
  xInfoStream: of(record)<[key: Key, info?: { FULL?: boolean; COUNT?: number }]>("XINFO STREAM", 1),
  /** Tells of the groups of a stream. */
  xInfoGroups: of(all(record))<[key: Key]>("XINFO GROUPS"),
  /** Tells of the consumers of a group. */
  xInfoConsumers: of(all(record))<Group>("XINFO CONSUMERS"),
};
