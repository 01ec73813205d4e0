// The fields of a hash, the members of a set: what no command gives a window of.
import { count } from "./format.js";

/** How many places of one key are read. */
export const maxPlaces = 200_000;
/** How many are read anew each time that others may be there; more than that once in so many milliseconds. */
export const fewPlaces = 2_000;
const pause = 5_000;

/** Keeps the places of a key, as there is no command that gives the tenth field of a hash. */
export class Places {
  /** There are others, which are read in a while. */
  late = false;
  #places: string[] | undefined;
  #at = 0;

  constructor(private readonly read: (signal: AbortSignal) => Promise<string[]>) {}

  /** Gives the places, read again if they are so many no longer. */
  async get(total: number, signal: AbortSignal): Promise<string[]> {
    const known = this.#places;
    const isOld = Date.now() - this.#at > pause;
    const isRight = known?.length === Math.min(total, maxPlaces);
    this.late = known !== undefined && !isRight && !isOld && known.length > fewPlaces;
    if (known && !isOld && (isRight || this.late)) return known;
    this.#places = (await this.read(signal)).slice(0, maxPlaces);
    this.#at = Date.now();
    return this.#places;
  }

  forget(): void {
    this.#places = undefined;
  }
}

/** Says that there are more places than are read. */
export function noteOn(total: number): { note?: string } {
  return total > maxPlaces ? { note: `only ${count(maxPlaces)} of ${count(total)} are shown` } : {};
}
