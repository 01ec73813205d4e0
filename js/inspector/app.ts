// What the parts of the page share.
import type { Client, Word } from "../src/index.js";
import type { Facts } from "./facts.js";
import type { Keys } from "./keys.js";
import type { Live } from "./live.js";
import type { Step } from "./route.js";
import type { ServerState } from "./server.js";

export interface App {
  readonly client: Client;
  readonly live: Live;
  readonly keys: Keys;
  readonly facts: Facts;
  readonly server: ServerState;
  /** Opens something; the browser's history comes back from it. */
  open(steps: readonly Step[]): void;
  /** Gives the hash of what could be opened, for a link. */
  link(steps: readonly Step[]): string;
  /** Asks whether the client's rights allow a command. */
  may(words: readonly Word[]): Promise<boolean>;
}

/** One thing that is open, in the large part of the page. */
export interface View {
  readonly element: HTMLElement;
  /** Takes the focus, where a key opened it. */
  focus?(): void;
  /** Edits what is the active one. */
  edit?(): void;
  close(): void;
}
