// What is on screen is read again when it has changed.
import type { Client } from "../src/index.js";

/** What has changed: some keys, or anything. */
export interface Changed {
  has(key: string): boolean;
  /** The keys, where these are known. */
  readonly keys: Iterable<string>;
}

/** A part of the page that shows data. */
export interface Viewer {
  changed?(changed: Changed): void;
  /** Called each second while the page can be seen, for data of whose changes nobody tells. */
  tick?(): void;
}

/** How many changed keys are told one by one. */
const maxKeys = 10_000;
const anything: Changed = { has: () => true, keys: [] };

/** Tells what is on screen of changes: of those that come in one frame at once, and of none while the page is hidden. */
export class Live {
  readonly #viewers = new Set<Viewer>();
  readonly #keys = new Set<string>();
  #all = false;
  #frame = 0;

  constructor(client: Client) {
    client.on("refresh", ({ target }) => this.changed(target));
    setInterval(() => {
      if (document.visibilityState === "visible") for (const viewer of [...this.#viewers]) viewer.tick?.();
    }, 1000);
  }

  /** Tells a viewer until what is returned is called. */
  add(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    return () => this.#viewers.delete(viewer);
  }

  /** Says that a key has changed, or without one that anything may have. */
  changed(key?: string): void {
    if (key !== undefined && !this.#all) this.#keys.add(key);
    if (key === undefined || this.#keys.size > maxKeys) {
      this.#all = true;
      this.#keys.clear();
    }
    this.#frame ||= requestAnimationFrame(() => this.#tell());
  }

  #tell(): void {
    const keys = new Set(this.#keys);
    const changed = this.#all ? anything : { has: (key: string) => keys.has(key), keys };
    this.#keys.clear();
    this.#all = false;
    this.#frame = 0;
    for (const viewer of [...this.#viewers]) viewer.changed?.(changed);
  }
}

/**
 * Reads one thing again and again: one read at a time, at most one a frame. What is asked for during a read is read once
 * after it.
 */
export class Reader {
  #asked = false;
  #running: AbortController | undefined;
  #over = false;

  constructor(
    private readonly read: (signal: AbortSignal) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Asks for a read; with `instead` one that goes on is not waited for. */
  ask({ instead = false }: { instead?: boolean } = {}): void {
    if (instead) this.#running?.abort();
    if (this.#asked || this.#over) return;
    this.#asked = true;
    if (!this.#running) this.#next();
  }

  close(): void {
    this.#over = true;
    this.#running?.abort();
  }

  #next(): void {
    requestAnimationFrame(() => void this.#run());
  }

  async #run(): Promise<void> {
    if (this.#over) return;
    this.#asked = false;
    const running = (this.#running = new AbortController());
    try {
      await this.read(running.signal);
    } catch (error) {
      if (!running.signal.aborted) this.failed(error);
    }
    this.#running = undefined;
    if (this.#asked) this.#next();
  }
}
