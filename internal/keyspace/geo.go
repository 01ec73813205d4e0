package keyspace

import (
	"fmt"
	"strconv"
	"strings"
)

var geoCommands = []Command{
	{"GEOADD", -5, Write, oneKey, geoadd},
	{"GEOPOS", -2, Read, oneKey, geopos},
	{"GEOHASH", -2, Read, oneKey, geohash},
	{"GEODIST", -4, Read, oneKey, geodist},

	{"GEOSEARCH", -7, Read, oneKey, geosearch},
	{"GEOSEARCHSTORE", -8, Read | Write, twoKeys, geosearchstore},
	{"GEORADIUS", -6, Read | Write, KeySpec{First: 1, Last: 1, Step: 1, Store: 6}, georadius(false)},
	{"GEORADIUS_RO", -6, Read, oneKey, georadius(true)},
	{"GEORADIUSBYMEMBER", -5, Read | Write, KeySpec{First: 1, Last: 1, Step: 1, Store: 5}, georadiusbymember(false)},
	{"GEORADIUSBYMEMBER_RO", -5, Read, oneKey, georadiusbymember(true)},
}

// point reads arguments i and i+1 as longitude and latitude.
func (a Args) point(i int) (p point, err error) {
	if p.lon, err = a.Float(i); err != nil {
		return p, err
	}
	if p.lat, err = a.Float(i + 1); err != nil {
		return p, err
	}
	if p.lon < -maxLon || p.lon > maxLon || p.lat < -maxLat || p.lat > maxLat {
		return p, Error(fmt.Sprintf(errPlace, fixed(p.lon, 6), fixed(p.lat, 6)))
	}
	return p, nil
}

// fixed writes a number with some digits after the point, as C does.
func fixed(f float64, digits int) string {
	return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'f', digits, 64), "+"))
}

// unit reads argument i as a unit of length, in metres.
func (a Args) unit(i int) (float64, error) {
	switch {
	case a.Is(i, "M"):
		return 1, nil
	case a.Is(i, "KM"):
		return 1000, nil
	case a.Is(i, "FT"):
		return 0.3048, nil
	case a.Is(i, "MI"):
		return 1609.34, nil
	}
	return 0, errUnit
}

func geoadd(db *DB, a Args) (any, error) {
	var o addOptions
	i := 2
	for ; i < len(a); i++ {
		if a.Is(i, "NX") {
			o.nx = true
		} else if a.Is(i, "XX") {
			o.xx = true
		} else if a.Is(i, "CH") {
			o.ch = true
		} else {
			break
		}
	}
	places := a[i:]
	if len(places)%3 != 0 || o.nx && o.xx {
		return nil, ErrSyntax
	}
	members := make([]Scored, len(places)/3)
	for k := range members {
		p, err := places.point(3 * k)
		if err != nil {
			return nil, err
		}
		members[k] = Scored{places[3*k+2], scoreOf(p)}
	}
	if len(members) == 0 {
		return nil, ErrSyntax
	}
	return db.addScores(a[1], members, o)
}

// eachPlace calls fn for the arguments from 2 on that are places at a[1], and makes
// a reply of what it gives: nil for what is no place.
func eachPlace(db *DB, a Args, fn func(p point) any) (any, error) {
	return eachScore(db, a, func(score float64) any { return fn(center(score)) })
}

func geopos(db *DB, a Args) (any, error) {
	return eachPlace(db, a, func(p point) any { return p.reply() })
}

func geohash(db *DB, a Args) (any, error) {
	return eachPlace(db, a, func(p point) any { return p.text() })
}

// reply writes a place as GEOPOS does: 17 digits after the point, no zeros at the
// end.
func (p point) reply() []string {
	texts := []string{fixed(p.lon, 17), fixed(p.lat, 17)}
	for i, text := range texts {
		texts[i] = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		if texts[i] == "-0" {
			texts[i] = "0"
		}
	}
	return texts
}

func geodist(db *DB, a Args) (any, error) {
	unit := 1.0
	if len(a) > 4 {
		var err error
		if len(a) > 5 {
			return nil, ErrSyntax
		}
		if unit, err = a.unit(4); err != nil {
			return nil, err
		}
	}
	z, err := typed[*zset](db, a[1])
	if err != nil || z == nil {
		return nil, err
	}
	from, isFrom := z.score(a[2])
	to, isTo := z.score(a[3])
	if !isFrom || !isTo {
		return nil, nil
	}
	return fixed(center(from).distance(center(to))/unit, 4), nil
}
