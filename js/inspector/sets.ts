// Sets, and sorted sets.
import type { Client } from "../src/index.js";
import { fewPlaces, maxPlaces, noteOn, Places } from "./places.js";
import { type Page, StoredSource } from "./sources.js";

export class SetSource extends StoredSource {
  readonly noun = "member";
  override readonly adds = "place";
  readonly #members = new Places(async (signal) => {
    const members = new Set<string>();
    for await (const member of this.client.with({ signal }).sScanIterator(this.key, { COUNT: 5_000 })) {
      if (members.add(member).size === maxPlaces) break;
    }
    return [...members].sort();
  });

  constructor(client: Client, key: string) {
    super(client, key, false);
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Page> {
    const total = await this.client.with({ signal }).sCard(this.key);
    if (total <= fewPlaces) this.#members.forget();
    const members = await this.#members.get(total, signal);
    return { total: members.length, entries: members.slice(start, end).map((place) => ({ place, text: "" })), late: this.#members.late, ...noteOn(total) };
  }

  async one(place: string): Promise<string | null> {
    return (await this.client.sIsMember(this.key, place)) ? place : null;
  }

  override readonly add = {
    asks: ["SADD", this.key, ""],
    make: (place: string) => this.change(["SADD", this.key, place], () => ({})),
  };

  override readonly remove = {
    asks: ["SREM", this.key, ""],
    make: (place: string) => this.change(["SREM", this.key, place], () => ({})),
  };
}

/** A sorted set: its texts are scores. */
export class SortedSetSource extends StoredSource {
  readonly noun = "member";
  override readonly adds = "both";

  constructor(client: Client, key: string) {
    super(client, key, false);
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Page> {
    const commands = this.client.with({ signal });
    const [total, members] = await Promise.all([commands.zCard(this.key), commands.zRangeWithScores(this.key, start, Math.max(start, end - 1))]);
    return { total, entries: members.map(({ value, score }) => ({ place: value, text: String(score) })) };
  }

  async one(place: string): Promise<string | null> {
    const score = await this.client.zScore(this.key, place);
    return score === null ? null : String(score);
  }

  override readonly set = {
    asks: ["ZADD", this.key, 0, ""],
    make: (place: string, text: string) => this.change(["ZADD", this.key, text.trim(), place], () => ({})),
  };

  override readonly add = this.set;

  override readonly remove = {
    asks: ["ZREM", this.key, ""],
    make: (place: string) => this.change(["ZREM", this.key, place], () => ({})),
  };
}
