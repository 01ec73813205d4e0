import type { CallOptions, Commander, Live, Refresh, Reply, Word } from "./commander.js";
import { ValueError, ZnSocketError } from "./errors.js";
import { FallingBack, type FallbackPolicy } from "./fallback.js";
import { type Converter, decode, encode } from "./json.js";
import { commanderOf, type RedisClient } from "./noderedis.js";

/** The prefixes of the keys that objects are kept under. A value that is an object itself is kept as its full key. */
export type Prefix = "znsocket.List:" | "znsocket.Dict:" | "znsocket.Segments:";

/** What is written as a full key: an object, or an adapter. */
export abstract class Reference {
  /** The full key, as it is on the server. */
  abstract readonly _key: string;

  /** Writes the reference, so that objects nest. */
  toJSON(): string {
    return this._key;
  }
}

/** What every object can be told. */
export interface ObjectOptions {
  /** A Client, or one of node-redis (the npm package redis). */
  client: Commander | RedisClient;
  /** The name that the object has in every language. */
  key: string;
  /** The Client that carries refreshes, where `client` does not. */
  socket?: Live | undefined;
  /** Those of the Client, if these are left out. */
  converters?: readonly Converter[] | undefined;
}

/** What a List or Dict can be told about another that stands in for it while it is empty. */
export interface FallbackOptions {
  /** The name of the other. It is never changed. */
  fallback?: string | undefined;
  /**
   * What is done with it: "frozen", the default, reads it for as long as nothing is stored for the object itself, and
   * copies it before the first change; "copy" copies it before the first use.
   */
  fallbackPolicy?: FallbackPolicy | undefined;
}

/** Where an object has its Core: under a name that no field of a Dict can have. */
export const inner: unique symbol = Symbol("znsocket");

/** How an object is read as it is now, without what its references refer to. */
export const read: unique symbol = Symbol("read");

/** Opens the object that a full key names, for one that refers to it. */
export type Opener = (core: Core) => unknown;

/** A List, Dict or Segments. */
export abstract class SharedObject extends Reference {
  readonly [inner]: Core;

  constructor(core: Core) {
    super();
    this[inner] = core;
  }

  get _key(): string {
    return this[inner].key;
  }

  /** Reads the object as a plain array or object, in which references are objects like this one. */
  abstract [read](): Promise<unknown[] | Record<string, unknown>>;

  /** Has a function called when somebody else has changed the object, until the function that this returns is called. */
  onRefresh(callback: (refresh: Refresh) => void): () => void {
    const { key, heard } = this[inner];
    const stop = liveOf(this[inner]).listen(key, callback);
    heard.add(stop);
    return () => {
      heard.delete(stop);
      stop();
    };
  }

  /** Ends every onRefresh of this object. */
  offRefresh(): void {
    const { heard } = this[inner];
    for (const stop of heard) stop();
    heard.clear();
  }
}

/**
 * Which way there is to make the changes that Redis has no command for: see objectops.ts. It is shared by an object and
 * those that come out of it.
 */
export interface Way {
  next: number;
}

interface Fields {
  commander: Commander;
  live: Live | undefined;
  key: string;
  converters: readonly Converter[];
  calls: CallOptions;
  callbacks: object;
  way: Way;
  opener: Opener;
}

/**
 * What List, Dict and Segments have in common. Nothing in it changes but what `way` says, and who is called back. It
 * belongs to one object, and is copied with changes into those that come out of it.
 */
export class Core implements Fields {
  readonly commander: Commander;
  readonly live: Live | undefined;
  readonly key: string;
  readonly converters: readonly Converter[];
  readonly calls: CallOptions;
  readonly callbacks: object;
  readonly way: Way;
  readonly opener: Opener;
  /** What ends the callbacks of onRefresh. */
  readonly heard = new Set<() => void>();

  private constructor(fields: Fields) {
    this.commander = fields.commander;
    this.live = fields.live;
    this.key = fields.key;
    this.converters = fields.converters;
    this.calls = fields.calls;
    this.callbacks = fields.callbacks;
    this.way = fields.way;
    this.opener = fields.opener;
  }

