// The dialogs by which entries and keys are changed.
import type { Word } from "../src/index.js";
import type { App } from "./app.js";
import { ask, type Field } from "./editor.js";
import { short } from "./format.js";
import { nameOf } from "./names.js";
import type { Source } from "./sources.js";
import { noText } from "./stringview.js";
import { faultIn } from "./values.js";

/** How large a text is edited here. */
const maxEdited = 2_000_000;

/** What is shown of a place, and who has to be told of a change. */
interface Where {
  readonly app: App;
  readonly source: Source;
  readonly key: string;
  readonly done: () => void;
}

/** Edits what is at a place, or says why it cannot be edited. */
export async function editEntry({ app, source, key, done }: Where, place: string): Promise<void> {
  if (!source.set) return;
  const title = source.noun === "text" ? nameOf(key) : `${short(nameOf(key), 100)} [${short(place, 100)}]`;
  let text: string;
  try {
    text = await editable(source, place);
  } catch (error) {
    ask({ title, text: (error as Error).message, action: "Close", make: async () => undefined });
    return;
  }
  const check = unchanged(source, place, text, "save again to replace that");
  ask({
    title,
    fields: [valueField(source, text)],
    action: "Save",
    make: async ({ value }) => {
      await check();
      await source.set!.make(place, value!);
      app.live.changed(key);
      done();
    },
  });
}

/** Reads what is at a place, and fails where it is nothing to edit. */
async function editable(source: Source, place: string): Promise<string> {
  const text = await source.one(place);
  if (text === null) throw new Error(place.includes("\ufffd") ? noText : "There is nothing at this place.");
  if (text.length > maxEdited) throw new Error(`It has ${text.length} characters: too many to edit here.`);
  if (text.includes("\ufffd")) throw new Error(noText);
  return text;
}

/**
 * Returns what fails where somebody else has changed what is at a place, or moved another element there. What it has told
 * of is known then, and no reason to fail the next time.
 */
function unchanged(source: Source, place: string, known: string | null, again: string): () => Promise<void> {
  return async () => {
    const now = await source.one(place);
    if (now === known) return;
    known = now;
    throw new Error(`Somebody else has changed it meanwhile, to ${short(now ?? "nothing", 200)} — ${again}.`);
  };
}

/** Adds an entry: of a list at its end. */
export function addEntry({ app, source, key, done }: Where): void {
  const place: Field = { name: "place", label: source.noun === "field" ? "Field" : "Member" };
  const value = valueField(source, "");
  ask({
    title: `Add to ${nameOf(key)}`,
    fields: source.adds === "both" ? [place, value] : source.adds === "place" ? [place] : [value],
    action: "Add",
    make: async (values) => {
      await source.add!.make(values.place ?? "", values.value ?? "");
      app.live.changed(key);
      done();
    },
  });
}

/** Removes an entry that is shown with a text, after a question. */
export function removeEntry({ app, source, key, done }: Where, place: string, text: string): void {
  const known = source.adds === "place" ? place : text; // a member has no text
  const check = unchanged(source, place, known, "delete again to delete that");
  ask({
    title: `Delete ${source.noun} ${short(place, 100)} of ${nameOf(key)}?`,
    text: short(text || place, 300),
    action: "Delete",
    danger: true,
    make: async () => {
      await check();
      await source.remove!.make(place);
      app.live.changed(key);
      done();
    },
  });
}

function valueField(source: Source, value: string): Field {
  if (source.noun === "member") return { name: "value", label: "Score", value };
  if (!source.json) return { name: "value", label: "Text", value, long: true };
  return { name: "value", label: "Value, as JSON", value, long: true, fault: faultIn };
}

/** Gives a key another name. */
export function renameKey({ client, live, open, keys }: App, key: string): void {
  ask({
    title: "Rename",
    fields: [
      {
        name: "to",
        label: "Key",
        value: key,
        long: key.includes("\n"),
        hint: "A List, Dict or Segments keeps its prefix.",
        fault: (text) => (text === "" ? "A key is missing." : undefined),
      },
    ],
    action: "Rename",
    make: async ({ to }) => {
      if (to === key) return;
      if (!(await client.renameNX(key, to!))) throw new Error(`There is a key ${to} already.`);
      live.changed(key);
      keys.reread();
      open([{ key: to! }]);
    },
  });
}

/** Lets a key live for a while, or for ever. */
export function expireKey({ client, live }: App, key: string, ttl: number): void {
  ask({
    title: `How long ${short(nameOf(key), 100)} lives`,
    fields: [
      {
        name: "seconds",
        label: "Seconds",
        value: ttl >= 0 ? String(Math.ceil(ttl / 1000)) : "",
        hint: "Without a number it has no end.",
        fault: (text) => (/^\s*(\d+(\.\d+)?\s*)?$/.test(text) ? undefined : "This is no number of seconds."),
      },
    ],
    action: "Save",
    make: async ({ seconds }) => {
      if (seconds!.trim() === "") await client.persist(key);
      else await client.pExpire(key, Math.round(Number(seconds) * 1000));
      live.changed(key);
    },
  });
}

/** Deletes a key, after a question. */
export function deleteKey({ client, live, open, keys }: App, key: string, size: string): void {
  ask({
    title: `Delete ${short(nameOf(key), 100)}?`,
    text: `${short(key, 300)} — ${size}`,
    action: "Delete",
    danger: true,
    make: async () => {
      await client.del(key);
      live.changed(key);
      keys.reread();
      open([]);
    },
  });
}

/** What a new key can be, and the command that makes it of a first value. */
const kinds: Record<string, { prefix: string; json: boolean; words: (key: string, field: string, value: string) => Word[] }> = {
  List: { prefix: "znsocket.List:", json: true, words: (key, _, value) => ["RPUSH", key, value] },
  Dict: { prefix: "znsocket.Dict:", json: true, words: (key, field, value) => ["HSET", key, field, value] },
  string: { prefix: "", json: false, words: (key, _, value) => ["SET", key, value, "NX"] },
};

/** Makes a key. */
export function newKey({ client, live, open, keys }: App): void {
  ask({
    title: "New key",
    fields: [
      { name: "kind", label: "Kind", options: Object.keys(kinds) },
      { name: "name", label: "Name", fault: (text) => (text === "" ? "A name is missing." : undefined) },
      { name: "field", label: "First field", hint: "Of a Dict." },
      { name: "value", label: "First value", long: true, hint: "JSON, for a List or Dict." },
    ],
    action: "Make",
    make: async ({ kind, name, field, value }) => {
      const { prefix, json, words } = kinds[kind!]!;
      const fault = json ? faultIn(value!) : undefined;
      if (fault !== undefined) throw new Error(fault);
      const key = prefix + name;
      if ((await client.exists(key)) > 0) throw new Error(`There is a key ${key} already.`);
      await client.do(...words(key, field!, value!));
      live.changed(key);
      keys.reread();
      open([{ key }]);
    },
  });
}
