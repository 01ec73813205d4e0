import type { Reply } from "../commander.js";
import { command, type Key, list, numbered, of, options, orNull, type Scored, scores, text, textOrNull, texts } from "./command.js";
import type { Side } from "./lists.js";

// A timeout is in seconds, and 0 is for ever. It is no timeout of the call, and in a pipeline nothing waits.

const pair = <K extends string, T>(name: K, read: (reply: Reply) => T) =>
  orNull((reply) => {
    const [key = null, rest = null] = list(reply);
    return { key: text(key), [name]: read(rest) } as { key: string } & { [_ in K]: T };
  });

const element = pair("element", text);
const elements = pair("elements", texts);
const members = pair("members", scores);
const member = orNull((reply): { key: string } & Scored => {
  const [key = null, ...rest] = list(reply);
  return { key: text(key), ...scores(rest)[0]! };
});

const pop =
  <T>(read: (reply: Reply) => T, name: string) =>
  (keys: Key | readonly Key[], timeout: number) =>
    command(read, [name, ...([keys].flat() as Key[]), timeout]);

type Count = { COUNT?: number };
const keysOf = (keys: Key | readonly Key[]) => numbered([keys].flat() as Key[]);

export const blockingCommands = {
  /** Removes up to COUNT elements from an end of the first list that has some. */
  lmPop: (keys: Key | readonly Key[], from: Side, pop?: Count) =>
    command(elements, ["LMPOP", ...keysOf(keys), from, ...options(pop)]),
  /** Removes up to COUNT members with the lowest or highest scores from the first sorted set that has some. */
  zmPop: (keys: Key | readonly Key[], order: "MIN" | "MAX", pop?: Count) =>
    command(members, ["ZMPOP", ...keysOf(keys), order, ...options(pop)]),
  /** Removes the first element of the first list that has one, and waits for one. */
  blPop: pop(element, "BLPOP"),
  /** Removes the last element of the first list that has one, and waits for one. */
  brPop: pop(element, "BRPOP"),
  /** Like lMove, and waits. */
  blMove: of(textOrNull)<[source: Key, destination: Key, from: Side, to: Side, timeout: number]>("BLMOVE"),
  /** Like rPopLPush, and waits. */
  brPopLPush: of(textOrNull)<[source: Key, destination: Key, timeout: number]>("BRPOPLPUSH"),
  /** Like lmPop, and waits. */
  blmPop: (timeout: number, keys: Key | readonly Key[], from: Side, pop?: Count) =>
    command(elements, ["BLMPOP", timeout, ...keysOf(keys), from, ...options(pop)]),
  /** Removes the member with the lowest score of the first sorted set that has one, and waits for one. */
  bzPopMin: pop(member, "BZPOPMIN"),
  /** Removes the member with the highest score of the first sorted set that has one, and waits for one. */
  bzPopMax: pop(member, "BZPOPMAX"),
  /** Like zmPop, and waits. */
  bzmPop: (timeout: number, keys: Key | readonly Key[], order: "MIN" | "MAX", pop?: Count) =>
    command(members, ["BZMPOP", timeout, ...keysOf(keys), order, ...options(pop)]),
};
