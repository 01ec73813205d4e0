import type { CallOptions } from "./commander.js";
import { KeyError, ValueError } from "./errors.js";
import { Core, inner, type ObjectOptions } from "./object.js";
import { openReference } from "./references.js";
import type { List } from "./list.js";
import type { Piece } from "./segmentpieces.js";
import { makeSegments, ownKey, readPieces, segmentOperations } from "./segmentops.js";
import { Sequence } from "./sequence.js";

export type { Piece } from "./segmentpieces.js";

/**
 * A list made of pieces of other lists: a copy of a List that shares its elements until they change. Kept is only which
 * pieces there are, in a list that Python's Segments reads and writes too. New values go to the List of the same name; what
 * is replaced or removed stays in its List, which therefore only grows. The Lists that the pieces are of must not be
 * changed otherwise: one that has become shorter than a piece is an error to read.
 *
 * A read is two round trips, one for the pieces and one for the elements, whatever their number. A change is made where
 * nobody else has changed the same pieces since they were read, and otherwise tried again.
 */
export class Segments<T = any> extends Sequence<T> {
  /** Opens the segments that Python calls by this key. They are there from their first element on; see List.segments. */
  constructor(options: ObjectOptions);
  /** @internal */
  constructor(core: Core);
  constructor(options: ObjectOptions | Core) {
    super(options instanceof Core ? options : Core.open(options, "znsocket.Segments:", openReference), segmentOperations);
  }

  /** Makes Segments of a list as it is now. */
  static async of<T>(list: List<T>, key: string): Promise<Segments<T>> {
    const core = list[inner].with({ key: `znsocket.Segments:${key}`, callbacks: {} });
    if (ownKey(core) === list._key) throw new ValueError("Can not keep the segments of a list under its own name");
    if (!(await makeSegments(core, list._key, await list.length()))) {
      throw new KeyError(`Key ${core.key} already exists in storage`);
    }
    return new Segments<T>(core);
  }

  override with(calls: CallOptions): Segments<T> {
    return new Segments<T>(this[inner].with({ calls }));
  }

  /** Returns the pieces as they are stored, the first elements first. */
  async pieces(): Promise<Piece[]> {
    const { pieces } = await readPieces(this[inner]);
    return pieces.map(({ start, end, target }) => ({ start, end, target }));
  }
}
