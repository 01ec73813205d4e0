import type { CallOptions } from "./commander.js";

/** The longest that a timer can wait; what is longer is for ever. */
const maxTimer = 2 ** 31 - 1;

/** How long it may take to restore what was on a connection, and a server to hear of a change. */
export const restoreTimeout = 20_000;

/** The calls that each signal ends. It has one listener for all of them: of many Node warns. */
const endings = new WeakMap<AbortSignal, Set<() => void>>();

/** Has a call ended when a signal aborts, until the function that this returns is called. */
function endWith(signal: AbortSignal, end: () => void): () => void {
  let calls = endings.get(signal);
  if (!calls) {
    const all = (calls = new Set());
    endings.set(signal, all);
    signal.addEventListener("abort", () => all.forEach((each) => each()), { once: true });
  }
  calls.add(end);
  return () => calls.delete(end);
}

/** When a call is given up: its time is over, or its signal aborts. */
export class Deadline {
  readonly signal: AbortSignal | undefined;
  readonly #end: number;

  constructor({ signal, timeout = 0 }: CallOptions) {
    this.signal = signal;
    this.#end = timeout > 0 ? Date.now() + timeout : Infinity;
  }

  /** Milliseconds that are left, Infinity without an end. */
  get left(): number {
    const left = Math.max(this.#end - Date.now(), 0);
    return left > maxTimer ? Infinity : left;
  }

  /**
   * Waits for what `begin` starts, or until the deadline: then it rejects with
   * what `late` says, or with the signal's reason. What begin returns is called
   * when the waiting is over.
   */
  wait<T>(
    begin: (resolve: (value: T) => void, reject: (reason: unknown) => void) => (() => void) | undefined,
    late: () => Error,
  ): Promise<T> {
    const { signal, left } = this;
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let forget: (() => void) | undefined;
      const timer = left < Infinity ? setTimeout(() => settle(() => reject(late())), left) : undefined;
      const settle = (done: () => void) => {
        clearTimeout(timer);
        heedless?.();
        forget?.();
        done();
      };
      const heedless = signal && endWith(signal, () => settle(() => reject(signal.reason)));
      try {
        forget = begin(
          (value) => settle(() => resolve(value)),
          (reason) => settle(() => reject(reason)),
        );
      } catch (error) {
        settle(() => reject(error));
      }
    });
  }
}
