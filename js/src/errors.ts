/**
 * What a command failed with. `type` is the name that travels on the wire: that of
 * the class here, or of Python's exception.
 */
export class ZnSocketError extends Error {
  readonly type: string;

  constructor(message: string, type = "ZnSocketError", options?: ErrorOptions) {
    super(message, options);
    this.type = type;
    this.name = type;
  }
}

/** One class a type, whose name is the class's. */
const named = (type: string) =>
  class extends ZnSocketError {
    constructor(message: string, options?: ErrorOptions) {
      super(message, type, options);
    }
  };

/** Refused by Redis or the store, in Redis's words with their code: "WRONGTYPE …". */
export class ResponseError extends named("ResponseError") {}
/** A value that is no text, bytes or number. */
export class DataError extends named("DataError") {}
/** No such key, or one that is taken. */
export class KeyError extends named("KeyError") {}
/** No such index. */
export class IndexError extends named("IndexError") {}
/** Arguments that do not fit. */
export class ArgumentsError extends named("TypeError") {}
/** A value that cannot be: an object put into itself. */
export class ValueError extends named("ValueError") {}
/** No such command. */
export class UnknownCommandError extends named("UnknownEventError") {}
/** The object is read-only, for it has an adapter. */
export class FrozenStorageError extends named("FrozenStorageError") {}
/** A large message that cannot be put together. */
export class ChunkError extends ZnSocketError {}
/** Over a limit of the server. */
export class TooLargeError extends named("TooLargeError") {}
/** A message that cannot be read. */
export class DeserializationError extends named("DeserializationError") {}
/** The answer did not come in time. */
export class TimeoutError extends named("TimeoutError") {}
/** There is no connection, or it was lost before the answer came. */
export class ConnectionError extends named("ConnectionError") {}
/** What an adapter's owner failed with. */
export class AdapterError extends named("AdapterError") {}
/** The server's rules do not allow it. */
export class PermissionError extends named("PermissionError") {}

const classes = {
  ResponseError,
  DataError,
  KeyError,
  IndexError,
  TypeError: ArgumentsError,
  ValueError,
  UnknownEventError: UnknownCommandError,
  FrozenStorageError,
  TooLargeError,
  DeserializationError,
  TimeoutError,
  ConnectionError,
  AdapterError,
  PermissionError,
};

/** The error of a type that a server names. */
export function errorOf(type: string, message: string): ZnSocketError {
  if (Object.hasOwn(classes, type)) return new classes[type as keyof typeof classes](message);
  return type.startsWith("Chunk") ? new ChunkError(message, type) : new ZnSocketError(message, type);
}

/** The error in the answer to an event, if it is one: {"error": {"msg": …, "type": …}}. */
export function refusalOf(answer: unknown): ZnSocketError | undefined {
  const { error } = (answer ?? {}) as { error?: { msg?: unknown; type?: unknown } };
  if (typeof error !== "object" || error === null) return undefined;
  const type = typeof error.type === "string" ? error.type : "ResponseError";
  const message = typeof error.msg === "string" ? error.msg : "";
  // redis-py takes the general code away.
  return errorOf(type, type === "ResponseError" && !/^[A-Z][A-Z0-9]* /.test(message) ? `ERR ${message}` : message);
}
