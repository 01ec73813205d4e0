// What is stored under a key, as a table of places and texts: its rows are read for those on screen, and changed one by one.
import type { Client, Outcome, Refresh, Reply, Word } from "../src/index.js";

/** A row: an index, field or member, and what is stored there. */
export interface Entry {
  readonly place: string;
  readonly text: string;
}

export interface Page {
  readonly total: number;
  readonly entries: readonly Entry[];
  /** What one has to know of it, such as that there is more than is shown. */
  readonly note?: string;
  /** It is not the latest: it is to be read again in a while. */
  readonly late?: boolean;
}

export interface Sample {
  readonly values: readonly unknown[];
  readonly step: number;
  readonly note?: string;
}

/** A change of one entry, and the words that the server is asked about whether it may be made. */
export interface Change<A extends unknown[]> {
  readonly asks: readonly Word[];
  make(...args: A): Promise<void>;
}

/** A table of entries, stored or part of what is stored. */
export abstract class Source {
  /** What its places are called. */
  abstract readonly noun: string;
  /** The texts are JSON. */
  abstract readonly json: boolean;

  abstract read(start: number, end: number, signal: AbortSignal): Promise<Page>;
  /** Gives what is stored at a place, null where there is nothing. */
  abstract one(place: string): Promise<string | null>;

  /** Gives up to so many values over the whole, the first and every step-th. */
  sample?(most: number): Promise<Sample>;
  readonly set?: Change<[place: string, text: string]>;
  /** Adds one: of what has its own places at the end. */
  readonly add?: Change<[place: string, text: string]>;
  readonly remove?: Change<[place: string]>;
  /** What is added has a place that the user chooses, a text, or both. */
  readonly adds: "text" | "place" | "both" = "text";
}

/** What is stored under one key of the server. */
export abstract class StoredSource extends Source {
  constructor(
    protected readonly client: Client,
    readonly key: string,
    readonly json: boolean,
  ) {
    super();
  }

  /** Runs commands, those of an object as its own, and gives their replies. */
  protected async run(commands: Word[][], signal?: AbortSignal): Promise<Reply[]> {
    return (await this.client.run(commands, { object: this.json, ...(signal ? { signal } : {}) })).map(valueOf);
  }

  /** Changes something and tells those who have the object open. */
  protected async change(words: Word[], refreshOf: (reply: Reply) => Refresh): Promise<void> {
    const [reply] = await this.run([words]);
    if (this.json) this.client.tell(this.key, refreshOf(reply!));
  }
}

/** The reply that an outcome has. */
function valueOf(outcome: Outcome): Reply {
  if (outcome.error) throw outcome.error;
  return outcome.value;
}
