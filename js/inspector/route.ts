// What is open stands in the URL's hash, so that it is there again after a reload and the browser's history goes back.

/** A key that is open, or a place in what was opened before: an index, a field, a member. */
export type Step = { readonly key: string; readonly at?: undefined } | { readonly at: string; readonly key?: undefined };

export interface Route {
  /** How one came to what is shown, which is the last of it. */
  steps: Step[];
  /** The overview is asked for; a small screen shows the keys without that. */
  overview: boolean;
  search: string;
  filter: string;
}

/** Writes a route: #overview, or #k:KEY/i:PLACE/k:KEY, with ?q=SEARCH&type=FILTER. */
export function format({ steps, overview, search, filter }: Route): string {
  const path = steps.map((step) => (step.key !== undefined ? `k:${escape(step.key)}` : `i:${escape(step.at)}`)).join("/");
  const query = new URLSearchParams();
  if (search) query.set("q", search);
  if (filter) query.set("type", filter);
  return `#${path || (overview ? "overview" : "")}${query.size > 0 ? `?${query}` : ""}`;
}

/** Reads a route. Of what is none there is nothing open. */
export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  const parameters = new URLSearchParams(query);
  return {
    steps: path === "overview" ? [] : stepsIn(path),
    overview: path === "overview",
    search: parameters.get("q") ?? "",
    filter: parameters.get("type") ?? "",
  };
}

function stepsIn(path: string): Step[] {
  try {
    const steps = path.split("/").flatMap((part): Step[] => {
      const text = decodeURIComponent(part.slice(2));
      return part.startsWith("k:") ? [{ key: text }] : part.startsWith("i:") ? [{ at: text }] : [];
    });
    return steps[0]?.key === undefined ? [] : steps;
  } catch {
    return []; // a hash that somebody has written
  }
}

// Half of a surrogate pair cannot be in a URL.
function escape(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}
