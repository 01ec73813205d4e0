// Messages that are too large for one event.
import type { Connection } from "./connection.js";
import type { Deadline } from "./deadline.js";
import { TooLargeError } from "./errors.js";
import { cut, pack, pieceRoom } from "./frame.js";
import type { Link } from "./link.js";
import { randomID } from "./random.js";

/** How many pieces are under way at once: enough to keep the connection busy while answers travel. */
const inFlight = 4;

/** How long an answer to a question in pieces may take. */
const answerTimeout = 60_000;

/**
 * A frame that is sent in pieces. The event has not run before the last piece is
 * there, which finish sends after begin has sent all others.
 */
export class Pieces {
  readonly id = randomID();
  readonly #pieces: Uint8Array[];
  readonly #send: (index: number) => Promise<void>;

  constructor(c: Connection, link: Link, event: string, frame: Uint8Array, deadline: Deadline) {
    const pieces = cut(frame, link.maxMessage);
    let done = 0;
    this.#pieces = pieces;
    this.#send = async (index) => {
      const data = pieces[index]!;
      const piece = {
        chunk_id: this.id,
        chunk_index: index,
        total_chunks: pieces.length,
        event,
        data,
        size: data.length,
      };
      await link.ask("chunked_message", [piece], deadline);
      done += data.length;
      c.options.onProgress?.({ done, total: frame.length });
    };
  }

  async begin(): Promise<void> {
    const last = this.#pieces.length - 1;
    let next = 0;
    const sendSome = async () => {
      try {
        while (next < last) await this.#send(next++);
      } catch (error) {
        next = last; // the others need not go on
        throw error;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, sendSome));
  }

  finish(): Promise<void> {
    return this.#send(this.#pieces.length - 1);
  }
}

/** Fetches the answer to an event that came in pieces. */
export function fetchAnswer(link: Link, { id }: Pieces, deadline: Deadline): Promise<unknown> {
  return link.call("get_chunked_result", [{ chunk_id: id }], deadline);
}

/** Makes of an answer to a question what is sent: itself, or where its pieces are. */
export async function packAnswer(c: Connection, link: Link, answer: unknown): Promise<unknown> {
  const body = new TextEncoder().encode(JSON.stringify(answer ?? null));
  if (body.length <= link.maxMessage - pieceRoom) return answer;
  if (!link.go) throw new TooLargeError(`answer of ${body.length} bytes exceeds the limit of ${link.maxMessage} bytes`);
  const frame = await pack(body, c.options.threshold);
  const pieces = new Pieces(c, link, "znsocket:answer", frame.bytes, c.deadline({ timeout: answerTimeout }));
  await pieces.begin();
  await pieces.finish();
  return { "znsocket:pieces": pieces.id };
}
