// The tests of objects, wherever else they can be than on a Go server's own store.
import { testDicts } from "./dicts.js";
import { testFallbacks } from "./fallbacks.js";
import { connect, startServer } from "./harness.js";
import { testLists } from "./lists.js";
import { clientsOf, type Place } from "./places.js";
import { connectRedis, startRedis } from "./redis.js";
import { testSegments } from "./segmented.js";

const overRedis: Place = {
  name: "a Go server with a Redis behind it",
  open: async () => clientsOf((await startServer({ args: ["--storage", await startRedis()] })).url),
};

const python: Place = {
  name: "a Python server",
  python: true,
  open: async () => clientsOf((await startServer({ kind: "python" })).url),
};

const nodeRedis = (RESP: 2 | 3): Place => ({
  name: `node-redis with RESP${RESP}`,
  async open() {
    const redis = await startRedis();
    const { url } = await startServer();
    const [mine, theirs] = await Promise.all([connectRedis(redis, RESP), connectRedis(redis, RESP)]);
    const [mySocket, theirSocket] = await Promise.all([connect(url), connect(url)]);
    return {
      mine: { client: mine, socket: mySocket },
      theirs: { client: theirs, socket: theirSocket },
      raw: (...words) => mine.sendCommand(words),
    };
  },
});

for (const place of [overRedis, python, nodeRedis(2), nodeRedis(3)]) {
  testLists(place, place.python ? 250 : 600);
  testDicts(place, place.python ? 200 : 400);
  testSegments(place, place.python ? 150 : 300);
  testFallbacks(place);
}
