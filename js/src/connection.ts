import type { Socket } from "socket.io-client";
import type { CallOptions, Question, Refresh } from "./commander.js";
import { Deadline, restoreTimeout } from "./deadline.js";
import { type DialError, firstPause, lastPause, messageOf, refused, unreachable } from "./dial.js";
import { ConnectionError, TimeoutError } from "./errors.js";
import { Link, NoServerError } from "./link.js";
import { Owners } from "./owners.js";
import { randomID } from "./random.js";
import { Requests } from "./requests.js";
import { refreshEventOf, Subscriptions } from "./subscriptions.js";
import { Untold } from "./untold.js";

/** What a connection is told; see ClientOptions. */
export interface ConnectionOptions {
  auth: () => Promise<Record<string, unknown>>;
  timeout: number;
  failFast: boolean;
  threshold: number;
  maxMessage: number;
  onProgress: ((progress: Progress) => void) | undefined;
  log: (message: string, error: unknown) => void;
}

/** How far a large message to the server is, in bytes on the wire. */
export interface Progress {
  done: number;
  total: number;
}

type Waiter = { resolve: (link: Link) => void; reject: (reason: Error) => void };

/**
 * Keeps the connection of a socket. One that is lost is made again, by socket.io
 * or where that gives up by this, until close, and is there again as it was: with
 * its subscriptions, which hear a resync, and its adapters.
 */
export class Connection {
  /** Where the server is, for messages. */
  readonly shown: string;
  readonly options: ConnectionOptions;
  readonly requests = new Requests();
  readonly subscriptions = new Subscriptions(this);
  readonly owners = new Owners(this);

  readonly #socket: Socket;
  readonly #id = randomID();
  readonly #untold = new Untold();
  /** Who waits for a connection, however long, and who for the present attempt only. */
  readonly #waiters = new Set<Waiter>();
  readonly #attempts = new Set<Waiter>();

  #greeted = false;
  /** The connection there is, and the same once everything on it is as before. */
  #present: Link | undefined;
  #link: Link | undefined;
  #connected = false; // once
  /** Why there will be none, and why there is none. */
  #over: Error | undefined;
  #trouble: Error | undefined;
  #pause = firstPause;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Counts the attempts to be let in: what belongs to one that is over comes too late. */
  #attempt = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  /** Until when calls wait though there is a connection. */
  #heldUntil = 0;

