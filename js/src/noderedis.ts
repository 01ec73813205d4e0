import type { CallOptions, Commander, Live, Outcome, Reply, RunOptions, Word } from "./commander.js";
import { Deadline } from "./deadline.js";
import { ResponseError, TimeoutError } from "./errors.js";
import { keyPlace } from "./objectops.js";

/** A client of node-redis, the npm package redis, as far as objects need it. */
export interface RedisClient {
  sendCommand(words: string[], options?: any): Promise<unknown>;
}

// Has node-redis give hashes, which RESP3 marks by a %, as lists: objects would not keep the order of all fields.
const inOrder = { typeMapping: { [0x25]: Array } };

/** Returns what runs the commands of objects over a client. Those of keys that have an adapter are for `live`. */
export function commanderOf(client: Commander | RedisClient, live: Live | undefined): Commander {
  if (typeof client === "object" && client !== null) {
    if ("run" in client) return client;
    if ("sendCommand" in client) return new NodeRedis(client, live);
  }
  throw new TypeError("the client of an object is a Client of znsocket or one of node-redis");
}

/** For how long, and of how many keys, it is remembered whether they have an adapter. */
const knownFor = 1000;
const maxKnown = 10_000;

/** Runs commands by a client of node-redis, which sends those of one turn together. */
class NodeRedis implements Commander {
  private readonly known = new Map<string, { adapted: boolean; until: number }>();

  constructor(
    private readonly client: RedisClient,
    private readonly live: Live | undefined,
  ) {}

  run(commands: readonly (readonly Word[])[], options: RunOptions = {}): Promise<Outcome[]> {
    return new Deadline(options).wait<Outcome[]>(
      (resolve, reject) => void this.runAll(commands, options).then(resolve, reject),
      () => new TimeoutError("Redis has not answered in time"),
    );
  }

  private async runAll(commands: readonly (readonly Word[])[], options: RunOptions): Promise<Outcome[]> {
    const keys = commands.map((words) => String(words[keyPlace(words)]));
    const adapted = await Promise.all(keys.map((key) => options.object === true && this.isAdapted(key, options)));
    return Promise.all(commands.map((words, k) => (adapted[k] ? this.ask(words, options) : this.send(words))));
  }

  /** Has the owner of an adapter asked. */
  private async ask(words: readonly Word[], options: RunOptions): Promise<Outcome> {
    const [outcome] = await this.live!.run([words], options);
    return outcome!;
  }

  private async send(words: readonly Word[]): Promise<Outcome> {
    try {
      return { value: (await this.client.sendCommand(words.map(String), inOrder)) as Reply };
    } catch (error) {
      // A reply of Redis begins with a code in capitals. All else is the connection's.
      if (error instanceof Error && /^[A-Z]+ /.test(error.message)) return { error: new ResponseError(error.message, { cause: error }) };
      throw error;
    }
  }

  private async isAdapted(key: string, calls: CallOptions): Promise<boolean> {
    if (this.live === undefined || !key.startsWith("znsocket.")) return false;
    const before = this.known.get(key);
    if (before && before.until > Date.now()) return before.adapted;
    const adapted = await this.live.adapted(key, calls);
    if (this.known.size >= maxKnown) this.known.clear();
    this.known.set(key, { adapted, until: Date.now() + knownFor });
    return adapted;
  }
}
