// What travels between a Go server and clients that know it: the event
// "znsocket:commands" with a frame as its attachment, whose body is the CBOR of
//
//   [number, over, object, [[word, …], …]]
//
// and whose answer is the CBOR of one [kind, value] a command.
import { decode, encode, type Decoded } from "./cbor.js";
import type { Outcome, Reply, Word } from "./commander.js";
import { DataError, DeserializationError, errorOf, type ZnSocketError } from "./errors.js";

export interface Request {
  /** That of a request which may change something, from 1 on, else 0: see requests.ts. */
  number: number;
  /** The lowest number that the client still waits for. */
  over: number;
  object: boolean;
  commands: readonly (readonly Word[])[];
}

export function encodeRequest(r: Request): Uint8Array {
  return encode([r.number, r.over, r.object, r.commands.map((words) => words.map(wireWord))]);
}

function wireWord(word: Word): string | Uint8Array {
  return word instanceof Uint8Array ? word : textOf(word);
}

/** A word that is no bytes, as text. */
export function textOf(word: Exclude<Word, Uint8Array>): string {
  switch (typeof word) {
    case "string":
      return word;
    case "number":
      return Number.isFinite(word) || Number.isNaN(word) ? String(word) : word > 0 ? "inf" : "-inf";
    case "bigint":
      return String(word);
  }
  const kind = word === null ? "null" : typeof word;
  throw new DataError(`Invalid input of type: '${kind}'. Convert to a string, number, bigint or Uint8Array first.`);
}

/** What a value is, beyond what CBOR says; 0 is nothing special. */
const kinds = { error: 1, pairs: 2, scores: 4, scan: 5, list: 6 };

/** Reads the answer to a request of count commands. */
export function decodeOutcomes(body: Uint8Array, count: number, bytes: boolean): Outcome[] {
  const text = bytes ? (data: Uint8Array) => data.slice() : utf8;
  let list: Outcome[];
  try {
    list = listOf(decode(body)).map((reply) => outcomeOf(reply, text));
  } catch (cause) {
    throw new DeserializationError("the server's answer cannot be read", { cause });
  }
  if (list.length !== count) {
    throw new DeserializationError(`the server gave ${list.length} answers to ${count} commands`);
  }
  return list;
}

type TextReader = (data: Uint8Array) => string | Uint8Array;

function outcomeOf(reply: Decoded, text: TextReader): Outcome {
  const [kind, value] = pairOf(reply);
  if (kind !== kinds.error) return { value: replyOf(kind, value, text) };
  const [type, message] = pairOf(value);
  return { error: errorOf(utf8(type), utf8(message)) };
}

function listOf(value: Decoded): Decoded[] {
  if (!Array.isArray(value)) throw new TypeError("it is no list");
  return value;
}

function pairOf(value: Decoded): [Decoded, Decoded] {
  const list = listOf(value);
  if (list.length !== 2) throw new TypeError("it is no pair");
  return list as [Decoded, Decoded];
}

/** What comes in turn. */
function pairsOf(value: Decoded): [Decoded, Decoded][] {
  const list = listOf(value);
  if (list.length % 2 > 0) throw new TypeError("it is no list of pairs");
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!]);
}

function replyOf(kind: Decoded, value: Decoded, text: TextReader): Reply {
  switch (kind) {
    case kinds.pairs:
      return new Map(pairsOf(value).map(([field, item]) => [utf8(field), plain(item, text)]));
    case kinds.scores:
      return pairsOf(value).map((pair) => plain(pair, text));
    case kinds.scan: {
      const [cursor, page] = pairOf(value);
      const [inner, items] = pairOf(page);
      return [String(cursor), replyOf(inner, items, text)];
    }
    case kinds.list:
      return listOf(value).map((item) => {
        const { error, value } = outcomeOf(item, text) as { error?: ZnSocketError; value: Reply };
        return error ?? value;
      });
  }
  return plain(value, text);
}

function plain(value: Decoded, text: TextReader): Reply {
  if (value instanceof Uint8Array) return text(value);
  return Array.isArray(value) ? value.map((item) => plain(item, text)) : value;
}

// A text may begin with what elsewhere is a byte order mark.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function utf8(data: Decoded): string {
  if (!(data instanceof Uint8Array)) throw new TypeError("it is no text");
  return decoder.decode(data);
}
