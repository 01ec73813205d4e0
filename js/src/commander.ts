// The seam that objects work over: words in, a reply or an error out. A Client is
// Live; a node-redis client is made a Commander.
//
// It is shared by the client (client.ts) and the objects (list.ts, dict.ts, …).
import type { ZnSocketError } from "./errors.js";

/** A word of a command. Numbers travel in decimal, text as UTF-8, bytes as they are. */
export type Word = string | number | bigint | Uint8Array;

/**
 * What a command replies. An absent value is null; a hash is a Map in its order;
 * members with scores are pairs of both; a page of a SCAN is its cursor, in
 * decimal, and its items. Integers that a number cannot hold are bigints. Among
 * what a script returns there may be errors.
 */
export type Reply = null | string | number | bigint | boolean | Uint8Array | ZnSocketError | Reply[] | Map<string, Reply>;

/** What came of one command. */
export type Outcome = { readonly value: Reply; readonly error?: undefined } | { readonly error: ZnSocketError };

/** How long a call may take. */
export interface CallOptions {
  /** Gives the call up when it aborts: it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds until the call rejects with a TimeoutError; 0 is for ever. */
  timeout?: number;
}

export interface RunOptions extends CallOptions {
  /**
   * The commands are those of an object. It tells of its changes itself, and a
   * key that has an adapter is answered by the adapter's owner: reads with what
   * it has, writes with a FrozenStorageError.
   */
  object?: boolean;
  /** Texts in replies stay bytes, but for the fields of hashes. */
  bytes?: boolean;
}

export interface Commander {
  /**
   * Runs commands in one round trip and gives an outcome for each. It rejects
   * where the whole failed: a lost connection, a timeout.
   */
  run(commands: readonly (readonly Word[])[], options?: RunOptions): Promise<Outcome[]>;
}

/**
 * What changed in an object: elements from start up to stop, single indices, or
 * keys of a Dict. It is a hint to read again, not a log of changes. Resync: events
 * were lost, or nothing more exact is known.
 */
export interface Refresh {
  start?: number;
  stop?: number | null;
  indices?: number[];
  keys?: string[];
  resync?: boolean;
}

/** What the owner of an adapter is asked. */
export interface Question {
  key: string;
  method: string;
  index?: number;
  dict_key?: string | number;
  start?: number | null;
  stop?: number | null;
  step?: number | null;
  default?: unknown;
  target?: string;
}

/** What an owner says to a question: any JSON, or an error to be told of. */
export type Answerer = (question: Question) => unknown;

/** An adapter that servers know of. */
export interface Owned {
  /** Tells a server that has to know it that the adapter answers for a key inside it. */
  nested(key: string): Promise<void>;
  /** Gives the key up. */
  close(): Promise<void>;
}

/** What objects and adapters need of a Client. */
export interface Live extends Commander {
  /** Whether the server is one of Go, with commands of objects, or Python's. */
  readonly go: Promise<boolean>;
  /**
   * Hears of changes of a key by others, until what it returns is called; with
   * `local` also of those that were told here, in the same turn. Commands that
   * are run after listen are carried out after the server knows of it.
   */
  listen(key: string, listener: (refresh: Refresh) => void, options?: { local?: boolean }): () => void;
  /** Tells everybody else that something has changed, after the change. */
  tell(key: string, refresh: Refresh): void;
  /** Reports whether a key has an adapter, which answers the commands of objects. */
  adapted(key: string, options?: CallOptions): Promise<boolean>;
  /**
   * Answers for a key, also over later connections. `replace` takes another
   * owner's place.
   */
  own(key: string, answer: Answerer, options?: { replace?: boolean }): Promise<Owned>;
}
