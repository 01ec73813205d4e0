import type { CallOptions } from "./commander.js";
import { TimeoutError } from "./errors.js";

/** The longest that a timer can wait; what is longer is for ever. */
const maxTimer = 2 ** 31 - 1;

/** How long it may take to restore what was on a connection, and a server to hear of a change. */
export const restoreTimeout = 20_000;

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
      const abort = () => settle(() => reject(signal?.reason));
      const timer = left < Infinity ? setTimeout(() => settle(() => reject(late())), left) : undefined;
      const settle = (done: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        forget?.();
        done();
      };
      signal?.addEventListener("abort", abort);
      forget = begin(
        (value) => settle(() => resolve(value)),
        (reason) => settle(() => reject(reason)),
      );
    });
  }

  /** Waits for a while, at most as long as there is time. */
  sleep(milliseconds: number): Promise<void> {
    return this.wait<void>(
      (resolve) => {
        const timer = setTimeout(resolve, Math.min(milliseconds, this.left));
        return () => clearTimeout(timer);
      },
      () => new TimeoutError("the time is over"),
    );
  }
}
