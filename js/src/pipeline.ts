import type { CallOptions, Commander, Outcome, Reply, Word } from "./commander.js";
import { asIs, type Command } from "./commands/command.js";
import { addMethods, type ReplyOf, type Table } from "./commands/table.js";

/**
 * Collects commands that are sent in one round trip, on a store with no other in
 * between. It has the same methods as a Client, each of which adds a command:
 *
 *     const [, value] = await client.pipeline().set("key", "v").get("key").exec();
 */
export type Pipeline<R extends unknown[] = []> = PipelineEnd<R> & {
  [K in keyof Table]: (...args: Parameters<Table[K]>) => Pipeline<[...R, ReplyOf<K>]>;
} & {
  /** Adds any command. */
  do(...words: Word[]): Pipeline<[...R, Reply]>;
};

interface PipelineEnd<R extends unknown[]> {
  /** Runs the commands and gives their replies. All of them run, and the first error among them is the pipeline's. */
  exec(options?: CallOptions): Promise<R>;
  /** Runs the commands and gives what came of each, like Promise.allSettled. */
  settle(options?: CallOptions): Promise<{ [K in keyof R]: PromiseSettledResult<R[K]> }>;
}

class Collected {
  readonly #commander: Commander;
  readonly #commands: Command<unknown>[] = [];

  constructor(commander: Commander) {
    this.#commander = commander;
  }

  add(command: Command<unknown>): this {
    this.#commands.push(command);
    return this;
  }

  do(...words: Word[]): this {
    return this.add({ words, read: asIs });
  }

  async exec(options?: CallOptions): Promise<unknown[]> {
    const settled = await this.settle(options);
    return settled.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
  }

  async settle(options?: CallOptions): Promise<PromiseSettledResult<unknown>[]> {
    const commands = this.#commands;
    if (commands.length === 0) return [];
    const outcomes = await this.#commander.run(
      commands.map(({ words }) => words),
      options,
    );
    return outcomes.map((outcome, i) => settled(commands[i]!, outcome));
  }
}

function settled<T>({ read }: Command<T>, outcome: Outcome): PromiseSettledResult<T> {
  try {
    if (outcome.error) throw outcome.error;
    return { status: "fulfilled", value: read(outcome.value) };
  } catch (reason) {
    return { status: "rejected", reason };
  }
}

addMethods(Collected.prototype, (pipeline, command) => pipeline.add(command));

/** A pipeline over what runs its commands. */
export function pipelineOver(commander: Commander): Pipeline {
  return new Collected(commander) as unknown as Pipeline;
}
