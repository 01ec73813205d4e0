// A string of Redis: text, JSON, or bytes; of a large one the beginning.
import type { Client } from "../src/index.js";
import type { App } from "./app.js";
import { fill, h, say } from "./dom.js";
import { bytes } from "./format.js";
import { type Changed, Reader, type Viewer } from "./live.js";
import { type Page, StoredSource } from "./sources.js";
import { ValueView } from "./valueview.js";

/** Why bytes are not edited. */
export const noText = "It has bytes that are no text.";
/** How much is read at first, and of a string of how many bytes all is read each second. */
const first = 64 * 1024;
const small = 1_000_000;
/** How many bytes are shown that are no text. */
const maxDump = 4_096;

/** A string as one that can be changed: it has no places. */
export class StringSource extends StoredSource {
  readonly noun = "text";

  constructor(client: Client, key: string) {
    super(client, key, false);
  }

  async read(): Promise<Page> {
    return { total: 0, entries: [] };
  }

  one(): Promise<string | null> {
    return this.client.get(this.key);
  }

  override readonly set = {
    asks: ["SET", this.key, ""],
    make: (_: string, text: string) => this.change(["SET", this.key, text, "KEEPTTL"], () => ({})),
  };
}

export class StringView implements Viewer {
  readonly element: HTMLElement;
  readonly #note = h("p", { class: "note" });
  readonly #more = h("button", { type: "button", hidden: true, click: () => this.#readAll() });
  readonly #dump = h("pre", { class: "dump", tabindex: 0, hidden: true });
  readonly #problem = h("p", { class: "fault", role: "alert" });
  readonly #text: ValueView;
  readonly #reader: Reader;
  readonly #stop: () => void;
  #size = -1;
  #all = false;

  constructor(
    private readonly app: App,
    private readonly key: string,
  ) {
    this.#text = new ValueView(app, key, undefined);
    this.element = h("div", { class: "string" }, this.#problem, h("div", { class: "line" }, this.#note, this.#more), this.#dump, this.#text.element);
    this.#reader = new Reader(
      (signal) => this.#read(signal),
      (error) => fill(this.#problem, String(error instanceof Error ? error.message : error)),
    );
    this.#stop = app.live.add(this);
    this.#reader.ask();
  }

  /** Why it cannot be edited as a text; undefined where it can, as far as it was read. */
  get fault(): string | undefined {
    return this.#dump.hidden ? undefined : noText;
  }

  changed(changed: Changed): void {
    if (changed.has(this.key)) this.#reader.ask();
  }

  tick(): void {
    this.#reader.ask();
  }

  focus(): void {
    this.#text.focus();
  }

  close(): void {
    this.#stop();
    this.#reader.close();
    this.#text.close();
  }

  #readAll(): void {
    this.#all = true;
    this.#size = -1;
    this.#reader.ask();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const size = await this.app.client.strLen(this.key);
    if (size > small && size === this.#size && this.#all) return;
    const data = await this.app.client.with({ signal, bytes: true }).getRange(this.key, 0, this.#all ? -1 : first - 1);
    signal.throwIfAborted();
    this.#size = size;
    const isCut = data.length < size;
    const text = textIn(data);
    this.#dump.hidden = text !== undefined;
    this.#text.element.hidden = text === undefined;
    if (text === undefined) say(this.#dump, dumpOf(data.subarray(0, maxDump)));
    else this.#text.showText(text);
    say(this.#note, isCut ? `the first ${bytes(data.length)} of ${bytes(size)}` : text === undefined ? `no text: the first ${bytes(Math.min(size, maxDump))} of ${bytes(size)}` : "");
    this.#more.hidden = !isCut;
    say(this.#more, `show all (${bytes(size)})`);
    fill(this.#problem);
  }
}

/** The text that bytes are, whose last character may be cut. */
function textIn(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data, { stream: true });
  } catch {
    return undefined;
  }
}

/** Shows bytes as numbers, sixteen a line, with their letters. */
function dumpOf(data: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += 16) {
    const line = [...data.subarray(at, at + 16)];
    const numbers = line.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${numbers.padEnd(48)} ${letters}`);
  }
  return lines.join("\n");
}
