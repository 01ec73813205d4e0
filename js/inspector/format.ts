// Numbers, times and names as people read them.

const grouped = new Intl.NumberFormat("en-US");

export function count(n: number): string {
  return grouped.format(n);
}

/** "1 key", "2 keys". */
export function counted(n: number, noun: string): string {
  const plural = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count(n)} ${n === 1 || noun === "" ? noun : noun === "key" ? "keys" : plural}`;
}

const units = ["B", "KB", "MB", "GB", "TB"];

export function bytes(n: number): string {
  let unit = 0;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1024;
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/** A number of a second, of which those that are large are rounded. */
export function rate(n: number): string {
  return n >= 10 || n === 0 ? count(Math.round(n)) : n.toFixed(1);
}

/** "3 d 4 h", "2 min 5 s": a span of time by its two largest units. */
export function duration(seconds: number): string {
  const spans: [number, string][] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const parts: string[] = [];
  let left = Math.max(0, Math.round(seconds));
  for (const [span, unit] of spans) {
    const n = Math.floor(left / span);
    left -= n * span;
    if (n > 0) parts.push(`${n} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

/** A number of an array or an axis, as short as it can be told from its neighbours. */
export function figure(n: number): string {
  if (!Number.isFinite(n)) return String(n);
  if (Number.isInteger(n) && Math.abs(n) < 1e9) return String(n);
  return String(Number(n.toPrecision(5)));
}

/** What a program that connects is called, of the text by which it calls itself. */
export function agentName(agent: string): string {
  const browser = /(Edg|OPR|Firefox|HeadlessChrome|Chrome)\/(\d+)/.exec(agent) ?? /Version\/(\d+).*(Safari)/.exec(agent);
  if (browser) {
    const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", HeadlessChrome: "Chrome" };
    const [name, version] = browser[2] === "Safari" ? ["Safari", browser[1]!] : [browser[1]!, browser[2]!];
    return `${names[name] ?? name} ${version}`;
  }
  if (/python|aiohttp/i.test(agent)) return "Python";
  if (/^node|^bun/i.test(agent)) return agent;
  if (/^go/i.test(agent)) return "Go";
  return agent || "a program";
}

/** A text that is not longer than it may be. */
export function short(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
