import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { ConnectionError, PermissionError } from "./errors.js";
import { NoServerError } from "./link.js";
import type { Endpoint } from "./url.js";

/** How long an attempt to connect may take. */
const timeout = 20_000;

/** Pauses between attempts: they double, and vary by half. */
export const firstPause = 100;
export const lastPause = 5_000;

/** How large an answer may be, where the runtime has a bound: that of ws is less than ours. */
const maxReply = 512 * 2 ** 20;

/** Options of socket.io-client. */
export type DialOptions = Partial<ManagerOptions & SocketOptions>;

/** Opens a socket of its own. */
export function dial({ origin, path }: Endpoint, namespace: string, options: DialOptions): Socket {
  const chosen = {
    path,
    forceNew: true,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    timeout,
    reconnectionDelay: firstPause,
    reconnectionDelayMax: lastPause,
    maxPayload: maxReply,
    ...options,
  };
  return origin === undefined ? io(namespace, chosen) : io(origin + namespace, chosen);
}

/** What socket.io-client says of an attempt that failed. */
export interface DialError extends Error {
  /** A status of HTTP, or what the transport says. */
  description?: unknown;
  /** The request, in long-polling. */
  context?: { responseText?: unknown };
}

/** Why an attempt failed on which the server had a word: it is not as it should be, or lets nobody in. */
export function refused(shown: string, socket: Socket, error: DialError): ConnectionError | PermissionError {
  if (error.message !== "Invalid namespace") {
    return new PermissionError(`${shown} refused the connection: ${error.message}`, { cause: error });
  }
  const namespace = String(Reflect.get(socket, "nsp"));
  return new NoServerError(`${shown} has no namespace ${namespace}`, { cause: error });
}

/** Why an attempt failed that did not get so far. */
export function unreachable(shown: string, error: DialError): ConnectionError {
  const said = saidBy(error);
  const why = said || [error.message, messageOf(error.description)].filter(Boolean).join(": ");
  const fix = said ? "" : " (is it running? start one with: znsocket --port 5000)";
  return new ConnectionError(`could not connect to ${shown}: ${why}${fix}`, { cause: error });
}

/** The reason that a server gives which answers, and not as it should. */
function saidBy({ context }: DialError): string {
  const text = typeof context?.responseText === "string" ? context.responseText : "";
  try {
    return messageOf(JSON.parse(text));
  } catch {
    return "";
  }
}

/** The message of what may be an error, or a number. */
export function messageOf(v: unknown): string {
  if (typeof v === "object" && v !== null && "message" in v) return String(v.message);
  return typeof v === "number" ? String(v) : "";
}
