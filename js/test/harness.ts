// What tests need of the world outside: servers, proxies, clients; all end with
// the test that asked for them.
import { type Client, type ClientOptions, createClient } from "../src/index.js";

/** Whether this is a page of a browser. */
export const inBrowser = typeof document !== "undefined";

const control = inBrowser ? location.origin : process.env.ZNSOCKET_CONTROL!;

async function ask(action: string, what: object): Promise<any> {
  const answer = await fetch(`${control}/${action}`, { method: "POST", body: JSON.stringify(what) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text);
}

const ends: (() => unknown)[] = [];

/** Does something when the test is over. */
export function atEnd(end: () => unknown): void {
  ends.push(end);
}

afterEach(async () => {
  while (ends.length > 0) await ends.pop()!();
});

export interface Server {
  url: string;
  /** Ends it as a crash would, or asks it to end. */
  kill(signal?: "SIGTERM"): Promise<void>;
  /** Starts it again at the same address, after a kill. */
  start(): Promise<void>;
}

/** Starts a server, one of Go unless it is said otherwise. */
export async function startServer(options: { kind?: "go" | "python" | "stranger" | "redis"; args?: string[] } = {}): Promise<Server> {
  const { id, url } = await ask("server", { kind: "go", ...options });
  atEnd(() => ask("end", { id }));
  return { url, kill: (signal) => ask("kill", { id, signal }), start: () => ask("start", { id }) };
}

export interface Proxy {
  url: string;
  /** Ends all connections. */
  cut(): Promise<void>;
  /** What the server says is lost from now on, or no longer. */
  mute(mute: boolean): Promise<void>;
  /** The server does not notice from now on that connections end, or it does again. */
  hold(hold: boolean): Promise<void>;
  /** Cuts one connection a limit: that which is the first to send more bytes. */
  limit(...limits: number[]): Promise<void>;
}

/** Starts a proxy to a server. */
export async function startProxy(to: string): Promise<Proxy> {
  const { id, url } = await ask("proxy", { to });
  atEnd(() => ask("end", { id }));
  return {
    url,
    cut: () => ask("cut", { id }),
    mute: (mute) => ask("set", { id, mute }),
    hold: (hold) => ask("set", { id, hold }),
    limit: (...limits) => ask("set", { id, limits }),
  };
}

/** Connects a client. */
export async function connect(url: string, options: ClientOptions = {}): Promise<Client> {
  const client = createClient({ url, ...options });
  atEnd(() => client.disconnect());
  await client.connect();
  return client;
}

/** Collects events and gives them one after the other, as they come. */
export class Events<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | undefined;

  readonly push = (event: T): void => {
    this.#waiting.push(event);
    this.#wake?.();
  };

  async next(): Promise<T> {
    while (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#waiting.shift()!;
  }

  /** Those that have come and were not taken. */
  get left(): readonly T[] {
    return this.#waiting;
  }
}

/** Gives what a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<any> {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it resolved with ${JSON.stringify(value)}`);
}
