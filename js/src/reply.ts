// What replies have to be for objects to go on with them.
import type { Reply } from "./commander.js";
import { DeserializationError } from "./errors.js";

/** Reads an integer. Redis's answers for yes and no may come as such, and the place of an open bound as a bigint. */
export function asNumber(reply: Reply | undefined): number {
  if (typeof reply === "boolean" || typeof reply === "bigint") return Number(reply);
  return typeof reply === "number" ? reply : unexpected(reply, "a number");
}

export function asText(reply: Reply | undefined): string {
  return typeof reply === "string" ? reply : unexpected(reply, "a text");
}

export function asList(reply: Reply | undefined): Reply[] {
  return Array.isArray(reply) ? reply : unexpected(reply, "a list");
}

export function asTexts(reply: Reply | undefined): string[] {
  return asList(reply).map(asText);
}

export function asNumbers(reply: Reply | undefined): number[] {
  return asList(reply).map(asNumber);
}

/** Reads a first place and a count, or a place and what is there. */
export function asPair(reply: Reply | undefined): [at: number, rest: Reply] {
  const [at, rest, ...more] = asList(reply);
  return rest === undefined || more.length > 0 ? unexpected(reply, "a place and what is there") : [asNumber(at), rest];
}

/** Reads the fields of a hash in their order. A client of Redis may give them as a list. */
export function asEntries(reply: Reply | undefined): [field: string, text: string][] {
  if (reply instanceof Map) return Array.from(reply, ([field, text]) => [field, asText(text)]);
  const flat = asTexts(reply);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}

export function unexpected(reply: unknown, want: string): never {
  throw new DeserializationError(`the server replied ${String(reply).slice(0, 100)} instead of ${want}`);
}
