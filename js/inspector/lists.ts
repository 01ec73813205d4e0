// Lists: what has an order and indices.
import { type Client, List, ndarray, Segments } from "../src/index.js";
import { inner } from "../src/object.js";
import { boundsOf } from "../src/places.js";
import { segmentOperations as operations } from "../src/segmentops.js";
import { refreshFrom } from "../src/sequence.js";
import { count } from "./format.js";
import { type Page, type Sample, StoredSource } from "./sources.js";
import { read } from "./values.js";

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

/** Segments. Their texts are read and written as they are stored, in the Lists that their pieces are of. */
export class SegmentsSource extends StoredSource {
  readonly noun = "index";
  readonly #core = new Segments({ client: this.client, key: nameIn(this.key) })[inner];

  constructor(client: Client, key: string) {
    super(client, key, true);
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Page> {
    const core = this.#core.with({ calls: { signal } });
    const total = await operations.length(core);
    const { first, texts } = await operations.slice(core, boundsOf(start, end, 1));
    return { total, entries: texts.map((text, k) => ({ place: String(first + k), text })) };
  }

  one(place: string): Promise<string | null> {
    return operations.at(this.#core, Number(place));
  }

  /** Reads the first ones: to read a few here and there takes as long as to read all. */
  override async sample(most: number): Promise<Sample> {
    const { texts } = await operations.slice(this.#core, boundsOf(0, most, 1));
    return { values: texts.map(read), step: 1, ...(texts.length === most ? { note: `the first ${count(most)}` } : {}) };
  }

  override readonly set = {
    asks: ["LSET", this.key, 0, ""],
    make: async (place: string, text: string) => {
      const at = await operations.set(this.#core, Number(place), text);
      this.#core.changed({ indices: [at] });
    },
  };

  override readonly add = {
    asks: ["RPUSH", this.key, ""],
    make: async (_: string, text: string) => {
      const at = await operations.insert(this.#core, Infinity, [text]);
      this.#core.changed({ indices: [at] });
    },
  };

  override readonly remove = {
    asks: ["LREM", this.key, 0, ""],
    make: async (place: string) => {
      const [at] = await operations.deleteAt(this.#core, [Number(place)]);
      this.#core.changed(refreshFrom(at!));
    },
  };
}

/** The name in an object's key, as one opens it: with the prefixes that are part of it. */
function nameIn(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}
