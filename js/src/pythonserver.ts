// How a client speaks to a Python server: in redis-py's calls, each an event with
// [args, kwargs].
import type { Outcome, Reply, RunOptions, Word } from "./commander.js";
import type { Connection } from "./connection.js";
import type { Deadline } from "./deadline.js";
import {
  ChunkError,
  DataError,
  DeserializationError,
  refusalOf,
  UnknownCommandError,
  ZnSocketError,
} from "./errors.js";
import { pack, pieceRoom } from "./frame.js";
import type { Link } from "./link.js";
import { unscripted } from "./objectops.js";
import { fetchAnswer, Pieces } from "./pieces.js";
import { askFor, ownerOf } from "./question.js";
import { type Call, spell } from "./redispy.js";
import { textOf } from "./wire.js";

/** How often the pieces of a message are sent before their failure is the call's. */
const pieceAttempts = 3;

/** Runs commands on a Python server. Those of objects are asked of adapters, where their keys have any. */
export async function runPython(
  c: Connection,
  link: Link,
  commands: readonly (readonly Word[])[],
  options: RunOptions,
  deadline: Deadline,
): Promise<Outcome[]> {
  const argvs = commands.map((words) => words.map(spoken));
  const outcomes: Outcome[] = [];
  const rest: number[] = [];
  for (const [i, argv] of argvs.entries()) {
    const asked = unscripted(argv).map(String);
    const key = options.object ? await ownerOf(link, asked, deadline) : undefined;
    if (key === undefined) rest.push(i);
    else outcomes[i] = await outcomeOf(askFor(link, key, asked, deadline));
  }
  const ran = await runCalls(
    c,
    link,
    rest.map((i) => argvs[i]!),
    deadline,
  );
  for (const [at, outcome] of ran.entries()) outcomes[rest[at]!] = outcome;
  return options.bytes ? outcomes.map(toBytes) : outcomes;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function spoken(word: Word): string {
  if (!(word instanceof Uint8Array)) return textOf(word);
  try {
    return utf8.decode(word);
  } catch {
    throw new DataError("bytes that are no UTF-8 cannot be sent to a Python server");
  }
}

async function outcomeOf(reply: Promise<Reply>): Promise<Outcome> {
  try {
    return { value: await reply };
  } catch (error) {
    if (error instanceof ZnSocketError) return { error };
    throw error;
  }
}

async function runCalls(c: Connection, link: Link, argvs: string[][], deadline: Deadline): Promise<Outcome[]> {
  const [argv, ...more] = argvs;
  if (argv === undefined) return [];
  if (more.length === 0) {
    const call = spell(argv);
    return [readAnswer(await send(c, link, call, deadline), call, argv)];
  }
  // It stops at the first command that fails, and says nothing of the others.
  const calls = argvs.map(spell);
  const message = calls.map(({ method, args, kwargs }) => [method, [args, kwargs]]);
  const answer = await send(c, link, { method: "pipeline", args: [], kwargs: { message } }, deadline);
  const refusal = refusalOf(answer);
  if (refusal) throw refusal;
  const { data } = (answer ?? {}) as { data?: unknown };
  if (!Array.isArray(data) || data.length !== argvs.length) {
    throw new DeserializationError("the server's answer to a pipeline cannot be read");
  }
  return data.map((item, i) => readAnswer(item, calls[i]!, argvs[i]!));
}

/** Sends a call in the smallest form there is for its size. */
async function send(c: Connection, link: Link, { method, args, kwargs }: Call, deadline: Deadline): Promise<unknown> {
  const payload = [args, kwargs];
  const { threshold } = c.options;
  const frame = await link.inTurn(async () => {
    const body = new TextEncoder().encode(JSON.stringify(payload));
    const large = (threshold >= 0 && body.length > threshold) || body.length > link.maxMessage - pieceRoom;
    return large ? pack(body, threshold) : undefined;
  });
  if (frame && frame.bytes.length > link.maxMessage - pieceRoom) {
    return sendInPieces(c, link, method, frame.bytes, deadline);
  }
  if (frame?.compressed) return link.call("compressed_message", [{ event: method, data: frame.bytes }], deadline);
  return link.call(method, [payload], deadline);
}

async function sendInPieces(
  c: Connection,
  first: Link,
  event: string,
  frame: Uint8Array,
  deadline: Deadline,
): Promise<unknown> {
  for (let link = first, attempt = 1; ; attempt++) {
    const pieces = new Pieces(c, link, event, frame, deadline);
    try {
      await pieces.begin();
    } catch (error) {
      if ((error !== link.lost && !(error instanceof ChunkError)) || attempt === pieceAttempts) throw error;
      link = await c.acquire(deadline);
      continue;
    }
    await pieces.finish();
    return fetchAnswer(link, pieces, deadline);
  }
}

function readAnswer(answer: unknown, { method }: Call, [name]: string[]): Outcome {
  const error = refusalOf(answer);
  if (error instanceof UnknownCommandError && method === "execute_command") {
    return { error: new UnknownCommandError(`a Python server has no command '${name}'`) };
  }
  if (error) return { error };
  if (typeof answer !== "object" || answer === null || !("data" in answer)) {
    throw new DeserializationError("the server's answer cannot be read");
  }
  const value = replyOf(answer.data);
  return { value: method === "set" && value === true ? "OK" : value };
}

/** A JSON value as a reply. */
function replyOf(v: unknown): Reply {
  if (Array.isArray(v)) return v.map(replyOf);
  if (typeof v === "object" && v !== null) {
    return new Map(Object.entries(v).map(([field, value]) => [field, replyOf(value)]));
  }
  return (v ?? null) as Reply;
}

function toBytes(outcome: Outcome): Outcome {
  return outcome.error ? outcome : { value: bytesOf(outcome.value) };
}

function bytesOf(reply: Reply): Reply {
  if (typeof reply === "string") return new TextEncoder().encode(reply);
  if (Array.isArray(reply)) return reply.map(bytesOf);
  if (reply instanceof Map) return new Map([...reply].map(([field, value]) => [field, bytesOf(value)]));
  return reply;
}
