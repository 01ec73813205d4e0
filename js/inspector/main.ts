// The inspector: what a server holds, live, in a browser. It connects as every client does.
import { createClient, PermissionError } from "../src/index.js";
import type { App, View } from "./app.js";
import { byID, fill, h, say } from "./dom.js";
import { EntryView } from "./entryview.js";
import { Facts } from "./facts.js";
import { bytes, counted } from "./format.js";
import { token } from "./kept.js";
import { showHelp, startKeyboard } from "./keyboard.js";
import { KeyList } from "./keylist.js";
import { Keys } from "./keys.js";
import { KeyView } from "./keyview.js";
import { Live } from "./live.js";
import { nameOf } from "./names.js";
import { Overview } from "./overview.js";
import { format, parse } from "./route.js";
import { may, ServerState } from "./server.js";
import { startTheme } from "./theme.js";

const parameters = new URLSearchParams(location.search);
/** The server is where the page came from, under the same prefix. */
const url = new URL("..", location.href).href;

startTheme();
byID("help").addEventListener("click", showHelp);
byID("forget").addEventListener("click", () => {
  token.forget();
  location.reload();
});

/** The token that the server is told. */
let known = token.get();
const client = createClient({ url, namespace: parameters.get("namespace") ?? "znsocket", token: () => known, log: () => undefined });
void enter().then(run);

/** Connects, and asks for what the server wants, until it lets one in. */
async function enter(): Promise<void> {
  byID("entrance").hidden = false;
  say(byID("problem"), "Connecting …");
  for (;;) {
    try {
      await client.connect();
      break;
    } catch (error) {
      if (error instanceof PermissionError) {
        client.disconnect();
        known = await askForToken(error.message);
        say(byID("problem"), "Connecting …");
        continue;
      }
      say(byID("problem"), `${(error as Error).message} — it is tried again.`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  if (known !== undefined) token.set(known);
  byID("forget").hidden = known === undefined;
  byID("entrance").hidden = true;
}

function askForToken(refusal: string): Promise<string> {
  const hadOne = known !== undefined;
  say(byID("problem"), refusal);
  byID("forget").hidden = !hadOne;
  return new Promise((resolve) => {
    const input = h("input", { id: "token", type: "password", autocomplete: "off", required: true });
    const submit = (event: Event) => {
      event.preventDefault();
      byID("ask").hidden = true;
      resolve(input.value);
    };
    fill(byID("ask"), h("form", { submit }, h("label", { for: "token" }, hadOne ? "Another token" : "Token"), input, h("button", { type: "submit", class: "primary" }, "Connect")));
    byID("ask").hidden = false;
    input.focus();
  });
}

/** Shows what there is, from when the client is connected. */
function run(): void {
  const live = new Live(client);
  const keys = new Keys(client, () => list.update());
  const server = new ServerState(client, () => tell());
  const facts = new Facts(client);
  let route = parse(location.hash);
  let view: View | undefined;
  let keyCount: number | undefined;
  let takesFocus = false;

  const app: App = {
    client,
    live,
    keys,
    server,
    facts,
    open: (steps) => (location.hash = app.link(steps)),
    link: (steps) => format({ ...route, steps: [...steps], overview: false }),
    may: (words) => may(client, words),
  };
  const list = new KeyList(app, (search, filter) => {
    route = { ...route, search, filter };
    history.replaceState(history.state, "", location.pathname + location.search + format(route));
    byID<HTMLAnchorElement>("to-overview").href = format({ ...route, steps: [], overview: true });
  });

  function show(): void {
    takesFocus ||= document.activeElement?.classList.contains("rows") ?? false;
    view?.close();
    const last = route.steps.at(-1);
    view = last === undefined ? new Overview(app) : last.key !== undefined ? new KeyView(app, route.steps) : new EntryView(app, route.steps);
    fill(byID("view"), view.element);
    document.body.dataset.pane = last !== undefined || route.overview ? "view" : "keys";
    document.title = `${last === undefined ? "Overview" : (last.key !== undefined ? nameOf(last.key) : last.at)} — ZnSocket`;
    const key = route.steps[0]?.key;
    list.mark(key);
    if (takesFocus && last !== undefined) view.focus?.();
    else if (takesFocus) list.focus();
    takesFocus = false;
  }

  function tell(): void {
    const { now, keys: count } = server;
    if (view instanceof Overview) view.update();
    const status = [count === undefined ? "" : counted(count, "key"), now ? bytes(now.memory.heap) : "", now ? counted(now.traffic.connections, "client") : ""];
    fill(byID("status"), ...status.filter(Boolean).map((text) => h("span", {}, text)));
    if (now) keys.noteAdapters(now.adapters.map(({ key }) => key));
    if (keyCount !== undefined && count !== keyCount) keys.expire();
    keyCount = count;
  }

  addEventListener("hashchange", () => {
    const before = route;
    route = parse(location.hash);
    if (route.search !== before.search || route.filter !== before.filter) list.set(route.search, route.filter);
    show();
  });
  live.add({ tick: () => void server.ask() });
  client.on("disconnect", (reason: string) => lost(`The connection is lost (${reason}). It is being made again.`));
  client.on("connect", () => {
    lost(undefined);
    server.forget();
    live.changed();
    keys.reread();
    void server.ask();
  });
  client.on("connect_error", (error: Error) => {
    lost(`There is no connection: ${error.message}. It is tried again.`);
    const isRefusal = "data" in error; // which socket.io has of what a server says, and of nothing else
    if (!isRefusal || !byID("entrance").hidden) return;
    client.disconnect();
    void enter();
  });
  startKeyboard({
    search: () => {
      document.body.dataset.pane = "keys";
      byID<HTMLInputElement>("search").select();
    },
    edit: () => view?.edit?.(),
    back: () => {
      if (route.steps.length === 0) return list.focus();
      takesFocus = true;
      app.open(route.steps.slice(0, -1));
    },
  });
  list.set(route.search, route.filter);
  show();
  void server.ask();
}

/** Says that there is no connection; with undefined that there is one. */
function lost(why: string | undefined): void {
  byID("banner").hidden = why === undefined;
  say(byID("banner"), why ?? "");
  document.body.classList.toggle("away", why !== undefined);
}
