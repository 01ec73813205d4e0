// Lists: what has an order and indices.
import { type Client, DecodeError, List, ndarray, Segments } from "../src/index.js";
import { count } from "./format.js";
import { type Page, type Sample, StoredSource } from "./sources.js";
import { read, textOf } from "./values.js";

/** A List, or a list of Redis. */
export class ListSource extends StoredSource {
  readonly noun = "index";

  async read(start: number, end: number, signal: AbortSignal): Promise<Page> {
    const commands = [["LLEN", this.key], ["LRANGE", this.key, start, Math.max(start, end - 1)]];
    const [total, texts] = await this.run(commands, signal);
    return { total: total as number, entries: (texts as string[]).map((text, k) => ({ place: String(start + k), text })) };
  }

  async one(place: string): Promise<string | null> {
    const [text] = await this.run([["LINDEX", this.key, place]]);
    return text as string | null;
  }

  override async sample(most: number): Promise<Sample> {
    const [total] = (await this.run([["LLEN", this.key]])) as [number];
    const step = Math.max(1, Math.ceil(total / most));
    if (this.json) return { values: await this.#list.slice(0, null, step), step };
    const places = Array.from({ length: Math.ceil(total / step) }, (_, k) => k * step);
    const texts = await this.run(places.map((at) => ["LINDEX", this.key, at]));
    return { values: texts.map((text) => read(String(text))), step };
  }

  override readonly set = {
    asks: ["LSET", this.key, 0, ""],
    make: (place: string, text: string) => this.change(["LSET", this.key, place, text], () => ({ indices: [Number(place)] })),
  };

  override readonly add = {
    asks: ["RPUSH", this.key, ""],
    make: (_: string, text: string) => this.change(["RPUSH", this.key, text], (length) => ({ indices: [Number(length) - 1] })),
  };

  override readonly remove = {
    asks: ["LREM", this.key, 0, ""],
    make: async (place: string) => {
      if (this.json) {
        await this.#list.delete(Number(place));
        return;
      }
      const mark = `removed ${crypto.getRandomValues(new Uint32Array(4)).join()}`; // which no element is
      await this.run([["LSET", this.key, place, mark], ["LREM", this.key, 1, mark]]);
    },
  };

  get #list(): List {
    return new List({ client: this.client, key: nameIn(this.key), converters: [ndarray] });
  }
}

/** Segments, which are read by the pieces that they are made of. */
export class SegmentsSource extends StoredSource {
  readonly noun = "index";
  readonly #segments = new Segments({ client: this.client, key: nameIn(this.key), converters: [] });

  constructor(client: Client, key: string) {
    super(client, key, true);
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Page> {
    const segments = this.#segments.with({ signal });
    const total = await segments.length();
    const values = await segments.slice(start, end).then(
      (read) => read.map(textOf),
      () => Promise.all(Array.from({ length: Math.min(end, total) - start }, (_, k) => this.#text(start + k))), // one cannot be read
    );
    return { total, entries: values.map((text, k) => ({ place: String(start + k), text })) };
  }

  async one(place: string): Promise<string | null> {
    return this.#text(Number(place));
  }

  /** Reads the first ones: to read a few here and there takes as long as to read all. */
  override async sample(most: number): Promise<Sample> {
    const values = await this.#segments.slice(0, most);
    return { values, step: 1, ...(values.length === most ? { note: `the first ${count(most)}` } : {}) };
  }

  override readonly set = {
    asks: ["LSET", this.key, 0, ""],
    make: async (place: string, text: string) => this.#segments.set(Number(place), JSON.parse(text)),
  };

  override readonly add = {
    asks: ["RPUSH", this.key, ""],
    make: async (_: string, text: string) => void (await this.#segments.push(JSON.parse(text))),
  };

  override readonly remove = {
    asks: ["LREM", this.key, 0, ""],
    make: async (place: string) => void (await this.#segments.delete(Number(place))),
  };

  /** Reads an element, also one that is no JSON. */
  async #text(index: number): Promise<string> {
    try {
      const [value] = await this.#segments.slice(index, index + 1);
      return textOf(value);
    } catch (error) {
      if (error instanceof DecodeError) return error.raw;
      throw error;
    }
  }
}

/** The name in an object's key, as one opens it: with the prefixes that are part of it. */
function nameIn(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}
