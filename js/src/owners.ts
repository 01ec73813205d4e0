import type { Answerer, Owned, Question } from "./commander.js";
import { KeyError, TimeoutError, TooLargeError, ZnSocketError } from "./errors.js";
import type { Connection } from "./connection.js";
import type { Deadline } from "./deadline.js";
import type { Link } from "./link.js";
import { packAnswer } from "./pieces.js";

/** How many adapters inside others a server is told of, where it has to know. */
const maxNested = 100_000;

/** An adapter of this client. */
interface Owner {
  key: string;
  answer: Answerer;
  /** Keys inside it that a server was told of. */
  nested: Set<string>;
}

/** How a server is told of an adapter: a new one, in another's place, or one that it knew over a lost connection. */
type Claim = "new" | "replace" | "again";

/** The adapters of a client. */
export class Owners {
  readonly #byKey = new Map<string, Owner>();
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async own(key: string, answer: Answerer, replace: boolean): Promise<Owned> {
    const deadline = this.#connection.deadline();
    const link = await this.#connection.acquire(deadline);
    if (this.#byKey.has(key)) throw taken(key);
    const owner = { key, answer, nested: new Set<string>() };
    this.#byKey.set(key, owner); // it is asked as soon as it is known
    try {
      await this.#claim(link, key, replace ? "replace" : "new", deadline);
    } catch (error) {
      await this.#close(owner); // the server may know of it all the same
      throw error;
    }
    return {
      nested: (inner) => this.#nest(owner, inner),
      close: () => this.#close(owner),
    };
  }

  async #claim(link: Link, key: string, claim: Claim, deadline: Deadline): Promise<void> {
    const event = link.go ? "znsocket:own" : "register_adapter";
    const how = link.go && claim !== "new" ? { [claim]: true } : {};
    await link.ask(event, [[[], { key, ...how }]], deadline);
  }

  /** Servers that find no adapters inside others are told of each. */
  async #nest(owner: Owner, key: string): Promise<void> {
    const { link } = this.#connection;
    if (!link || link.tailored || owner.nested.has(key)) return;
    if (owner.nested.size >= maxNested) {
      throw new TooLargeError(`more adapters inside ${owner.key} than the limit of ${maxNested}`);
    }
    owner.nested.add(key);
    await this.#claim(link, key, "new", this.#connection.deadline());
  }

  async #close(owner: Owner): Promise<void> {
    if (this.#byKey.get(owner.key) !== owner) return;
    this.#byKey.delete(owner.key);
    const { link } = this.#connection;
    if (link) await this.#disown(link, owner);
  }

  async #disown(link: Link, owner: Owner): Promise<void> {
    if (!link.go) return; // a Python server forgets with the connection
    const deadline = this.#connection.deadline();
    try {
      await Promise.all(known(owner, link).map((key) => link.ask("znsocket:disown", [[[], { key }]], deadline)));
    } catch (error) {
      if (!link.lost) {
        this.#connection.warn(`the server does not know that the adapter of ${owner.key} is closed`, error);
      }
    }
  }

  /**
   * Tells a server of all adapters, which it knew over another connection. What it
   * returns tells, when the connection is in its place, of those that were closed
   * meanwhile.
   */
  async restore(link: Link, deadline: Deadline): Promise<() => void> {
    const owners = [...this.#byKey.values()];
    const keys = owners.flatMap((owner) => known(owner, link));
    await Promise.all(
      keys.map(async (key) => {
        try {
          await this.#claim(link, key, "again", deadline);
        } catch (error) {
          // Somebody else may have it now: that is no reason to stay away.
          if (link.lost || error instanceof TimeoutError) throw error;
          this.#connection.warn(`the adapter of ${key} is not there again`, error);
        }
      }),
    );
    return () => {
      for (const owner of owners) if (this.#byKey.get(owner.key) !== owner) void this.#disown(link, owner);
    };
  }

  /** Answers what a server wants to know, with an error where that is the answer. */
  async respond(link: Link, question: Question, ack: (answer: unknown) => void): Promise<void> {
    let answer: unknown;
    try {
      answer = await packAnswer(this.#connection, link, await this.#answer(question));
    } catch (error) {
      const type = error instanceof ZnSocketError ? error.type : "AdapterError";
      answer = { error: { msg: error instanceof Error ? error.message : String(error), type } };
    }
    if (!link.lost) ack(answer);
  }

  #answer(question: Question): unknown {
    const owner = this.#find(String(question.key));
    if (!owner) throw new KeyError(`Key ${question.key} does not exist in storage`);
    return owner.answer(question);
  }

  #find(key: string): Owner | undefined {
    for (const root of rootsOf(key)) {
      const owner = this.#byKey.get(root);
      if (owner) return owner;
    }
    return undefined;
  }
}

/** The keys of an owner that a server knows. */
function known({ key, nested }: Owner, link: Link): string[] {
  return link.tailored ? [key] : [key, ...nested];
}

const prefix = /^znsocket\.(?:List|Dict):/;

/** How many keys are looked at to find the adapter that one lies in, and how long it may be. */
const maxRoots = 64;
const maxKey = 4096;

/**
 * Gives a key and those of adapters that its own may lie in, the nearest first. As
 * Python names them, the dict that is element 3 of the list znsocket.List:a is
 * znsocket.Dict:znsocket.List:a:3.
 */
export function* rootsOf(key: string): Generator<string> {
  yield key;
  if (key.length > maxKey) return;
  let inner = key;
  while (prefix.test(inner.replace(prefix, ""))) inner = inner.replace(prefix, "");
  if (inner === key) return;
  for (let i = 0; i < maxRoots; i++) {
    inner = inner.slice(0, Math.max(inner.lastIndexOf(":"), 0));
    if (inner.replace(prefix, "") === "" || !prefix.test(inner)) return;
    yield inner;
  }
}

const taken = (key: string) => new KeyError(`Key ${key} already exists in storage`);
