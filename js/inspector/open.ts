// What there is to show of a key, by its type.
import type { Client } from "../src/index.js";
import { HashSource } from "./hashes.js";
import { ListSource, SegmentsSource } from "./lists.js";
import { kindOf } from "./names.js";
import { SetSource, SortedSetSource } from "./sets.js";
import type { Source } from "./sources.js";
import { StreamSource } from "./streams.js";

/** Opens what is stored under a key as a table, if its type, as Redis names it, is one of a table. */
export function openTable(client: Client, key: string, type: string): Source | undefined {
  switch (kindOf(key) ?? type) {
    case "List":
      return new ListSource(client, key, true);
    case "list":
      return new ListSource(client, key, false);
    case "Segments":
      return new SegmentsSource(client, key);
    case "Dict":
      return new HashSource(client, key, true);
    case "hash":
      return new HashSource(client, key, false);
    case "set":
      return new SetSource(client, key);
    case "zset":
      return new SortedSetSource(client, key);
    case "stream":
      return new StreamSource(client, key);
  }
  return undefined;
}
