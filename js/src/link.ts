import type { Socket } from "socket.io-client";
import { ConnectionError, TimeoutError, refusalOf } from "./errors.js";
import type { Deadline } from "./deadline.js";

/** What a server says of itself. */
interface ServerConfig {
  max_http_buffer_size?: number;
  go?: number;
  memory?: string;
}

const defaultMaxMessage = 1_000_000;

/** One connection to a server, from when its namespace is joined until it is lost. */
export class Link {
  /** The server is of Go and understands "znsocket:commands". */
  go = false;
  /** The name of what the server remembers of this client; "" where it does not. */
  memory = "";
  /** The keys that the server was told of, and whether it tells of all. */
  readonly subscribed = new Set<string>();
  subscribedAll = false;

  readonly #socket: Socket;
  readonly #shown: string;
  readonly #greeted: boolean;
  readonly #waiting = new Set<(reason: Error) => void>();
  #maxMessage = defaultMaxMessage;
  #turn: Promise<unknown> = Promise.resolve();
  #lost: Error | undefined;

  /** `greeted`: the handshake has said that this client subscribes. */
  constructor(socket: Socket, shown: string, greeted: boolean) {
    this.#socket = socket;
    this.#shown = shown;
    this.#greeted = greeted;
  }

  /** Asks the server what it is. */
  async configure(maxMessage: number, deadline: Deadline): Promise<void> {
    const config = await this.call("server_config", [], deadline);
    if (typeof config !== "object" || config === null || !("max_http_buffer_size" in config)) {
      throw new NoServerError(`${this.#shown} is no ZnSocket server: it has no answer to server_config`);
    }
    const { go = 0, memory = "", max_http_buffer_size: max = defaultMaxMessage } = config as ServerConfig;
    if (!Number.isInteger(max) || max <= 0) {
      throw new NoServerError(`${this.#shown} is no ZnSocket server: it does not say how large messages may be`);
    }
    this.go = go > 0;
    this.memory = this.#greeted ? memory : "";
    this.#maxMessage = Math.min(max, maxMessage);
  }

  /** The server tells of what it was asked to, and knows adapters inside others. */
  get tailored(): boolean {
    return this.go && this.#greeted;
  }

  /** How many bytes a message may have. In long-polling they are written as text. */
  get maxMessage(): number {
    const polling = this.#socket.io.engine?.transport?.name === "polling";
    return polling ? Math.floor(this.#maxMessage / 4) * 3 : this.#maxMessage;
  }

  /** Why the connection is over, if it is. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  end(reason: Error): void {
    this.#lost ??= reason;
    for (const reject of this.#waiting) reject(this.#lost);
    this.#waiting.clear();
  }

  /**
   * Makes what is sent next, after all that was to be sent before is made: what is
   * compressed takes a while, and commands keep their order.
   */
  inTurn<T>(make: () => Promise<T>): Promise<T> {
    const made = this.#turn.then(make);
    this.#turn = made.catch(() => undefined);
    return made;
  }

  /** Sends an event and waits for its answer. */
  call(event: string, args: readonly unknown[], deadline: Deadline): Promise<unknown> {
    return deadline.wait<unknown>(
      (resolve, reject) => {
        if (this.#lost) {
          reject(this.#lost);
          return undefined;
        }
        this.#waiting.add(reject);
        this.#emit(event, args, deadline.left, resolve);
        return () => this.#waiting.delete(reject);
      },
      () => new TimeoutError(`no answer from ${this.#shown} in time`),
    );
  }

  /** Says that nobody waits for the answer to a request any more: what waits at the server takes nothing for it then. */
  withdraw(number: number): void {
    this.#socket.emit("znsocket:withdraw", number);
  }

  /** Like call, and rejects with the error that an answer is. */
  async ask(event: string, args: readonly unknown[], deadline: Deadline): Promise<unknown> {
    const answer = await this.call(event, args, deadline);
    const refusal = refusalOf(answer);
    if (refusal) throw refusal;
    return answer;
  }

  // socket.io-client forgets the callback of an answer that does not come in time.
  #emit(event: string, args: readonly unknown[], left: number, answered: (answer: unknown) => void): void {
    if (left === Infinity) {
      this.#socket.emit(event, ...args, answered);
    } else {
      this.#socket.timeout(left).emit(event, ...args, (error: unknown, answer: unknown) => {
        if (!error) answered(answer);
      });
    }
  }
}

/** What answers is something else. */
export class NoServerError extends ConnectionError {}
