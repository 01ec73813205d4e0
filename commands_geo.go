package znsocket

import "context"

// GeoLocation is a member of a sorted set of places. Searches give of the rest what
// was asked for.
type GeoLocation struct {
	Name                string
	Longitude, Latitude float64 // in degrees
	Dist                float64 // from the middle of the search, in its unit
	GeoHash             int64   // the score
}

// GeoPos is where something is, in degrees.
type GeoPos struct{ Longitude, Latitude float64 }

// GeoSearchQuery says which places to find: those around Member, or where that is
// "" around Longitude and Latitude, within a circle where Radius is above 0, else
// within a box.
type GeoSearchQuery struct {
	Member              string
	Longitude, Latitude float64

	Radius     float64
	RadiusUnit string // m, km, ft or mi; "" is km

	BoxWidth, BoxHeight float64
	BoxUnit             string // as RadiusUnit

	Sort     string // ASC, DESC, or "" for no order
	Count    int64  // at most so many, the nearest; 0 is all
	CountAny bool   // the first that are found instead, which need not be the nearest
}

// GeoSearchLocationQuery is a GeoSearchQuery with what to tell of each place.
type GeoSearchLocationQuery struct {
	GeoSearchQuery
	WithCoord, WithDist, WithHash bool
}

// GeoSearchStoreQuery is a GeoSearchQuery with what to store.
type GeoSearchStoreQuery struct {
	GeoSearchQuery
	StoreDist bool // the distances as scores, not the places
}

// GeoAdd adds members or moves them and returns how many are new. Of a GeoLocation
// it takes the name and the place.
func (c Commands) GeoAdd(ctx context.Context, key string, places ...GeoLocation) (int64, error) {
	return call(ctx, c, asInt, words("GEOADD", key).places(places))
}

// GeoPos returns where each member is, nil for one that does not exist. It is known to
// less than a metre.
func (c Commands) GeoPos(ctx context.Context, key string, members ...string) ([]*GeoPos, error) {
	return call(ctx, c, asEach(asGeoPos), words("GEOPOS", key).strs(members...))
}

// GeoDist returns how far it is between two members in a unit: m, km, ft or mi; ErrNil
// where one does not exist.
func (c Commands) GeoDist(ctx context.Context, key, member1, member2, unit string) (float64, error) {
	return call(ctx, c, asFloat, words("GEODIST", key, member1, member2, unit))
}

// GeoHash returns the geohash of each member, of 11 letters, "" for one that does not
// exist.
func (c Commands) GeoHash(ctx context.Context, key string, members ...string) ([]string, error) {
	return call(ctx, c, asTextsOrEmpty, words("GEOHASH", key).strs(members...))
}

// GeoSearch returns the members within a circle or box. A Member of q that does not
// exist is an error.
func (c Commands) GeoSearch(ctx context.Context, key string, q GeoSearchQuery) ([]string, error) {
	return call(ctx, c, asTexts, words("GEOSEARCH", key).search(q))
}

// GeoSearchLocation is GeoSearch that tells more of each member.
func (c Commands) GeoSearchLocation(ctx context.Context, key string, q GeoSearchLocationQuery) ([]GeoLocation, error) {
	return call(ctx, c, asEach(q.asLocation), words("GEOSEARCH", key).search(q.GeoSearchQuery).
		when(q.WithCoord, "WITHCOORD").when(q.WithDist, "WITHDIST").when(q.WithHash, "WITHHASH"))
}

// GeoSearchStore stores what GeoSearch finds in src as dst and returns how many. As
// everywhere here dst comes first, which go-redis has the other way round.
func (c Commands) GeoSearchStore(ctx context.Context, dst, src string, q GeoSearchStoreQuery) (int64, error) {
	return call(ctx, c, asInt, words("GEOSEARCHSTORE", dst, src).search(q.GeoSearchQuery).when(q.StoreDist, "STOREDIST"))
}

func (a argv) places(places []GeoLocation) argv {
	for _, p := range places {
		a = a.float(p.Longitude).float(p.Latitude).strs(p.Name)
	}
	return a
}

func (a argv) search(q GeoSearchQuery) argv {
	if q.Member != "" {
		a = a.strs("FROMMEMBER", q.Member)
	} else {
		a = a.strs("FROMLONLAT").float(q.Longitude).float(q.Latitude)
	}
	if q.Radius > 0 {
		a = a.strs("BYRADIUS").float(q.Radius).strs(unitOr(q.RadiusUnit))
	} else {
		a = a.strs("BYBOX").float(q.BoxWidth).float(q.BoxHeight).strs(unitOr(q.BoxUnit))
	}
	return a.when(q.Sort != "", q.Sort).positive("COUNT", q.Count).when(q.Count > 0 && q.CountAny, "ANY")
}

func unitOr(unit string) string {
	if unit == "" {
		return "km"
	}
	return unit
}

func asGeoPos(v any) (*GeoPos, error) {
	if v == nil {
		return nil, nil
	}
	pair, err := asTuple(v, 2)
	p := GeoPos{part(&err, pair[0], asFloat), part(&err, pair[1], asFloat)}
	return &p, err
}

// asLocation reads a place with what the query has asked for, in the order in which
// Redis tells it: where nothing was, that is a name.
func (q GeoSearchLocationQuery) asLocation(v any) (l GeoLocation, err error) {
	n := 1
	for _, with := range []bool{q.WithDist, q.WithHash, q.WithCoord} {
		if with {
			n++
		}
	}
	if n == 1 {
		l.Name, err = asText(v)
		return l, err
	}
	all, err := asTuple(v, n)
	next := func() any {
		n := all[0]
		all = all[1:]
		return n
	}
	l.Name = part(&err, next(), asText)
	if q.WithDist {
		l.Dist = part(&err, next(), asFloat)
	}
	if q.WithHash {
		l.GeoHash = part(&err, next(), asInt)
	}
	if q.WithCoord {
		if at := part(&err, next(), asGeoPos); at != nil {
			l.Longitude, l.Latitude = at.Longitude, at.Latitude
		}
	}
	return l, err
}
