// What is known of keys beside their names: read for those that are on screen.
import type { Client, Outcome, Word } from "../src/index.js";
import { kindOf } from "./names.js";

export interface Fact {
  /** As Redis names it, "none" where there is nothing. */
  readonly type: string;
  /** Elements, fields, members, or bytes of a string. */
  readonly size: number | undefined;
  /** Milliseconds; -1 where it has no end. */
  readonly ttl: number;
}

/** The command that gives the size of each type. */
const sizes: Record<string, string> = { string: "STRLEN", list: "LLEN", hash: "HLEN", set: "SCARD", zset: "ZCARD", stream: "XLEN" };
const objectTypes = { List: "list", Dict: "hash", Segments: "list" };

/** How many facts are remembered, and how long an adapter's owner is asked for one, in milliseconds. */
const maxFacts = 5_000;
const patience = 5_000;

export class Facts {
  readonly #facts = new Map<string, Fact>();

  constructor(private readonly client: Client) {}

  get(key: string): Fact | undefined {
    return this.#facts.get(key);
  }

  forget(key: string): void {
    this.#facts.delete(key);
  }

  /** Reads what is known of keys that are stored, in one round trip where their types are the same as before. */
  async read(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    if (this.#facts.size > maxFacts) this.#facts.clear();
    const wrong = await this.#read(keys, signal);
    if (wrong.length > 0) await this.#read(wrong, signal);
  }

  async #read(keys: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const guesses = keys.map((key) => this.#guess(key));
    const commands = keys.flatMap((key, k): Word[][] => [["TYPE", key], ["PTTL", key], ...(sizes[guesses[k]!] ? [[sizes[guesses[k]!]!, key]] : [])]);
    if (commands.length === 0) return [];
    const outcomes = await this.client.run(commands, signal ? { signal } : {});
    let at = 0;
    return keys.filter((key, k) => {
      const type = String(valueOf(outcomes[at++]) ?? "none");
      const ttl = Number(valueOf(outcomes[at++]) ?? -1);
      const size = sizes[guesses[k]!] ? valueOf(outcomes[at++]) : undefined;
      const isRight = type === guesses[k] || !sizes[type];
      this.#facts.set(key, { type, ttl, size: isRight && typeof size === "number" ? size : undefined });
      return !isRight;
    });
  }

  /** Reads how large an adapter is, of which only its owner knows. */
  async readAdapter(key: string): Promise<void> {
    const kind = kindOf(key) ?? "List";
    const [outcome] = await this.client.run([[kind === "Dict" ? "HLEN" : "LLEN", key]], { object: true, timeout: patience });
    const size = valueOf(outcome);
    this.#facts.set(key, { type: objectTypes[kind], ttl: -1, size: typeof size === "number" ? size : undefined });
  }

  #guess(key: string): string {
    const kind = kindOf(key);
    const known = this.#facts.get(key)?.type;
    return known && known !== "none" ? known : kind ? objectTypes[kind] : "";
  }
}

function valueOf(outcome: Outcome | undefined): unknown {
  return outcome?.error ? undefined : outcome?.value;
}
