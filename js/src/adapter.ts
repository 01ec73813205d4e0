import { answer, type Contents } from "./answers.js";
import type { Live, Owned, Refresh } from "./commander.js";
import { ConnectionError, KeyError, TooLargeError } from "./errors.js";
import { type Converter, encode } from "./json.js";
import { push } from "./listops.js";
import { convertersOf, Core, Reference } from "./object.js";
import { type DictData, dictOf, type ListData, listOf, type Provider } from "./provider.js";
import { asNumber } from "./reply.js";

/** What every adapter can be told. */
export interface AdapterOptions {
  client: Live;
  /** The name that others open a List or Dict by. */
  key: string;
  /** Those of the client, if these are left out. */
  converters?: readonly Converter[] | undefined;
  /** Takes the key over from another owner that has it. */
  replace?: boolean | undefined;
  /** Allows an adapter where a list or dict is stored. Python and old JavaScript then read that. */
  overStored?: boolean | undefined;
}

export interface ListAdapterOptions<T = any> extends AdapterOptions {
  /** The data, which is read anew for each question. */
  object: ListData;
  /** Others read what this makes of an element: a value, or by listOf and dictOf a List or Dict. */
  transform?: ((item: T, index: number) => unknown) | undefined;
}

export interface DictAdapterOptions extends AdapterOptions {
  /** The data, which is read anew for each question. */
  object: DictData;
}

/** How many questions an adapter answers at once: more than that only where its owner's code hangs. */
const maxQuestions = 10_000;

/**
 * Shares data of the program, as it is at each moment and without a copy of it, under a key that others open as a List or
 * Dict. For them it is read-only: a change is a FrozenStorageError. It is there again over each new connection.
 */
export abstract class Adapter extends Reference {
  readonly _key: string;
  /**
   * Resolves when others can read the adapter. It rejects with a KeyError where the key has an owner already, or where
   * something is stored under it; see `replace` and `overStored`.
   */
  readonly ready: Promise<void>;

  /** @internal */
  readonly root: Provider;
  private readonly client: Live;
  private readonly converters: readonly Converter[];
  private readonly owned: Promise<Owned>;
  private questions = 0;

  constructor(options: AdapterOptions, root: Provider) {
    super();
    const { client, key } = options;
    this.client = client;
    this.root = root;
    this._key = root.prefix + key;
    this.converters = convertersOf(options);
    this.owned = this.own(options);
    this.ready = this.owned.then(() => undefined);
    // A program that ends its connection need not have waited.
    this.owned.catch((error) => {
      if (error instanceof ConnectionError) this.ready.catch(() => undefined);
    });
  }

  private async own({ replace = false, overStored = false }: AdapterOptions): Promise<Owned> {
    if (!overStored && (await this.isStored(this._key, false))) throw new KeyError(`Key ${this._key} already exists in storage`);
    return this.client.own(
      this._key,
      async (question) => {
        if (this.questions >= maxQuestions) throw new TooLargeError(`The owner of ${this._key} has ${maxQuestions} questions to answer`);
        this.questions++;
        try {
          return await answer(this, question);
        } finally {
          this.questions--;
        }
      },
      { replace },
    );
  }

  /** Tells those who read the adapter that its data has changed: onRefresh and watch of their List or Dict. */
  changed(refresh: Refresh): void {
    this.client.tell(this._key, refresh);
  }

  /** Takes the adapter away. Who reads it from then on finds the key empty. */
  async close(): Promise<void> {
    const owned = await this.owned.catch(() => undefined); // which ready has told of
    await owned?.close();
  }

  /** @internal */
  encode(value: unknown): string {
    return encode(value, this.converters);
  }

  /** @internal */
  async nested(key: string): Promise<void> {
    await (await this.owned).nested(key);
  }

  /** @internal */
  async store(key: string, { keys, texts }: Contents): Promise<void> {
    if (await this.isStored(key, true)) throw new KeyError(`Key ${key} already exists in storage`);
    if (texts.length === 0) return;
    const core = Core.open({ client: this.client, key: "" }, this.root.prefix, () => undefined).other(key);
    if (keys === undefined) {
      await push(core, texts);
      core.changed({ start: 0, stop: null });
    } else {
      await core.run(["HSET", key, ...keys.flatMap((field, k) => [field, texts[k]!])]);
      core.changed({ keys });
    }
  }

  /** Reports whether something is stored under a key, or as for an object is there by an adapter. */
  private async isStored(key: string, object: boolean): Promise<boolean> {
    const [outcome] = await this.client.run([["EXISTS", key]], { object });
    if (outcome!.error) throw outcome!.error;
    return asNumber(outcome!.value) > 0;
  }
}

/** An adapter that others read as a List: of an array, a typed array, an NDArray, or whatever has a length and at(index). */
export class ListAdapter<T = any> extends Adapter {
  constructor(options: ListAdapterOptions<T>) {
    super(options, listOf(options.object, options.transform));
  }
}

/** An adapter that others read as a Dict: of an object, a Map, or whatever has keys() and get(key). */
export class DictAdapter extends Adapter {
  constructor(options: DictAdapterOptions) {
    super(options, dictOf(options.object));
  }
}