  constructor(socket: Socket, shown: string, options: ConnectionOptions) {
    this.#socket = socket;
    this.shown = shown;
    this.options = options;
    this.#greet();
    socket.on("connect", () => void this.#join());
    socket.on("connect_error", (error) => this.#refused(error));
    socket.on("disconnect", (reason, details) => this.#lose(reason, details));
    socket.on("refresh", (said: unknown) => {
      const event = refreshEventOf(said);
      if (event) this.subscriptions.hear(event);
    });
    socket.on("adapter:get", (payload?: [unknown, Question], ack?: (answer: unknown) => void) => {
      if (payload?.[1] && typeof ack === "function" && this.#present) void this.owners.respond(this.#present, payload[1], ack);
    });
    if (socket.connected) void this.#join();
  }

  /** The connection, while there is one. */
  get link(): Link | undefined {
    return this.#link;
  }

  deadline({ signal, timeout = this.options.timeout }: CallOptions = {}): Deadline {
    return new Deadline(signal ? { signal, timeout } : { timeout });
  }

  warn(message: string, error: unknown): void {
    this.options.log(`znsocket: ${message}`, error);
  }

  /** Gives the connection, or waits for it. */
  async acquire(deadline: Deadline): Promise<Link> {
    if (this.#link) {
      deadline.signal?.throwIfAborted();
      return this.#link;
    }
    if (this.#over) throw this.#over;
    if (this.options.failFast && this.#connected) {
      throw new ConnectionError(`there is no connection to ${this.shown} at the moment`);
    }
    return this.#wait(this.#waiters, deadline);
  }

  /** Connects, also again after close; it rejects where the present attempt fails. */
  async connect(): Promise<void> {
    if (this.#link) return;
    this.#over = undefined;
    this.#dial();
    await this.#wait(this.#attempts, new Deadline({}));
  }

  #wait(waiters: Set<Waiter>, deadline: Deadline): Promise<Link> {
    return deadline.wait<Link>(
      (resolve, reject) => {
        const waiter = { resolve, reject };
        waiters.add(waiter);
        return () => waiters.delete(waiter);
      },
      () => new TimeoutError(`no connection to ${this.shown} in time`, { cause: this.#trouble }),
    );
  }

  /** Ends the connection. Calls in flight fail. */
  close(): void {
    this.#give(new ConnectionError("the client was disconnected"));
    this.#socket.disconnect();
  }

  /**
   * Has all calls wait for so long at least, and so keep their order: it may be one of them that ends the connections.
   */
  hold(milliseconds: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, Date.now() + milliseconds);
  }

  #dial(): void {
    clearTimeout(this.#retry);
    if (!this.#socket.connected) this.#expect();
    this.#socket.connect();
  }

  /** Has the attempt that there is fail where it hangs: at who makes the token, or at the server. */
  #expect(): void {
    clearTimeout(this.#patience);
    const timeout = this.#socket.io.timeout();
    if (typeof timeout !== "number") return;
    this.#patience = setTimeout(() => {
      const late = new ConnectionError(`could not connect to ${this.shown} in time`);
      if (this.#socket.active) this.#fail(late, false);
      else this.#disappoint(late); // its owner has disconnected it
    }, timeout);
  }

  /** Ends the attempt that there is. */
  #end(): void {
    clearTimeout(this.#patience);
    this.#attempt++;
  }

  /** Tells who waits for the present attempt that it has failed. */
  #disappoint(reason: Error): void {
    for (const { reject } of [...this.#attempts]) reject(reason);
  }

  /** Gives up, until connect is called. */
  #give(reason: Error): void {
    this.#over = reason;
    clearTimeout(this.#retry);
    this.#end();
    this.#unlink(reason);
    for (const { reject } of [...this.#attempts, ...this.#waiters]) reject(reason);
  }

  #unlink(reason: Error): void {
    this.#present?.end(reason);
    this.#present = this.#link = undefined;
  }

  /** Says in every handshake who this is, beside what the socket says already. */
  #greet(): void {
    const theirs = this.#socket.auth ?? {};
    const znsocket = { client: this.#id, subscribes: true, nests: true };
    this.#socket.auth = (send) => {
      const attempt = ++this.#attempt;
      this.#expect();
      const greet = async (data: object) => {
        try {
          const payload = { ...data, ...(await this.options.auth()), znsocket };
          if (attempt !== this.#attempt) return;
          this.#greeted = true;
          send(payload);
        } catch (cause) {
          if (attempt !== this.#attempt) return;
          this.#fail(new ConnectionError(`token for ${this.shown}: ${messageOf(cause)}`, { cause }), true);
        }
      };
      if (typeof theirs === "function") theirs((data) => void greet(data));
      else void greet(theirs);
    };
  }

  /** Makes of a namespace that was joined a connection on which everything is as before. */
  async #join(): Promise<void> {
    this.#end();
    const link = new Link(this.#socket, this.shown, this.#greeted);
    const deadline = new Deadline({ timeout: restoreTimeout });
    this.#present = link;
    let settleOwners: () => void;
    try {
      await link.configure(this.options.maxMessage, deadline);
      await this.subscriptions.settle(link);
      settleOwners = await this.owners.restore(link, deadline);
      const held = this.#heldUntil - Date.now();
      if (held > 0) await new Promise((resolve) => setTimeout(resolve, held));
    } catch (error) {
      if (!link.lost) this.#fail(error as Error, error instanceof NoServerError);
      return;
    }
    if (link.lost) return;
    const again = this.#connected;
    this.#link = link;
    this.#connected = true;
    this.#pause = firstPause;
    // Of what changed meanwhile; if that fails, the next connection is told.
    this.subscriptions.settle(link).catch(() => undefined);
    settleOwners();
    for (const { resolve } of [...this.#attempts, ...this.#waiters]) resolve(link);
    this.#tellUntold(link);
    if (again) this.subscriptions.resync();
  }

  /** An attempt has failed, after which socket.io does not try again by itself. */
  #fail(reason: Error, final: boolean): void {
    this.#end();
    this.#unlink(reason);
    this.#socket.disconnect();
    this.#missed(reason, final);
  }

  #refused(error: DialError): void {
    this.#end();
    if (this.#socket.active) this.#missed(unreachable(this.shown, error), false);
    else this.#missed(refused(this.shown, this.#socket, error), true);
  }

  /** Who was never there is not tried again where it would be for nothing. */
  #missed(reason: Error, final: boolean): void {
    this.#trouble = reason;
    if (final && !this.#connected) {
      this.#give(reason);
      return;
    }
    this.#disappoint(reason);
    this.#tryAgain();
  }

  #lose(reason: Socket.DisconnectReason, details: unknown): void {
    const why = details instanceof Error ? `${reason}: ${details.message}` : reason;
    const lost = new ConnectionError(`connection to ${this.shown} lost: ${why}`);
    const left = reason === "io client disconnect";
    const ours = left && this.#present === undefined; // it was unlinked before
    this.#trouble = lost;
    this.#greeted = false;
    this.#end();
    this.#unlink(lost);
    if (ours) return;
    this.#disappoint(lost);
    if (!left) this.#tryAgain();
  }

  /** Connects after a pause, unless socket.io does. */
  #tryAgain(): void {
    if (this.#over || (this.#socket.active && this.#socket.io.reconnection())) return;
    clearTimeout(this.#retry);
    const pause = this.#pause * (0.5 + Math.random());
    this.#pause = Math.min(2 * this.#pause, lastPause);
    this.#retry = setTimeout(() => this.#dial(), pause);
  }

  /** Tells everybody else that a key has changed. */
  tell(target: string, data: Refresh): void {
    this.subscriptions.hearLocal({ target, data });
    if (this.#link) this.#tell(this.#link, target, data);
    else this.#keepUntold(target, data);
  }

  /** What the server does not say that it has heard is told again over the next connection. */
  #tell(link: Link, target: string, data: Refresh): void {
    const travels = data.start === undefined ? data : { stop: null, ...data };
    const told = link.ask("refresh", [{ target, data: travels }], new Deadline({ timeout: restoreTimeout }));
    told.catch((error: unknown) => {
      if (this.#over) return;
      if (link.lost) this.#keepUntold(target, data);
      else this.warn(`nobody was told of a change of ${target}`, error);
    });
  }

  #keepUntold(target: string, data: Refresh): void {
    if (!this.#untold.keep(target, data)) this.warn("too many changes wait for a connection", target);
    if (this.#link) this.#tellUntold(this.#link);
  }

  #tellUntold(link: Link): void {
    for (const [target, refresh] of this.#untold.take()) this.#tell(link, target, refresh);
  }
}
