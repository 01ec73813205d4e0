export {
  Adapter,
  type AdapterOptions,
  DictAdapter,
  type DictAdapterOptions,
  ListAdapter,
  type ListAdapterOptions,
} from "./adapter.js";
export { Client, createClient, type ClientOptions } from "./client.js";
export type {
  Answerer,
  CallOptions,
  Commander,
  Live,
  Outcome,
  Owned,
  Question,
  Refresh,
  Reply,
  RunOptions,
  Word,
} from "./commander.js";
export { type Bytes, type CommandMethods, Commands, type InBytes } from "./commands.js";
export type { Key, Many, Pairs, Scored } from "./commands/command.js";
export type { ExpireMode, ScanOptions } from "./commands/keys.js";
export type { LPosOptions, Side } from "./commands/lists.js";
export type { GetExOptions, SetOptions } from "./commands/strings.js";
export type { Bound, JoinOptions, Limit, ZAddOptions, ZRangeOptions } from "./commands/zsets.js";
export type { Progress } from "./connection.js";
export { Dict, type DictCallbacks, type DictOptions, type Entries } from "./dict.js";
export {
  AdapterError,
  ArgumentsError,
  ChunkError,
  ConnectionError,
  DataError,
  DeserializationError,
  FrozenStorageError,
  IndexError,
  KeyError,
  PermissionError,
  ResponseError,
  TimeoutError,
  TooLargeError,
  UnknownCommandError,
  ValueError,
  ZnSocketError,
} from "./errors.js";
export type { FallbackPolicy } from "./fallback.js";
export type { Converter } from "./json.js";
export { List, type ListOptions } from "./list.js";
export { type DType, NDArray, ndarray, type Nested, type NumberArray, type Scalar } from "./ndarray.js";
export type { RedisClient } from "./noderedis.js";
export { DecodeError, type FallbackOptions, type ObjectOptions } from "./object.js";
export type { Pipeline } from "./pipeline.js";
export { type DictData, dictOf, type DictProvider, type ListData, listOf, type ListProvider } from "./provider.js";
export { type Piece, Segments } from "./segments.js";
export type { SequenceCallbacks } from "./sequence.js";
export type { RefreshEvent } from "./subscriptions.js";
export { watch, type Watched, type WatchListener, type WatchOptions } from "./watch.js";
