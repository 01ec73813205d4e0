import type { Commander, Outcome, RunOptions, Word } from "./commander.js";
import { copyElements, copyStored } from "./copy.js";
import { ValueError } from "./errors.js";
import type { Core } from "./object.js";
import { keyPlace, unscripted } from "./objectops.js";
import { asNumber } from "./reply.js";

/** What an object does with its fallback; see FallbackOptions. The names are Python's. */
export type FallbackPolicy = "copy" | "frozen";

type Command = readonly Word[];

/**
 * Runs the commands of an object that has a fallback. Commands that are of another key pass.
 *
 * A read of a frozen object is one round trip and, where it is of the fallback, a second one. A copy never overwrites what
 * somebody has stored meanwhile. An object that has lost its last element reads the fallback again: an empty list or dict
 * is one that is not stored.
 */
export class FallingBack implements Commander {
  readonly commander: Commander;
  /** The copy of the policy "copy", once it is begun. */
  private copied: Promise<void> | undefined;

  constructor(
    private readonly core: Core,
    private readonly from: string,
    readonly policy: FallbackPolicy,
  ) {
    this.commander = core.commander;
    if (from === core.key) throw new ValueError(`${core.key} can not be its own fallback`);
    if (policy !== "copy" && policy !== "frozen") throw new ValueError(`no fallback policy is called "${policy}"`);
  }

  async run(commands: readonly Command[], options?: RunOptions): Promise<Outcome[]> {
    const own = commands.filter((command) => keyOf(command) === this.core.key);
    if (own.length > 0) {
      if (this.policy === "copy") await this.copyOnce();
      else if (own.every(reads)) return this.readThrough(commands, options);
      else await this.copyIfEmpty();
    }
    return this.commander.run(commands, options);
  }

  /** Runs commands that read, and again on the fallback where the object turns out to be empty. */
  private async readThrough(commands: readonly Command[], options?: RunOptions): Promise<Outcome[]> {
    const { key } = this.core;
    const [there, ...outcomes] = await this.commander.run([["EXISTS", key], ...commands], options);
    if (there!.error) throw there!.error;
    if (asNumber(there!.value) > 0) return outcomes;
    const instead = commands.map((command) => {
      if (keyOf(command) !== key) return command;
      return command.map((word, at) => (at === keyPlace(command) ? this.from : word));
    });
    return this.commander.run(instead, options);
  }

  /** Makes the copy of the policy "copy". Who uses the object meanwhile waits; where it fails the next one tries again. */
  private copyOnce(): Promise<void> {
    this.copied ??= this.copyIfEmpty().catch((error) => {
      this.copied = undefined;
      throw error;
    });
    return this.copied;
  }

  /** Copies the fallback where nothing is stored for the object. That is one step, so several at once make one copy. */
  private async copyIfEmpty(): Promise<void> {
    const { core, from } = this;
    if (asNumber(await core.run(["EXISTS", core.key])) > 0) return;
    // EXISTS is true of what an adapter has, too, but only as a command of an object.
    const [stored] = await core.commander.run([["EXISTS", from]]);
    if (stored!.error) throw stored!.error;
    const origin = core.other(from);
    await (asNumber(stored!.value) > 0 ? copyStored(origin, core.key) : copyElements(origin, core.key));
  }
}

const reading = new Set(["EXISTS", "COPY", "LLEN", "LINDEX", "LRANGE", "LSLICE", "HLEN", "HGET", "HEXISTS", "HKEYS", "HGETALL"]);

function keyOf(command: Command): Word | undefined {
  return command[keyPlace(command)];
}

/** Reports whether an object's command only reads. */
function reads(command: Command): boolean {
  return reading.has(String(unscripted(command)[0]).replace("ZN.", ""));
}
