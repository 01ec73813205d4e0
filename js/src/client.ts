import type { Socket } from "socket.io-client";
import type { Answerer, CallOptions, Live, Outcome, Owned, Refresh, RunOptions, Word } from "./commander.js";
import { Commands } from "./commands.js";
import { Connection, type Progress } from "./connection.js";
import { dial, type DialOptions } from "./dial.js";
import { ArgumentsError } from "./errors.js";
import { runGo } from "./goserver.js";
import type { Converter } from "./json.js";
import { runPython } from "./pythonserver.js";
import { waits } from "./reads.js";
import { askAdapter } from "./question.js";
import type { RefreshEvent } from "./subscriptions.js";
import { endpointOf } from "./url.js";

type EventListener = (...args: any[]) => void;

type Value<T> = T | (() => T | Promise<T>);

/** What a Client can be told. */
export interface ClientOptions {
  /**
   * Where the server is: "znsocket://host:5000", "znsocket://host:5000/prefix", or
   * with znsockets, http or https. Without it that is where the page came from.
   */
  url?: string | undefined;
  /** The Socket.IO namespace; "znsocket" where nothing else is said. */
  namespace?: string | undefined;
  /**
   * A socket of socket.io-client that is there already, instead of a url. Clients of
   * the same socket share its connection, which is as the first one was told.
   */
  socket?: Socket | undefined;
  /** A token, or a function that makes one whenever a connection is made; it travels as {token}. */
  token?: Value<unknown> | undefined;
  /** Further fields of the handshake's auth payload, or a function that makes them. */
  auth?: Value<Record<string, unknown>> | undefined;
  /** Milliseconds after which a call fails; 60,000, and 0 lets it wait for ever. A command that waits by itself may take longer. */
  timeout?: number | undefined;
  /** Has calls fail at once while a lost connection is not there again. */
  failFast?: boolean | undefined;
  /** Messages longer than this many bytes are compressed, where the runtime can; 1,024, and -1 compresses none. */
  compressionThreshold?: number | undefined;
  /** How many bytes a message may have, at most what the server says; what is larger goes in pieces. */
  maxMessageSize?: number | undefined;
  /** Hears how far a message in pieces is. It must be quick. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Hears of what went wrong where nobody asked; console.warn. */
  log?: ((message: string, error: unknown) => void) | undefined;
  /** What the values of all objects of this Client are written and read with. */
  converters?: readonly Converter[] | undefined;
  /** Further options of socket.io-client, such as transports or extraHeaders. */
  io?: DialOptions | undefined;
}

/** The connection of each socket: Clients with the same one share it. */
const connections = new WeakMap<Socket, Connection>();

/**
 * A connection to a ZnSocket server, of Go or Python: Redis's commands, and what
 * List, Dict, Segments and adapters need.
 *
 * It begins to connect when it is made; calls wait for the connection. One that is
 * lost is made again until disconnect, and the Client is there again as it was. A
 * Go server remembers what it answered: a call that was in flight asks again, and
 * its command is carried out once. Where that cannot be, for it is another server
 * or Python's, the call fails with a ConnectionError, and whether the command was
 * carried out is not known.
 *
 * Commands are carried out in the order of the calls, but for messages that are so
 * large that they go in pieces: wait for one of those where the order matters.
 */
export class Client extends Commands implements Live {
  /** What the values of all objects of this Client are written and read with. */
  readonly converters: readonly Converter[];

  readonly #socket: Socket;
  readonly #connection: Connection;
  /** Those of this Client, beside which the socket has others. */
  readonly #listeners = new Map<string, Set<EventListener>>();

