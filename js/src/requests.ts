/** How many requests a server remembers of one client. */
const maxOpen = 100_000;

/**
 * Numbers the requests that may change something. A Go server remembers what it
 * answered to a number until the client says that it has the answer: one that is
 * sent again over another connection is carried out once.
 */
export class Requests {
  #last = 0;
  /** All numbers below have been answered. */
  #over = 1;
  readonly #open = new Set<number>();

  get over(): number {
    return this.#over;
  }

  /**
   * Gives the next number, or 0 where one that takes long has so many behind it
   * that a server could not remember them: then it is sent only once.
   */
  begin(): number {
    if (this.#last + 1 - this.#over >= maxOpen) return 0;
    this.#open.add(++this.#last);
    return this.#last;
  }

  end(number: number): void {
    this.#open.delete(number);
    while (this.#over <= this.#last && !this.#open.has(this.#over)) this.#over++;
  }
}
