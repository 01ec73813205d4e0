// The server: what goes through it, who is connected, which adapters there are.
import type { App, View } from "./app.js";
import { fill, h, say } from "./dom.js";
import { agentName, bytes, count, counted, duration, rate } from "./format.js";
import { kindOf, nameOf } from "./names.js";
import { badge } from "./preview.js";
import { cells, Rows } from "./rows.js";
import { type ConnectedClient, type Moment, ratesOf } from "./server.js";
import { Sparkline } from "./sparkline.js";

const columns = ["who", "from", "for", "over", "hears", "adapters", "waiting", "in", "out"] as const;

export class Overview implements View {
  readonly element: HTMLElement;
  readonly #facts = h("p", { class: "facts" });
  readonly #reason = h("p", { class: "reason", hidden: true });
  readonly #charts: readonly [Sparkline, (moment: Moment) => readonly number[]][] = [
    [new Sparkline("Messages", ["in", "out"], (n) => `${rate(n)}/s`), ({ messages }) => messages],
    [new Sparkline("Traffic", ["in", "out"], (n) => `${bytes(n)}/s`), ({ bytes }) => bytes],
    [new Sparkline("Memory", ["heap"], bytes), ({ heap }) => [heap]],
    [new Sparkline("Connections", ["clients"], count), ({ connections }) => [connections]],
  ];
  readonly #clients: Rows;
  readonly #clientsTitle = h("h2", {}, "Clients");
  readonly #adapters: Rows;
  readonly #adaptersTitle = h("h2", {}, "Adapters");
  readonly #panels: HTMLElement;
  /** A client before the last second, for what it sent and got in it. */
  #before = new Map<string, ConnectedClient>();
  #seconds = 1;

  constructor(private readonly app: App) {
    this.#clients = new Rows({
      role: "grid",
      label: "Clients",
      draw: (row, index) => this.#drawClient(row, index),
      onWindow: () => undefined,
      onOpen: () => undefined,
    });
    this.#adapters = new Rows({
      role: "grid",
      label: "Adapters",
      draw: (row, index) => this.#drawAdapter(row, index),
      onWindow: () => undefined,
      onOpen: (index) => app.open([{ key: app.server.now!.adapters[index]!.key }]),
    });
    this.#panels = h(
      "div",
      { class: "panels" },
      h("div", { class: "charts" }, ...this.#charts.map(([chart]) => chart.element)),
      h(
        "section",
        { class: "card list clients", "aria-label": "Clients" },
        this.#clientsTitle,
        h("div", { class: "head", "aria-hidden": "true" }, ...columns.map((name) => h("span", { class: name }, name))),
        this.#clients.element,
      ),
      h("section", { class: "card list shown-by", "aria-label": "Adapters" }, this.#adaptersTitle, this.#adapters.element),
    );
    this.element = h("article", { class: "view overview" }, h("header", { class: "heading" }, h("h1", {}, "Overview"), this.#facts, this.#reason), this.#panels);
    this.update();
  }

  /** Shows what the server said last. */
  update(): void {
    const { now, before, refusal, moments } = this.app.server;
    this.#reason.hidden = refusal === undefined;
    say(this.#reason, refusal === undefined ? "" : `The server does not say who is connected and what goes on: ${refusal}`);
    this.#panels.hidden = now === undefined;
    if (!now) return;
    const { memory, keys } = now;
    const facts = [
      `version ${now.version}`,
      now.store === "redis" ? "data in a Redis" : "data in memory",
      keys === null ? "" : counted(keys, "key"),
      `up ${duration(now.uptime)}`,
      `${bytes(memory.heap)} in use, ${bytes(memory.system)} from the system`,
      counted(memory.goroutines, "goroutine"),
    ];
    say(this.#facts, facts.filter(Boolean).join(" · "));
    for (const [chart, of] of this.#charts) chart.show(moments.map((moment) => ({ time: moment.time, values: of(moment) })));
    this.#before = new Map(before?.clients.map((client) => [client.id, client]));
    this.#seconds = before ? Math.max(0.1, now.uptime - before.uptime) : 1;
    say(this.#clientsTitle, titleOf("Clients", now.clients.length, now.clientsTotal));
    say(this.#adaptersTitle, titleOf("Adapters", now.adapters.length, now.adaptersTotal));
    this.#clients.count = now.clients.length;
    this.#adapters.count = now.adapters.length;
    this.#adapters.element.parentElement!.hidden = now.adapters.length === 0;
    this.#clients.redraw();
    this.#adapters.redraw();
  }

  close(): void {
    for (const [chart] of this.#charts) chart.close();
  }

  #drawClient(row: HTMLElement, index: number): void {
    const now = this.app.server.now;
    const client = now?.clients[index];
    if (!now || !client) return;
    const before = this.#before.get(client.id);
    const rates = before ? ratesOf(client, before, this.#seconds) : undefined;
    const speed = (k: 0 | 1) => (rates ? `${rate(rates.messages[k])}/s · ${bytes(rates.bytes[k])}/s` : "");
    const texts: Record<(typeof columns)[number], string> = {
      who: client.self ? `${agentName(client.agent)} (you)` : agentName(client.agent),
      from: client.remote,
      for: duration((now.now - client.since) / 1000),
      over: client.transport,
      hears: client.all ? "all keys" : counted(client.subscriptions, "key"),
      adapters: client.adapters > 0 ? count(client.adapters) : "",
      waiting: client.waiting > 0 ? bytes(client.waiting) : "",
      in: speed(0),
      out: speed(1),
    };
    for (const [k, cell] of cells(row, ...columns).entries()) say(cell, texts[columns[k]!]);
    if (row.title !== client.agent) row.title = client.agent;
  }

  #drawAdapter(row: HTMLElement, index: number): void {
    const adapter = this.app.server.now?.adapters[index];
    if (!adapter || row.title === `${adapter.key} ${adapter.owner}`) return;
    row.title = `${adapter.key} ${adapter.owner}`;
    const [kind, name, owner] = cells(row, "kind", "name", "owner") as [HTMLElement, HTMLElement, HTMLElement];
    fill(kind, badge(kindOf(adapter.key) ?? "adapter"));
    say(name, nameOf(adapter.key));
    say(owner, adapter.owner);
  }
}

function titleOf(what: string, shown: number, total: number): string {
  return shown < total ? `${what} (the first ${count(shown)} of ${count(total)})` : `${what} (${count(total)})`;
}
