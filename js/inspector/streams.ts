// Streams.
import type { Client } from "../src/index.js";
import { count } from "./format.js";
import { type Page, StoredSource } from "./sources.js";

/** How many entries of a stream are read, the newest ones. */
const maxStream = 1_000;

/** A stream: its newest entries, which are never changed. */
export class StreamSource extends StoredSource {
  readonly noun = "id";

  constructor(client: Client, key: string) {
    super(client, key, false);
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Page> {
    const [total, newest] = await this.run([["XLEN", this.key], ["XREVRANGE", this.key, "+", "-", "COUNT", Math.min(end, maxStream)]], signal);
    const length = total as number;
    const entries = (newest as [string, string[]][]).slice(start, end).map(([place, words]) => ({ place, text: textOfEntry(words) }));
    return { total: Math.min(length, maxStream), entries, ...(length > maxStream ? { note: `the newest ${count(maxStream)} of ${count(length)}` } : {}) };
  }

  async one(place: string): Promise<string | null> {
    const [found] = (await this.run([["XRANGE", this.key, place, place]])) as [[string, string[]][]];
    return found[0] ? textOfEntry(found[0][1]) : null;
  }
}

function textOfEntry(words: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: words.length / 2 }, (_, k) => [words[2 * k]!, words[2 * k + 1]!])));
}