  constructor(options: ClientOptions = {}) {
    super();
    const { url, namespace = "znsocket", token, auth } = options;
    this.converters = options.converters ?? [];
    const endpoint = options.socket ? undefined : endpointOf(url);
    this.#socket = options.socket ?? dial(endpoint!, namespace.replace(/^\/?/, "/"), options.io ?? {});
    let connection = connections.get(this.#socket);
    if (!connection) {
      connection = new Connection(this.#socket, endpoint?.shown ?? "the server of the socket", {
        auth: async () => {
          const [fields, made] = await Promise.all([valueOf(auth), valueOf(token)]);
          return made === undefined ? { ...fields } : { ...fields, token: made };
        },
        timeout: options.timeout ?? 60_000,
        failFast: options.failFast ?? false,
        threshold: options.compressionThreshold ?? 1024,
        maxMessage: options.maxMessageSize ?? Infinity,
        onProgress: options.onProgress,
        log: options.log ?? ((message, error) => console.warn(message, error)),
      });
      connections.set(this.#socket, connection);
    }
    this.#connection = connection;
  }

  /**
   * Resolves when there is a connection. It rejects with the reason where there is
   * none: a ConnectionError, which names the URL, or a PermissionError. A server
   * that was not there is tried again all the same, and connect can be called again.
   */
  async connect(): Promise<"Connected"> {
    await this.#connection.connect();
    return "Connected";
  }

  /** Ends the connection. Calls in flight fail; connect makes another. */
  disconnect(): void {
    this.#connection.close();
  }

  /**
   * Listens to an event of the socket, such as "connect" or "disconnect", or one
   * of the server. "refresh" is each change of any object that another client makes, but for those while there is no
   * connection: read again at each "connect".
   */
  on(event: "refresh", listener: (event: RefreshEvent) => void): this;
  on(event: string, listener: EventListener): this;
  on(event: string, listener: EventListener): this {
    const known = this.#listeners.get(event) ?? new Set();
    if (known.has(listener)) return this;
    this.#listeners.set(event, known.add(listener));
    if (event === "refresh") this.#connection.subscriptions.listenAll(listener);
    else this.#socket.on(event, listener);
    return this;
  }

  /** Ends what on began, for one listener or for all of the event. */
  off(event: string, listener?: EventListener): this {
    const known = this.#listeners.get(event) ?? new Set();
    for (const each of listener ? [listener] : [...known]) {
      if (!known.delete(each)) continue;
      if (event === "refresh") this.#connection.subscriptions.unlistenAll(each);
      else this.#socket.off(event, each);
    }
    if (known.size === 0) this.#listeners.delete(event);
    return this;
  }

  /** Sends an event and gives the server's answer. */
  async emit(event: string, data?: unknown, options?: CallOptions): Promise<any> {
    const deadline = this.#connection.deadline(options);
    const link = await this.#connection.acquire(deadline);
    return link.call(event, data === undefined ? [] : [data], deadline);
  }

  /** Runs commands in one round trip; see Commander. */
  async run(commands: readonly (readonly Word[])[], options: RunOptions = {}): Promise<Outcome[]> {
    const waiting = commands.length === 1 && waits(commands[0]!) ? { timeout: 0 } : {};
    const deadline = this.#connection.deadline({ ...waiting, ...options });
    const link = await this.#connection.acquire(deadline);
    if (commands.length === 0) return [];
    return link.go
      ? runGo(this.#connection, link, commands, options, deadline)
      : runPython(this.#connection, link, commands, options, deadline);
  }

  /** Reports whether a key has an adapter. */
  async checkAdapter(key: string, options?: CallOptions): Promise<boolean> {
    const deadline = this.#connection.deadline(options);
    const link = await this.#connection.acquire(deadline);
    return (await link.ask("check_adapter", [[[], { key }]], deadline)) === true;
  }

  /**
   * Asks the owner of an adapter: "__len__", "__getitem__" of an index or key,
   * "slice" of start, stop and step, "__contains__" and "get" of a key, "keys",
   * "values", "items", "copy" to a key. Values come as JSON texts.
   */
  async adapterGet(key: string, method: string, ...args: unknown[]): Promise<any> {
    const deadline = this.#connection.deadline();
    const link = await this.#connection.acquire(deadline);
    const names = argumentNames(method, args);
    if (args.length > names.length) throw new ArgumentsError(`${method} takes ${names.length} arguments`);
    return askAdapter(link, { key, method, ...Object.fromEntries(args.map((arg, i) => [names[i], arg])) }, deadline);
  }

  /** Whether the server is one of Go. */
  get go(): Promise<boolean> {
    return this.#connection.acquire(this.#connection.deadline()).then((link) => link.go);
  }

  /** Hears of changes of a key; see Live. */
  listen(key: string, listener: (refresh: Refresh) => void, { local = false }: { local?: boolean } = {}): () => void {
    return this.#connection.subscriptions.listen(key, listener, local);
  }

  /** Tells everybody else that a key has changed; see Live. */
  tell(key: string, refresh: Refresh): void {
    this.#connection.tell(key, refresh);
  }

  /** Reports whether a key has an adapter; see Live. */
  async adapted(key: string, options?: CallOptions): Promise<boolean> {
    return (await this.emit("adapter_exists", [[], { key }], options)) === true;
  }

  /** Answers for a key; see Live. */
  own(key: string, answer: Answerer, { replace = false }: { replace?: boolean } = {}): Promise<Owned> {
    return this.#connection.owners.own(key, answer, replace);
  }
}

/** Makes a Client, with new or without. */
export const createClient = function (options?: ClientOptions) {
  return new Client(options);
} as { new (options?: ClientOptions): Client; (options?: ClientOptions): Client };

async function valueOf<T>(value: Value<T> | undefined): Promise<T | undefined> {
  return typeof value === "function" ? (value as () => T | Promise<T>)() : value;
}

/** What the arguments of a question are called. */
function argumentNames(method: string, [first]: unknown[]): string[] {
  switch (method) {
    case "__getitem__":
      return [typeof first === "number" ? "index" : "dict_key"];
    case "__contains__":
      return ["dict_key"];
    case "get":
      return ["dict_key", "default"];
    case "slice":
      return ["start", "stop", "step"];
    case "copy":
      return ["target"];
  }
  return [];
}
