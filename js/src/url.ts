// Where the server of a ZnSocket URL is.
import { ConnectionError } from "./errors.js";

export interface Endpoint {
  /** For socket.io-client: an origin, or nothing for the page's own. */
  origin: string | undefined;
  /** That of Socket.IO. */
  path: string;
  /** For messages: without a password. */
  shown: string;
}

const schemes: Record<string, string> = {
  "znsocket:": "http:",
  "znsockets:": "https:",
  "http:": "http:",
  "https:": "https:",
};

/** The endpoint of a URL; without one the server is where the page came from. */
export function endpointOf(url: string | undefined): Endpoint {
  if (url === undefined) {
    const page = globalThis.location?.origin;
    if (!page?.startsWith("http"))
      throw new ConnectionError(
        "cannot connect: there is no page to connect to where it came from, so give a url: znsocket://host:5000",
      );
    return { origin: undefined, path: "/socket.io/", shown: page };
  }
  const scheme = /^[a-z]+:(?=\/\/)/i.exec(url)?.[0].toLowerCase() ?? "";
  // Not every runtime finds the host in a URL of a scheme that it does not know.
  const parsed = Object.hasOwn(schemes, scheme) ? parse(schemes[scheme] + url.slice(scheme.length)) : undefined;
  if (parsed === undefined) {
    throw new ConnectionError(
      `cannot connect to "${redacted(url)}": the URL must be znsocket://host:port, or begin with znsockets://, http:// or https://`,
    );
  }
  return { origin: parsed.origin, path: `${parsed.pathname.replace(/\/+$/, "")}/socket.io/`, shown: redacted(url) };
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function redacted(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, "//").replace(/[?#].*$/, "");
}
