import type { CallOptions, Refresh } from "./commander.js";
import { copyTo } from "./copy.js";
import { listOperations, setSlice } from "./listops.js";
import { Core, type FallbackOptions, inner, type ObjectOptions } from "./object.js";
import { boundsOf, lowest, placesOf, type Span } from "./places.js";
import { openReference } from "./references.js";
import { Segments } from "./segments.js";
import { refreshFrom, Sequence, type SequenceCallbacks } from "./sequence.js";

/** How many places a refresh names before it gives up being exact. */
const maxPlaces = 1024;

/** Says that the elements of a slice have changed. */
function refreshOf(span: Span): Refresh {
  if (span.count <= maxPlaces) return { indices: placesOf(span) };
  const start = lowest(span);
  return { start, stop: start + (span.count - 1) * Math.abs(span.step) + 1 };
}

export interface ListOptions<T = any> extends ObjectOptions, FallbackOptions {
  /** Called, and waited for, before a change by the method of that name is made. */
  callbacks?: SequenceCallbacks<T> | undefined;
}

/**
 * A list that lives under a key of a server and is shared with everyone who opens the same key, in JavaScript, Python or
 * Go. Nothing is kept in the List itself: each call reads or writes the server's.
 *
 * Elements travel as JSON. The text of a reference is read as the object that it names, and a List, Dict or Segments is
 * written as its reference.
 */
export class List<T = any> extends Sequence<T> {
  constructor(options: ListOptions<T>);
  /** @internal */
  constructor(core: Core);
  constructor(options: ListOptions<T> | Core) {
    super(options instanceof Core ? options : Core.open(options, "znsocket.List:", openReference), listOperations);
  }

  override with(calls: CallOptions): List<T> {
    return new List<T>(this[inner].with({ calls }));
  }

  /**
   * Replaces every step-th element from start up to but not including end: as many values as elements, or any number
   * where step is 1.
   */
  async setSlice(start: number | null | undefined, end: number | null | undefined, values: readonly T[], step = 1): Promise<void> {
    const core = this[inner];
    const texts = values.map((value) => core.encode(value));
    const span = await setSlice(core, boundsOf(start, end, step), texts);
    if (span.count === 0 && values.length === 0) return;
    core.changed(span.count === values.length ? refreshOf(span) : refreshFrom(lowest(span)));
  }

  /** Copies the elements to another key and opens that; a KeyError where it is taken, a ValueError where there are none. */
  async copy(key: string): Promise<List<T>> {
    return new List<T>(await copyTo(this[inner], `znsocket.List:${key}`));
  }

  /** Makes Segments of the list as it is now, under another key; a KeyError where they are there already. */
  segments(key: string): Promise<Segments<T>> {
    return Segments.of(this, key);
  }
}
