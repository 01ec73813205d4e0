// What README.md says of React, Vue and Svelte, with what they have for it.
import { effectScope, onScopeDispose, shallowRef, watch as vueWatch } from "@vue/reactivity";
import { expect } from "chai";
import { createElement, useSyncExternalStore } from "react";
import { derived } from "svelte/store";
import { type Client, List, watch } from "../src/index.js";
import { atEnd, Events, inBrowser } from "./harness.js";
import { goServer } from "./places.js";

describe("A watched list", () => {
  let client: Client;
  let other: List<string>;
  beforeEach(async () => {
    const { mine, theirs } = await goServer.open();
    client = mine.client as Client;
    other = new List<string>({ ...theirs, key: "todo" });
    await new List({ client, key: "todo" }).push("write");
  });

  it("is a store of Svelte", async () => {
    const todo = watch(new List<string>({ client, key: "todo" }));
    const seen = new Events<number>();
    const stop = derived(todo, ($todo) => $todo?.length ?? 0).subscribe(seen.push);
    while ((await seen.next()) !== 1);
    await other.push("test");
    expect(await seen.next()).to.equal(2);
    stop();
    expect(todo.value).to.equal(undefined);
  });

  it("is a ref of Vue", async () => {
    const scope = effectScope();
    const seen = new Events<string[]>();
    scope.run(() => {
      const items = shallowRef<string[]>([]);
      onScopeDispose(watch(new List<string>({ client, key: "todo" }), (value) => (items.value = value)));
      vueWatch(items, seen.push);
    });
    expect(await seen.next()).to.deep.equal(["write"]);
    await other.push("test");
    expect(await seen.next()).to.deep.equal(["write", "test"]);
    scope.stop();
  });

  if (inBrowser) {
    it("is a store of React, on a page", async () => {
      const { createRoot } = await import("react-dom/client");
      const todo = watch(new List<string>({ client, key: "todo" }));

      function Todo() {
        const items = useSyncExternalStore(todo.subscribe, () => todo.value) ?? [];
        return createElement("ul", null, items.map((item, i) => createElement("li", { key: i }, item)));
      }

      const page = document.createElement("div");
      const root = createRoot(page);
      atEnd(() => root.unmount());
      const shown = new Events<string>();
      new MutationObserver(() => shown.push(page.textContent ?? "")).observe(page, { subtree: true, childList: true, characterData: true });
      root.render(createElement(Todo));
      while ((await shown.next()) !== "write");
      await other.push("!");
      while ((await shown.next()) !== "write!");
      await other.pop(0);
      while ((await shown.next()) !== "!");
    });
  }
});
