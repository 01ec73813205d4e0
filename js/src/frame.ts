// A frame carries the body of a message: one flag byte, then
//
//   00 | body
//   01 | uint32 BE size of the body | body as gzip
import { ValueError } from "./errors.js";

const flagPlain = 0;
const flagGzip = 1;
const gzipHead = 1 + 4;

export interface Frame {
  bytes: Uint8Array;
  compressed: boolean;
}

/**
 * Makes the frame of a body. A body longer than threshold is compressed where
 * that makes it smaller and the runtime can; a negative threshold compresses none.
 */
export async function pack(body: Uint8Array, threshold: number): Promise<Frame> {
  if (threshold >= 0 && body.length > threshold && body.length < 2 ** 32 && typeof CompressionStream === "function") {
    const packed = await gzip(body);
    if (packed.length < body.length) {
      const bytes = new Uint8Array(gzipHead + packed.length);
      bytes[0] = flagGzip;
      new DataView(bytes.buffer).setUint32(1, body.length);
      bytes.set(packed, gzipHead);
      return { bytes, compressed: true };
    }
  }
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = flagPlain;
  bytes.set(body, 1);
  return { bytes, compressed: false };
}

async function gzip(body: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([body as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** What is left free in a message for what stands around a piece. */
export const pieceRoom = 250;

/** Cuts a frame so that each piece fits in a message of max bytes. */
export function cut(frame: Uint8Array, max: number): Uint8Array[] {
  const size = max - pieceRoom;
  if (size <= 0) {
    throw new ValueError(`a message size of ${max} bytes leaves no room for pieces: it must be above ${pieceRoom}`);
  }
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < frame.length; start += size) pieces.push(frame.subarray(start, start + size));
  return pieces;
}
