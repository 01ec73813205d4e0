// CBOR (RFC 8949), as much of it as the requests to a Go server and its replies
// have: integers, byte strings, texts, arrays, booleans, null and floats.

export type Encodable = number | boolean | string | Uint8Array | readonly Encodable[];

export type Decoded = null | boolean | number | bigint | Uint8Array | Decoded[];

const utf8 = new TextEncoder();

/** Encodes a value. Numbers are whole and not negative. */
export function encode(value: Encodable): Uint8Array {
  const out = new Output();
  out.write(value);
  return out.bytes();
}

class Output {
  #buffer = new Uint8Array(256);
  #size = 0;

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  write(value: Encodable): void {
    if (typeof value === "string") this.#span(3, utf8.encode(value));
    else if (typeof value === "number") this.#head(0, value);
    else if (typeof value === "boolean") this.#head(7, value ? 21 : 20);
    else if (value instanceof Uint8Array) this.#span(2, value);
    else {
      this.#head(4, value.length);
      for (const item of value) this.write(item);
    }
  }

  #span(major: number, bytes: Uint8Array): void {
    this.#head(major, bytes.length);
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  #head(major: number, n: number): void {
    this.#room(9);
    const bits = major << 5;
    const view = new DataView(this.#buffer.buffer, this.#size);
    if (n < 24) {
      view.setUint8(0, bits | n);
      this.#size += 1;
    } else if (n < 2 ** 8) {
      view.setUint8(0, bits | 24);
      view.setUint8(1, n);
      this.#size += 2;
    } else if (n < 2 ** 16) {
      view.setUint8(0, bits | 25);
      view.setUint16(1, n);
      this.#size += 3;
    } else if (n < 2 ** 32) {
      view.setUint8(0, bits | 26);
      view.setUint32(1, n);
      this.#size += 5;
    } else {
      view.setUint8(0, bits | 27);
      view.setBigUint64(1, BigInt(n));
      this.#size += 9;
    }
  }

  #room(more: number): void {
    if (this.#size + more <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#buffer.length, this.#size + more));
    larger.set(this.bytes());
    this.#buffer = larger;
  }
}

/**
 * Decodes one value. Byte strings and texts are views of the data. Integers that a
 * number cannot hold are bigints.
 */
export function decode(data: Uint8Array): Decoded {
  const input = new Input(data);
  const value = input.read();
  input.end();
  return value;
}

/** How deep arrays may lie in each other. */
const maxDepth = 64;

class Input {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  end(): void {
    if (this.#at !== this.#data.length) throw new RangeError("CBOR with something behind it");
  }

  read(depth = 0): Decoded {
    const head = this.#view.getUint8(this.#at++);
    const major = head >> 5;
    if (major === 7) return this.#simple(head & 31);
    const n = this.#argument(head & 31);
    switch (major) {
      case 0:
        return safe(n);
      case 1:
        return safe(-1n - BigInt(n));
      case 2:
      case 3:
        return this.#bytes(Number(n));
      case 4:
        if (depth === maxDepth) throw new RangeError("CBOR that is nested too deep");
        return this.#array(Number(n), depth);
    }
    throw new RangeError(`CBOR of an unexpected kind: ${head}`);
  }

  #argument(info: number): number | bigint {
    const at = this.#at;
    if (info < 24) return info;
    if (info > 27) throw new RangeError("CBOR of an unexpected length");
    this.#at += 1 << (info - 24);
    if (info === 24) return this.#view.getUint8(at);
    if (info === 25) return this.#view.getUint16(at);
    if (info === 26) return this.#view.getUint32(at);
    return this.#view.getBigUint64(at);
  }

  #bytes(length: number): Uint8Array {
    const start = this.#at;
    if (length > this.#data.length - start) throw new RangeError("CBOR that ends too early");
    this.#at += length;
    return this.#data.subarray(start, this.#at);
  }

  #array(length: number, depth: number): Decoded[] {
    if (length > this.#data.length - this.#at) throw new RangeError("CBOR that ends too early");
    const list: Decoded[] = new Array(length);
    for (let i = 0; i < length; i++) list[i] = this.read(depth + 1);
    return list;
  }

  #simple(info: number): Decoded {
    const at = this.#at;
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 25:
        this.#at += 2;
        return half(this.#view.getUint16(at));
      case 26:
        this.#at += 4;
        return this.#view.getFloat32(at);
      case 27:
        this.#at += 8;
        return this.#view.getFloat64(at);
    }
    throw new RangeError(`CBOR of an unexpected kind: ${info}`);
  }
}

/** The float of 16 bits; Go writes infinities and NaN so. */
function half(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

/** A number where it holds the integer, else a bigint. */
function safe(n: number | bigint): number | bigint {
  return typeof n === "number" || (n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER) ? Number(n) : n;
}
