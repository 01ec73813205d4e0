import type { Reply, Word } from "../commander.js";
import { all, command, float, floatOrNull, type Key, list, of, options, orNull, text, texts, textsOrNull, whole } from "./command.js";

/** Where something is, in degrees. */
export interface GeoCoordinates {
  longitude: number;
  latitude: number;
}

export type GeoUnit = "m" | "km" | "ft" | "mi";

/** The middle of a search: a member, or a place. */
export type GeoFrom = Key | GeoCoordinates;

/** A circle or a box. */
export type GeoBy = { radius: number; unit: GeoUnit } | { width: number; height: number; unit: GeoUnit };

export interface GeoSearchOptions {
  SORT?: "ASC" | "DESC";
  /** At most so many, the nearest, or with ANY the first that are found. */
  COUNT?: number | { value: number; ANY?: boolean };
}

/** What is told of a place beside its name, in this order. */
export type GeoReplyWith = "WITHDIST" | "WITHHASH" | "WITHCOORD";

export interface GeoFound {
  member: string;
  distance?: number;
  hash?: number;
  coordinates?: GeoCoordinates;
}

const position = (reply: Reply): GeoCoordinates => {
  const [longitude = null, latitude = null] = list(reply);
  return { longitude: float(longitude), latitude: float(latitude) };
};

const search = (from: GeoFrom, by: GeoBy, { SORT, COUNT }: GeoSearchOptions = {}): Word[] => [
  ...(typeof from === "string" || from instanceof Uint8Array
    ? ["FROMMEMBER", from]
    : ["FROMLONLAT", from.longitude, from.latitude]),
  ...("radius" in by ? ["BYRADIUS", by.radius] : ["BYBOX", by.width, by.height]),
  by.unit,
  ...(SORT ? [SORT] : []),
  ...options(typeof COUNT === "object" ? { COUNT: COUNT.value, ANY: COUNT.ANY } : { COUNT }),
];

const found = (what: readonly GeoReplyWith[]) =>
  all((reply): GeoFound => {
    const [member = null, ...rest] = list(reply);
    const next = (word: GeoReplyWith) => (what.includes(word) ? rest.shift() : undefined) ?? null;
    const [distance, hash, coordinates] = [next("WITHDIST"), next("WITHHASH"), next("WITHCOORD")];
    return {
      member: text(member),
      ...(distance !== null && { distance: float(distance) }),
      ...(hash !== null && { hash: whole(hash) }),
      ...(coordinates !== null && { coordinates: position(coordinates) }),
    };
  });

type Place = GeoCoordinates & { member: Key };

export const geoCommands = {
  /** Adds members or moves them and gives how many are new. */
  geoAdd: (key: Key, members: Place | readonly Place[], add?: { NX?: boolean; XX?: boolean; CH?: boolean }) =>
    command(whole, [
      "GEOADD",
      key,
      ...options(add),
      ...[members].flat().flatMap(({ longitude, latitude, member }: Place) => [longitude, latitude, member]),
    ]),
  /** Gives where each member is, null for one that does not exist. */
  geoPos: of(all(orNull(position)))<[key: Key, members: Key | readonly Key[]]>("GEOPOS", 1),
  /** Gives how far it is between two members, in metres unless it is said otherwise; null where one does not exist. */
  geoDist: of(floatOrNull)<[key: Key, member1: Key, member2: Key, unit?: GeoUnit]>("GEODIST"),
  /** Gives the geohash of each member, null for one that does not exist. */
  geoHash: of(textsOrNull)<[key: Key, members: Key | readonly Key[]]>("GEOHASH", 1),
  /** Gives the members within a circle or box. */
  geoSearch: (key: Key, from: GeoFrom, by: GeoBy, how?: GeoSearchOptions) =>
    command(texts, ["GEOSEARCH", key, ...search(from, by, how)]),
  /** Gives them with more. */
  geoSearchWith: (key: Key, from: GeoFrom, by: GeoBy, what: readonly GeoReplyWith[], how?: GeoSearchOptions) =>
    command(found(what), ["GEOSEARCH", key, ...search(from, by, how), ...what]),
  /** Stores them and gives how many: their places, or with STOREDIST the distances, as scores. */
  geoSearchStore: (
    destination: Key,
    source: Key,
    from: GeoFrom,
    by: GeoBy,
    how: GeoSearchOptions & { STOREDIST?: boolean } = {},
  ) => command(whole, ["GEOSEARCHSTORE", destination, source, ...search(from, by, how), ...options({ STOREDIST: how.STOREDIST })]),
};
