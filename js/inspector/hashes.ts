// Dicts and hashes: texts under fields.
import { maxPlaces, noteOn, Places } from "./places.js";
import { type Page, StoredSource } from "./sources.js";
import { noText } from "./stringview.js";

/** A Dict, or a hash of Redis. */
export class HashSource extends StoredSource {
  readonly noun = "field";
  override readonly adds = "both";
  readonly #fields = new Places(async (signal) => {
    const [total] = await this.run([["HLEN", this.key]], signal);
    if ((total as number) <= maxPlaces) return (await this.run([["HKEYS", this.key]], signal))[0] as string[];
    const fields: string[] = [];
    for await (const { field } of this.client.with({ signal }).hScanIterator(this.key, { COUNT: 5_000 })) {
      if (fields.push(field) === maxPlaces) break;
    }
    return fields;
  });

  async read(start: number, end: number, signal: AbortSignal): Promise<Page> {
    const [total] = (await this.run([["HLEN", this.key]], signal)) as [number];
    let shown = (await this.#fields.get(total, signal)).slice(start, end);
    let texts = await this.#texts(shown, signal);
    if (texts.includes(null)) {
      this.#fields.forget(); // one of them is gone
      shown = (await this.#fields.get(total, signal)).slice(start, end);
      texts = await this.#texts(shown, signal);
    }
    const entries = shown.flatMap((place, k) => {
      const text = texts[k] ?? (place.includes("\ufffd") ? noText : null); // a field of other bytes cannot be asked for by a text
      return text === null ? [] : [{ place, text }];
    });
    return { total: Math.min(total, maxPlaces), entries, late: this.#fields.late, ...noteOn(total) };
  }

  async one(place: string): Promise<string | null> {
    const [text] = await this.run([["HGET", this.key, place]]);
    return text as string | null;
  }

  override readonly set = {
    asks: ["HSET", this.key, "", ""],
    make: (place: string, text: string) => this.change(["HSET", this.key, place, text], () => ({ keys: [place] })),
  };

  override readonly add = this.set;

  override readonly remove = {
    asks: ["HDEL", this.key, ""],
    make: (place: string) => this.change(["HDEL", this.key, place], () => ({ keys: [place] })),
  };

  async #texts(fields: readonly string[], signal: AbortSignal): Promise<(string | null)[]> {
    if (fields.length === 0) return [];
    return (await this.run(fields.map((field) => ["HGET", this.key, field]), signal)) as (string | null)[];
  }
}
