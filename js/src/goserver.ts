// How a client speaks to a Go server; see wire.ts.
import type { Outcome, RunOptions, Word } from "./commander.js";
import type { Connection } from "./connection.js";
import type { Deadline } from "./deadline.js";
import { DeserializationError, refusalOf } from "./errors.js";
import { pack } from "./frame.js";
import type { Link } from "./link.js";
import { fetchAnswer, Pieces } from "./pieces.js";
import { changes } from "./reads.js";
import { decodeOutcomes, encodeRequest, type Request } from "./wire.js";

/**
 * How often a request is sent before the connection's failures are its own: it may
 * be what ends the connections. For the same reason all wait longer each time.
 */
const maxAttempts = 20;
const firstPause = 100;
const lastPause = 5_000;

/**
 * Runs commands on a Go server. Where the connection is lost they are sent again
 * over the next one, unless they may have been carried out already and that server
 * does not know.
 */
export async function runGo(
  c: Connection,
  first: Link,
  commands: readonly (readonly Word[])[],
  options: RunOptions,
  deadline: Deadline,
): Promise<Outcome[]> {
  const { object = false, bytes = false } = options;
  const writes = commands.some(changes);
  const { memory } = first;
  const number = writes && memory !== "" ? c.requests.begin() : 0;
  try {
    for (let link = first, attempt = 1; ; attempt++) {
      try {
        const answer = await send(c, link, { number, over: c.requests.over, object, commands }, deadline);
        return decodeOutcomes(answer, commands.length, bytes);
      } catch (error) {
        if (number > 0 && !link.lost) link.withdraw(number);
        if (!link.lost || error !== link.lost || attempt === maxAttempts) throw error;
        if (attempt > 1) c.hold(pauseBefore(attempt));
        link = await c.acquire(deadline);
        if (!link.go || (writes && (number === 0 || link.memory !== memory))) throw error;
      }
    }
  } finally {
    c.requests.end(number);
  }
}

function pauseBefore(attempt: number): number {
  return Math.min(firstPause * 2 ** (attempt - 2), lastPause) * (0.5 + Math.random());
}

async function send(c: Connection, link: Link, request: Request, deadline: Deadline): Promise<Uint8Array> {
  const body = encodeRequest(request);
  const { bytes: frame } = await link.inTurn(() => pack(body, c.options.threshold));
  let answer: unknown;
  if (frame.length <= link.maxMessage) {
    answer = await link.call("znsocket:commands", [frame], deadline);
  } else {
    const pieces = new Pieces(c, link, "znsocket:commands", frame, deadline);
    await pieces.begin();
    await pieces.finish();
    answer = await fetchAnswer(link, pieces, deadline);
  }
  // An attachment is a Buffer in Node, elsewhere an ArrayBuffer.
  if (answer instanceof Uint8Array) return new Uint8Array(answer.buffer, answer.byteOffset, answer.length);
  if (answer instanceof ArrayBuffer) return new Uint8Array(answer);
  throw refusalOf(answer) ?? new DeserializationError("the server's answer cannot be read");
}
