import type { CallOptions, Commander, Outcome, Reply, RunOptions, Word } from "./commander.js";
import { asIs, type Command, type Key, type Scored } from "./commands/command.js";
import type { ScanOptions } from "./commands/keys.js";
import { addMethods, type ReplyOf, table, type Table } from "./commands/table.js";
import { type Pipeline, pipelineOver } from "./pipeline.js";

/** The typed commands as methods. */
export type CommandMethods = {
  [K in keyof Table]: (...args: Parameters<Table[K]>) => Promise<ReplyOf<K>>;
};

/**
 * The typed commands over whatever runs them.
 *
 * Where one value is asked for and there is none, it is null; where many are, the
 * result is empty. A command that the server refuses rejects with its error.
 */
export abstract class Commands implements Commander {
  abstract run(commands: readonly (readonly Word[])[], options?: RunOptions): Promise<Outcome[]>;

  /** Runs any command: `await client.do("LPUSH", "list", 1, 2)`. */
  do(...words: Word[]): Promise<Reply> {
    return call(this, { words, read: asIs });
  }

  /** Begins a pipeline: commands that are sent together. */
  pipeline(): Pipeline {
    return pipelineOver(this);
  }

  /** Yields every key that matches. One that is there from begin to end is yielded at least once. */
  scanIterator(options?: ScanOptions & { TYPE?: string }): AsyncGenerator<string> {
    return pages((cursor) => call(this, table.scan(cursor, options)));
  }

  /** Yields the fields of a hash with their values. */
  async *hScanIterator(key: Key, options?: ScanOptions): AsyncGenerator<{ field: string; value: string }> {
    const found = pages((cursor) => call(this, table.hScan(key, cursor, options)));
    for await (const [field, value] of found) yield { field, value };
  }

  /** Yields the members of a set. */
  sScanIterator(key: Key, options?: ScanOptions): AsyncGenerator<string> {
    return pages((cursor) => call(this, table.sScan(key, cursor, options)));
  }

  /** Yields the members of a sorted set with their scores. */
  zScanIterator(key: Key, options?: ScanOptions): AsyncGenerator<Scored> {
    return pages((cursor) => call(this, table.zScan(key, cursor, options)));
  }

  /** Gives the same commands with options: `client.with({ signal }).get("key")`. */
  with(options: CallOptions & { bytes: true }): InBytes<Commands>;
  with(options: CallOptions): Commands;
  with(options: RunOptions): unknown {
    return new CommandsWith(this, options);
  }
}

export interface Commands extends CommandMethods {}

addMethods(Commands.prototype, call);

async function call<T>(commander: Commander, { words, read }: Command<T>): Promise<T> {
  const [outcome] = await commander.run([words]);
  if (outcome!.error) throw outcome!.error;
  return read(outcome!.value);
}

async function* pages<T>(next: (cursor: string) => Promise<{ cursor: string; items: T[] }>): AsyncGenerator<T> {
  for (let cursor = "0"; ;) {
    const page = await next(cursor);
    yield* page.items;
    cursor = page.cursor;
    if (cursor === "0") return;
  }
}

class CommandsWith extends Commands {
  readonly #inner: Commander;
  readonly #options: RunOptions;

  constructor(inner: Commander, options: RunOptions) {
    super();
    this.#inner = inner;
    this.#options = options;
  }

  run(commands: readonly (readonly Word[])[], options?: RunOptions): Promise<Outcome[]> {
    return this.#inner.run(commands, { ...this.#options, ...options });
  }
}

/** A reply that has bytes where there were texts. */
export type Bytes<R> = [Reply] extends [R]
  ? R
  : R extends "OK" | number | boolean | null
    ? R
    : R extends string
      ? Uint8Array
      : R extends { cursor: string; items: infer T }
        ? { cursor: string; items: Bytes<T> }
        : R extends [field: string, value: string]
          ? [field: string, value: Uint8Array]
          : { [K in keyof R]: Bytes<R[K]> };

/** Commands whose replies have bytes where there were texts. */
export type InBytes<C extends Commands> = {
  [K in keyof C]: C[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => Promise<Bytes<R>>
    : C[K] extends (...args: infer A) => AsyncGenerator<infer R>
      ? (...args: A) => AsyncGenerator<Bytes<R>>
      : C[K];
};
