import { Dict } from "./dict.js";
import { List } from "./list.js";
import type { Core, Opener } from "./object.js";
import { Segments } from "./segments.js";

/** Opens the object that a core is of, if its key is that of one. */
export const openReference: Opener = (core: Core) => {
  if (core.key.startsWith("znsocket.List:")) return new List(core);
  if (core.key.startsWith("znsocket.Dict:")) return new Dict(core);
  if (core.key.startsWith("znsocket.Segments:")) return new Segments(core);
  return undefined;
};
