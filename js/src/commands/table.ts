import type { Command } from "./command.js";
import { bitmapCommands } from "./bitmaps.js";
import { blockingCommands } from "./blocking.js";
import { geoCommands } from "./geo.js";
import { hashCommands } from "./hashes.js";
import { keyCommands } from "./keys.js";
import { listCommands } from "./lists.js";
import { objectCommands } from "./objects.js";
import { scriptCommands } from "./scripts.js";
import { setCommands } from "./sets.js";
import { streamCommands } from "./streams.js";
import { stringCommands } from "./strings.js";
import { zsetCommands } from "./zsets.js";

/** Every typed command, under node-redis's name: its arguments make the words, and it knows its reply. */
export const table = {
  ...keyCommands,
  ...stringCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...zsetCommands,
  ...streamCommands,
  ...geoCommands,
  ...bitmapCommands,
  ...blockingCommands,
  ...scriptCommands,
  ...objectCommands,
};

export type Table = typeof table;

/** What a command's reply is read as. */
export type ReplyOf<K extends keyof Table> = ReturnType<ReturnType<Table[K]>["read"]>;

/** Gives a class a method for each command, which does with it what `use` does. */
export function addMethods<T extends object>(prototype: T, use: (self: T, command: Command<unknown>) => unknown): void {
  for (const [name, make] of Object.entries(table) as [string, (...args: unknown[]) => Command<unknown>][]) {
    Object.defineProperty(prototype, name, {
      value(this: T, ...args: unknown[]) {
        return use(this, make(...args));
      },
      writable: true,
      configurable: true,
    });
  }
}
