import { attempt } from "./attempt.js";
import type { Refresh } from "./commander.js";
import type { Connection } from "./connection.js";
import { Deadline, restoreTimeout } from "./deadline.js";
import { TimeoutError } from "./errors.js";
import type { Link } from "./link.js";

/** How a refresh travels. */
export interface RefreshEvent {
  target: string;
  data: Refresh;
}

/**
 * Reads what a server tells, in which any client may have said anything. The keys of a Python dict may be numbers there.
 * What cannot be read is a reason to read everything again.
 */
export function refreshEventOf(event: unknown): RefreshEvent | undefined {
  const { target, data } = (event ?? {}) as { target?: unknown; data?: unknown };
  if (typeof target !== "string" || typeof data !== "object" || data === null) return undefined;
  const { start, stop, indices, keys } = data as Record<string, unknown>;
  const isExact =
    (start === undefined || Number.isInteger(start)) &&
    (stop === undefined || stop === null || Number.isInteger(stop)) &&
    (indices === undefined || (Array.isArray(indices) && indices.every(Number.isInteger))) &&
    (keys === undefined || (Array.isArray(keys) && keys.every((key) => typeof key === "string" || typeof key === "number")));
  if (!isExact) return { target, data: { resync: true } };
  return { target, data: keys === undefined ? data : { ...data, keys: keys.map(String) } };
}

export type Listener = (refresh: Refresh) => void;
export type EventListener = (event: RefreshEvent) => void;

interface Subscription {
  listener: Listener;
  /** Hears of what is told here, too. */
  local: boolean;
}

/** How many keys one message subscribes to. */
const batch = 1000;

/**
 * Who of this program listens to which key. A Go server tells of those keys only,
 * as it is told in turn; any other server tells of all.
 */
export class Subscriptions {
  readonly #connection: Connection;
  readonly #byKey = new Map<string, Set<Subscription>>();
  readonly #all = new Set<EventListener>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Listens to a key until the function that it returns is called. */
  listen(key: string, listener: Listener, local: boolean): () => void {
    const subscription = { listener, local };
    const known = this.#byKey.get(key);
    if (known) known.add(subscription);
    else this.#byKey.set(key, new Set([subscription]));
    this.#tell((link) => this.#tellKeys(link, [key]));
    return () => {
      const known = this.#byKey.get(key);
      known?.delete(subscription);
      if (known?.size === 0) this.#byKey.delete(key);
      this.#tell((link) => this.#tellKeys(link, [key]));
    };
  }

  /** Listens to all keys, until unlistenAll. */
  listenAll(listener: EventListener): void {
    this.#all.add(listener);
    this.#tell((link) => this.#tellAll(link));
  }

  unlistenAll(listener: EventListener): void {
    this.#all.delete(listener);
    this.#tell((link) => this.#tellAll(link));
  }

  /** Tells the server at once, if there is one. A connection that is lost is told of everything when it is there again. */
  #tell(say: (link: Link) => Promise<void>): void {
    const { link } = this.#connection;
    if (link) say(link).catch(() => undefined);
  }

  /** Tells a server of everything that it does not know yet. */
  async settle(link: Link): Promise<void> {
    await Promise.all([this.#tellAll(link), this.#tellKeys(link, [...this.#byKey.keys(), ...link.subscribed])]);
  }

  async #tellKeys(link: Link, keys: string[]): Promise<void> {
    if (!link.tailored) return;
    const missing = keys.filter((key) => this.#byKey.has(key) && !link.subscribed.has(key));
    const extra = keys.filter((key) => !this.#byKey.has(key) && link.subscribed.has(key));
    const said = [...this.#say(link, "znsocket:subscribe", missing), ...this.#say(link, "znsocket:unsubscribe", extra)];
    for (const key of missing) link.subscribed.add(key);
    for (const key of extra) link.subscribed.delete(key);
    await Promise.all(said);
  }

  async #tellAll(link: Link): Promise<void> {
    const wanted = this.#all.size > 0;
    if (!link.tailored || wanted === link.subscribedAll) return;
    link.subscribedAll = wanted;
    await this.#ask(link, wanted ? "znsocket:subscribe" : "znsocket:unsubscribe", { keys: [], all: true });
  }

  #say(link: Link, event: string, keys: string[]): Promise<void>[] {
    const said: Promise<void>[] = [];
    for (let i = 0; i < keys.length; i += batch) said.push(this.#ask(link, event, { keys: keys.slice(i, i + batch) }));
    return said;
  }

  /** A refusal is no reason to stay away: this client may not hear of a key. */
  async #ask(link: Link, event: string, what: { keys: string[]; all?: true }): Promise<void> {
    try {
      await link.ask(event, [[[], what]], new Deadline({ timeout: restoreTimeout }));
    } catch (error) {
      if (link.lost || error instanceof TimeoutError) throw error;
      const keys = what.all ? "all keys" : what.keys.slice(0, 3).join(", ");
      this.#connection.warn(`the server does not take ${event} of ${keys}`, error);
    }
  }

  /** Brings what a server tells to who listens. */
  hear(event: RefreshEvent): void {
    for (const { listener } of [...(this.#byKey.get(event.target) ?? [])]) attempt(() => listener(event.data));
    for (const listener of [...this.#all]) attempt(() => listener(event));
  }

  /** Brings what is told here to who wants it. */
  hearLocal({ target, data }: RefreshEvent): void {
    for (const { listener, local } of [...(this.#byKey.get(target) ?? [])]) if (local) attempt(() => listener(data));
  }

  /** Has everybody who listens to a key read it again: events were lost. */
  resync(): void {
    for (const subscriptions of [...this.#byKey.values()]) {
      for (const { listener } of [...subscriptions]) attempt(() => listener({ resync: true }));
    }
  }
}