  static open(options: ObjectOptions & FallbackOptions & { callbacks?: object | undefined }, prefix: Prefix, opener: Opener): Core {
    const { client, socket, key, fallback, fallbackPolicy } = options;
    if (typeof key !== "string" && typeof key !== "number") throw new TypeError(`the key of an object is a text, not ${typeof key}`);
    const live = [client, socket].find(isLive);
    const core = new Core({
      commander: commanderOf(client, live),
      live,
      key: prefix + key,
      converters: convertersOf(options),
      calls: {},
      callbacks: options.callbacks ?? {},
      way: { next: 0 },
      opener,
    });
    if (fallback === undefined) return core;
    return core.with({ commander: new FallingBack(core, prefix + fallback, fallbackPolicy ?? "frozen") });
  }

  /** Returns a copy with changes. */
  with(changes: Partial<Fields>): Core {
    return new Core({ ...this, ...changes });
  }

  /** Returns what another object needs that this one refers to. */
  other(key: string): Core {
    const { commander } = this;
    return this.with({ key, callbacks: {}, calls: {}, commander: commander instanceof FallingBack ? commander.commander : commander });
  }

  /** Returns the object as it is stored, without a fallback that is read in its place. */
  stored(): Core {
    const { commander } = this;
    return commander instanceof FallingBack && commander.policy === "frozen" ? this.with({ commander: commander.commander }) : this;
  }

  /** Runs one command. */
  async run(words: readonly Word[]): Promise<Reply> {
    const [reply] = await this.runAll([words]);
    return reply!;
  }

  /** Runs commands in one round trip. It fails with the first error among their replies. */
  async runAll(commands: readonly (readonly Word[])[]): Promise<Reply[]> {
    const outcomes = await this.commander.run(commands, { ...this.calls, object: true });
    return outcomes.map((outcome) => {
      if (outcome.error) throw outcome.error;
      return outcome.value;
    });
  }

  /** Returns the text of a value that is to be stored in the object. */
  encode(value: unknown): string {
    if (value instanceof Reference && value._key === this.key) throw new ValueError("Can not set circular reference to self");
    return encode(value, this.converters);
  }

  /** Returns what a value would be read as, had it been stored. */
  asStored(value: unknown): unknown {
    return this.dereference(decode(encode(value, this.converters), this.converters));
  }

  /** Reads the text that is stored at a place. One that is the key of an object becomes that object. */
  decode(text: string, place: number | string): unknown {
    try {
      return this.dereference(decode(text, this.converters));
    } catch (error) {
      throw new DecodeError(this.key, place, text, error);
    }
  }

  private dereference(value: unknown): unknown {
    return typeof value === "string" && value.startsWith("znsocket.") ? (this.opener(this.other(value)) ?? value) : value;
  }

  /** Tells everybody else of a change. */
  changed(refresh: Refresh): void {
    this.live?.tell(this.key, refresh);
  }
}

/** An element of a List or a field of a Dict that cannot be read. It stays as it is. */
export class DecodeError extends ZnSocketError {
  constructor(
    /** The full key of the object. */
    readonly key: string,
    /** The index of the element, or the field. */
    readonly place: number | string,
    /** What is stored. */
    readonly raw: string,
    cause: unknown,
  ) {
    const short = raw.length > 64 ? raw.slice(0, 64) + "…" : raw;
    super(`${key}[${JSON.stringify(place)}] holds ${short}: ${cause instanceof Error ? cause.message : cause}`, "DecodeError", { cause });
  }
}

/** Returns who tells of changes of an object. */
export function liveOf({ live, key }: Core): Live {
  if (live === undefined) throw new TypeError(`nobody tells of changes of ${key}: give it a Client as socket`);
  return live;
}

function isLive(client: unknown): client is Live {
  return typeof client === "object" && client !== null && "listen" in client && "tell" in client;
}

/** The converters of an object or adapter: its own, or those of its client. */
export function convertersOf({ client, socket, converters }: Omit<ObjectOptions, "key">): readonly Converter[] {
  if (converters !== undefined) return converters;
  const owner = [client, socket].find((each) => typeof each === "object" && each !== null && "converters" in each);
  return (owner as { converters: readonly Converter[] } | undefined)?.converters ?? [];
}
