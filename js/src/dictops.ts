// The operations of a Dict on its stored texts; see objectops.ts for their three ways.
import { change } from "./objectops.js";
import type { Core } from "./object.js";
import { asList, asNumber, asText, asTexts } from "./reply.js";

/** Removes a field and returns its text, null where there is none. */
export async function popField(core: Core, field: string): Promise<string | null> {
  const text = await change(core, ["ZN.HPOP", core.key, field], async () => {
    const [old] = await core.runAll([
      ["HGET", core.key, field],
      ["HDEL", core.key, field],
    ]);
    return old!;
  });
  return text === null ? null : asText(text);
}

/** Removes fields, of which there is one at least, and returns those that were there. */
export async function deleteFields(core: Core, fields: readonly string[]): Promise<string[]> {
  if (fields.length === 1) return asNumber(await core.run(["HDEL", core.key, fields[0]!])) > 0 ? [...fields] : [];
  const deleted = await change(core, ["ZN.HDEL", core.key, ...fields], async () => {
    const counts = await core.runAll(fields.map((field) => ["HDEL", core.key, field]));
    return fields.filter((_, k) => asNumber(counts[k]) > 0);
  });
  return asTexts(deleted);
}

/** Removes all fields and returns them. */
export async function clearFields(core: Core): Promise<string[]> {
  const deleted = await change(core, ["ZN.HCLEAR", core.key], async () => {
    const [fields] = await core.runAll([
      ["HKEYS", core.key],
      ["DEL", core.key],
    ]);
    return asList(fields);
  });
  return asTexts(deleted);
}
