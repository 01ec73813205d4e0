import type { Word } from "./commander.js";

/** The commands that change nothing. Any other may. */
export const reads: ReadonlySet<string> = new Set(
  (
    "BITCOUNT BITFIELD_RO BITPOS DBSIZE DUMP ECHO EVALSHA_RO EVAL_RO EXISTS EXPIRETIME GEODIST GEOHASH GEOPOS " +
    "GEOSEARCH GET GETBIT GETRANGE HEXISTS HGET HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN HSTRLEN HVALS KEYS LCS " +
    "LINDEX LLEN LPOS LRANGE MEMORY MGET OBJECT PEXPIRETIME PFCOUNT PING PTTL RANDOMKEY SCAN SCARD SDIFF SINTER " +
    "SINTERCARD SISMEMBER SMEMBERS SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TIME TOUCH TTL TYPE " +
    "XINFO XLEN XPENDING XRANGE XREVRANGE ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZN.LSLICE " +
    "ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN " +
    "ZSCORE ZUNION"
  ).split(" "),
);

/** Reports whether a command may change something. */
export function changes([name]: readonly Word[]): boolean {
  return !reads.has(String(name).toUpperCase());
}

/** Reports whether a command may wait by itself. It then takes as long as it says, whatever the client's timeout. */
export function waits(words: readonly Word[]): boolean {
  const upper = (word: Word | undefined) => String(word).toUpperCase();
  return /^B[LRZ]/.test(upper(words[0])) || (/^XREAD/.test(upper(words[0])) && words.some((word) => upper(word) === "BLOCK"));
}
