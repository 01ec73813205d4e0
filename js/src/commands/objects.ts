import { command, done, type Key, list, of, options, textOrNull, textsOrNull, truth, whole, wholeOrNull } from "./command.js";

export interface SortOptions {
  /** A pattern: by the value of the key that has the element for its *; "nosort" keeps the order. */
  BY?: string;
  LIMIT?: { offset: number; count: number };
  /** Patterns: give these values instead, "#" is the element itself. */
  GET?: string | string[];
  DIRECTION?: "ASC" | "DESC";
  /** As texts, not as numbers. */
  ALPHA?: boolean;
}

const sorting = ({ BY, LIMIT, GET = [], DIRECTION, ALPHA }: SortOptions = {}) => [
  ...options({ BY }),
  ...(LIMIT ? ["LIMIT", LIMIT.offset, LIMIT.count] : []),
  ...[GET].flat().flatMap((pattern) => ["GET", pattern]),
  ...(DIRECTION ? [DIRECTION] : []),
  ...options({ ALPHA }),
];

const number = of(wholeOrNull);

export const objectCommands = {
  /** Gives the elements of a list, set or sorted set in order; null for what a pattern of GET finds nothing for. */
  sort: (key: Key, sort?: SortOptions) => command(textsOrNull, ["SORT", key, ...sorting(sort)]),
  /** Sorts by a command that only reads. */
  sortRo: (key: Key, sort?: SortOptions) => command(textsOrNull, ["SORT_RO", key, ...sorting(sort)]),
  /** Stores the elements in order as a list and gives how many. */
  sortStore: (source: Key, destination: Key, sort?: SortOptions) =>
    command(whole, ["SORT", source, ...sorting(sort), "STORE", destination]),
  /** Gives a value in the form that restore takes, null where there is none. It is no text: `client.with({ bytes: true })`. */
  dump: of(textOrNull)<[key: Key]>("DUMP"),
  /** Gives a key what dump gave, to live for some milliseconds; 0 is without end. */
  restore: of(done)<[key: Key, ttl: number, dump: Key, restore?: { REPLACE?: boolean; ABSTTL?: boolean; IDLETIME?: number; FREQ?: number }]>(
    "RESTORE",
    3,
  ),
  /** Gives how a value is kept, null where there is none. */
  objectEncoding: of(textOrNull)<[key: Key]>("OBJECT ENCODING"),
  /** Gives how often a key is used, where the server counts that. */
  objectFreq: number<[key: Key]>("OBJECT FREQ"),
  /** Gives how many seconds ago a key was used. */
  objectIdleTime: number<[key: Key]>("OBJECT IDLETIME"),
  /** Gives how often a value is referred to. */
  objectRefCount: number<[key: Key]>("OBJECT REFCOUNT"),
  /** Estimates how many bytes a key and its value take. */
  memoryUsage: number<[key: Key, usage?: { SAMPLES?: number }]>("MEMORY USAGE", 1),
  /** Takes a key to another database and reports whether it did. */
  move: of(truth)<[key: Key, db: number]>("MOVE"),
  /** Lets two databases change places. */
  swapDb: of(done)<[db1: number, db2: number]>("SWAPDB"),
  /** Gives the time of the server. */
  time: of((reply) => {
    const [seconds = null, micros = null] = list(reply);
    return new Date(whole(seconds) * 1000 + whole(micros) / 1000);
  })<[]>("TIME"),
};
