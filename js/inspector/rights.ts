// What may be done with a key, and why something may not.
import type { Word } from "../src/index.js";
import type { App } from "./app.js";
import type { Source } from "./sources.js";

export type Act = "set" | "add" | "remove" | "delete" | "rename" | "expire";

const forbidden = "Your rights do not allow it.";

export class Rights {
  readonly #allowed = new Map<Act, boolean>();

  constructor(
    private readonly app: App,
    private readonly key: string,
    private readonly changed: () => void,
  ) {}

  /** Asks the server what it allows, of what is stored as `source` has it. */
  ask(source: Source | undefined): void {
    const commands: [Act, readonly Word[] | undefined][] = [
      ["set", source ? source.set?.asks : ["SET", this.key, ""]],
      ["add", source?.add?.asks],
      ["remove", source?.remove?.asks],
      ["delete", ["DEL", this.key]],
      ["rename", ["RENAMENX", this.key, this.key]],
      ["expire", ["PEXPIRE", this.key, 1]],
    ];
    this.#allowed.clear();
    for (const [act, words] of commands) {
      if (words) void this.#ask(act, words);
    }
  }

  /** Says why something cannot be done; undefined where it can. */
  fault(act: Act): string | undefined {
    if (this.app.keys.adapterOf(this.key)) return this.reason;
    const allowed = this.#allowed.get(act);
    return allowed ? undefined : allowed === false ? forbidden : "It is not known yet whether this is allowed.";
  }

  /** Says that nothing can be done at all, and why. */
  get reason(): string | undefined {
    const adapter = this.app.keys.adapterOf(this.key);
    if (adapter) return "Read-only: this is the data of a program, which shows it by an adapter.";
    const asked = [...this.#allowed.values()];
    return asked.length > 0 && !asked.includes(true) ? "Read-only: your rights do not allow changes here." : undefined;
  }

  async #ask(act: Act, words: readonly Word[]): Promise<void> {
    this.#allowed.set(act, await this.app.may(words));
    this.changed();
  }
}
