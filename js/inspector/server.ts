// What the server tells of itself, once a second while the page can be seen.
import { type Client, PermissionError, UnknownCommandError, type Word, ZnSocketError } from "../src/index.js";

export interface Volume {
  readonly messages: number;
  readonly bytes: number;
}

export interface Traffic {
  readonly received: Volume;
  readonly sent: Volume;
}

export interface ConnectedClient extends Traffic {
  readonly id: string;
  readonly remote: string;
  readonly agent: string;
  readonly since: number;
  readonly transport: string;
  readonly subscriptions: number;
  readonly all: boolean;
  readonly adapters: number;
  readonly waiting: number;
  readonly self: boolean;
}

export interface Inspection {
  readonly version: string;
  readonly uptime: number;
  readonly now: number;
  readonly store: "memory" | "redis";
  readonly keys: number | null;
  readonly memory: { readonly heap: number; readonly system: number; readonly goroutines: number };
  readonly traffic: Traffic & { readonly connections: number };
  readonly clients: readonly ConnectedClient[];
  readonly clientsTotal: number;
  readonly adapters: readonly { readonly key: string; readonly owner: string }[];
  readonly adaptersTotal: number;
}

/** How the server was at a moment of the last minutes; rates are of a second. */
export interface Moment {
  readonly time: number;
  readonly messages: readonly [received: number, sent: number];
  readonly bytes: readonly [received: number, sent: number];
  readonly heap: number;
  readonly connections: number;
}

/** How long what was is remembered, in milliseconds. */
export const remembered = 5 * 60_000;
const patience = 10_000;

export class ServerState {
  /** What it said last, and what before that. */
  now: Inspection | undefined;
  before: Inspection | undefined;
  /** Why it says nothing. */
  refusal: string | undefined;
  /** How many keys there are, if that is known. */
  keys: number | undefined;
  readonly moments: Moment[] = [];
  #asking = false;

  constructor(
    private readonly client: Client,
    private readonly changed: () => void,
  ) {}

  /** Asks once, unless it is being asked. */
  async ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#take(await ask<Inspection>(this.client, {}));
    } catch (error) {
      if (error instanceof PermissionError || error instanceof UnknownCommandError) {
        this.refusal = error.message;
        this.keys = await this.client.dbSize().catch(() => undefined);
      }
    } finally {
      this.#asking = false;
    }
    this.changed();
  }

  /** Who answers for an adapter, if that is known. */
  ownerOf(adapter: string): string | undefined {
    return this.now?.adapters.find(({ key }) => key === adapter)?.owner;
  }

  /** Forgets what the server was, which may be another one now. */
  forget(): void {
    this.now = this.before = this.refusal = undefined;
  }

  #take(now: Inspection): void {
    const before = this.now;
    this.refusal = undefined;
    this.before = before;
    this.now = now;
    this.keys = now.keys ?? undefined;
    if (!before || now.uptime <= before.uptime) return;
    const rates = ratesOf(now.traffic, before.traffic, now.uptime - before.uptime);
    const time = Date.now();
    this.moments.push({ time, ...rates, heap: now.memory.heap, connections: now.traffic.connections });
    while (this.moments[0]!.time < time - remembered) this.moments.shift();
  }
}

/** What went through in a second, between two moments. */
export function ratesOf(now: Traffic, before: Traffic, seconds: number): { messages: [number, number]; bytes: [number, number] } {
  const rate = (of: keyof Traffic, what: keyof Volume) => Math.max(0, (now[of][what] - before[of][what]) / seconds);
  return { messages: [rate("received", "messages"), rate("sent", "messages")], bytes: [rate("received", "bytes"), rate("sent", "bytes")] };
}

/** Asks whether the client's rights allow a command. A server that does not say so refuses what it does not allow. */
export async function may(client: Client, words: readonly Word[]): Promise<boolean> {
  try {
    return (await ask<{ may: boolean }>(client, { may: words.map(String) })).may;
  } catch {
    return true;
  }
}

async function ask<T>(client: Client, what: object): Promise<T> {
  const answer = (await client.emit("znsocket:inspect", [[], what], { timeout: patience })) as { data?: T; error?: { type: string; msg: string } };
  if (answer.data !== undefined) return answer.data;
  const { type, msg } = answer.error ?? { type: "ZnSocketError", msg: "the server says nothing of itself" };
  throw type === "PermissionError" ? new PermissionError(msg) : type === "UnknownEventError" ? new UnknownCommandError(msg) : new ZnSocketError(msg, type);
}
