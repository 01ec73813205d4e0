package keyspace

import (
	"cmp"
	"fmt"
)

// geoQuery is what a search asks for.
type geoQuery struct {
	area
	source        *zset // nil where it is absent
	withDist      bool
	withHash      bool
	withCoord     bool
	count         int64 // 0 is all
	any           bool
	order         geoOrder
	store         *string // where the result goes, nil for to whoever asks
	storeDistance bool
}

type geoOrder int

const (
	asFound geoOrder = iota
	nearest
	farthest
)

// found is a place within an area.
type found struct {
	Scored
	point
	distance float64
}

// circle reads arguments i and i+1 as a radius and its unit.
func (q *geoQuery) circle(a Args, i int) (err error) {
	if q.radius, err = a.Float(i); err != nil {
		return errRadius
	}
	if q.radius < 0 {
		return errRadiusNegative
	}
	if q.unit, err = a.unit(i + 1); err != nil {
		return err
	}
	q.radius, q.box = q.radius*q.unit, false
	return nil
}

// rectangle reads arguments i to i+2 as width, height and their unit.
func (q *geoQuery) rectangle(a Args, i int) (err error) {
	if q.width, err = a.Float(i); err != nil {
		return errWidth
	}
	if q.height, err = a.Float(i + 1); err != nil {
		return errHeight
	}
	if q.width < 0 || q.height < 0 {
		return errBoxNegative
	}
	if q.unit, err = a.unit(i + 2); err != nil {
		return err
	}
	q.width, q.height, q.box = q.width*q.unit, q.height*q.unit, true
	return nil
}

// around takes a member of the source as the place in the middle. Without a source
// that is of no matter.
func (q *geoQuery) around(member string) error {
	if q.source == nil {
		return nil
	}
	score, there := q.source.score(member)
	if !there {
		return errGeoMember
	}
	q.point = center(score)
	return nil
}

// common reads an option that all searches know, at argument *i, and leaves *i at its
// last word.
func (q *geoQuery) common(a Args, i *int) (known bool, err error) {
	switch {
	case a.Is(*i, "WITHDIST"):
		q.withDist = true
	case a.Is(*i, "WITHHASH"):
		q.withHash = true
	case a.Is(*i, "WITHCOORD"):
		q.withCoord = true
	case a.Is(*i, "ANY"):
		q.any = true
	case a.Is(*i, "ASC"):
		q.order = nearest
	case a.Is(*i, "DESC"):
		q.order = farthest
	case a.Is(*i, "COUNT") && *i+1 < len(a):
		*i++
		if q.count, err = a.Int(*i); err == nil && q.count <= 0 {
			err = errGeoCount
		}
	default:
		return false, nil
	}
	return true, err
}

// checkStoring refuses options that do not go with storing. what says which command or
// option stores.
func (q *geoQuery) checkStoring(what string) error {
	if q.store != nil && (q.withDist || q.withHash || q.withCoord) {
		return Error(fmt.Sprintf(errGeoStoring, what))
	}
	return nil
}

func geosearch(db *DB, a Args) (any, error) { return searchPlaces(db, a, a[1], 2, nil) }

func geosearchstore(db *DB, a Args) (any, error) { return searchPlaces(db, a, a[2], 3, &a[1]) }

// searchPlaces is GEOSEARCH and GEOSEARCHSTORE, with options from argument i on.
func searchPlaces(db *DB, a Args, source string, i int, store *string) (any, error) {
	z, err := typed[*zset](db, source)
	if err != nil {
		return nil, err
	}
	q := geoQuery{source: z, store: store}
	var fromMember, fromPlace, byRadius, byBox bool
	for ; i < len(a); i++ {
		known, err := q.common(a, &i)
		left := len(a) - i - 1
		switch {
		case err != nil:
			return nil, err
		case known:
		case a.Is(i, "STOREDIST") && store != nil:
			q.storeDistance = true
		case a.Is(i, "FROMMEMBER") && left >= 1 && !fromPlace:
			fromMember = true
			err = q.around(a[i+1])
			i++
		case a.Is(i, "FROMLONLAT") && left >= 2 && !fromMember:
			fromPlace = true
			q.point, err = a.point(i + 1)
			i += 2
		case a.Is(i, "BYRADIUS") && left >= 2 && !byBox:
			byRadius = true
			err = q.circle(a, i+1)
			i += 2
		case a.Is(i, "BYBOX") && left >= 3 && !byRadius:
			byBox = true
			err = q.rectangle(a, i+1)
			i += 3
		default:
			err = ErrSyntax
		}
		if err != nil {
			return nil, err
		}
	}
	if err := q.checkStoring("GEOSEARCHSTORE"); err != nil {
		return nil, err
	}
	switch {
	case !fromMember && !fromPlace:
		return nil, Error(oneLine.Replace(fmt.Sprintf(errGeoFrom, a[0])))
	case !byRadius && !byBox:
		return nil, Error(oneLine.Replace(fmt.Sprintf(errGeoBy, a[0])))
	}
	return q.answer(db, "geosearchstore")
}

func georadius(readOnly bool) handler {
	return func(db *DB, a Args) (any, error) {
		return searchRadius(db, a, 4, readOnly, func(q *geoQuery) (err error) {
			q.point, err = a.point(2)
			return err
		})
	}
}

func georadiusbymember(readOnly bool) handler {
	return func(db *DB, a Args) (any, error) {
		return searchRadius(db, a, 3, readOnly, func(q *geoQuery) error { return q.around(a[2]) })
	}
}

// searchRadius is GEORADIUS and GEORADIUSBYMEMBER, with the radius at argument i and
// the place before it.
func searchRadius(db *DB, a Args, i int, readOnly bool, place func(q *geoQuery) error) (any, error) {
	z, err := typed[*zset](db, a[1])
	if err != nil {
		return nil, err
	}
	q := geoQuery{source: z}
	if err := place(&q); err != nil {
		return nil, err
	}
	// Without a source GEORADIUSBYMEMBER does not look at the radius.
	if z != nil || i == 4 {
		if err := q.circle(a, i); err != nil {
			return nil, err
		}
	}
	for i += 2; i < len(a); i++ {
		switch known, err := q.common(a, &i); {
		case err != nil:
			return nil, err
		case known:
		case !readOnly && i+1 < len(a) && (a.Is(i, "STORE") || a.Is(i, "STOREDIST")):
			q.storeDistance = a.Is(i, "STOREDIST")
			i++
			q.store = &a[i]
		default:
			return nil, ErrSyntax
		}
	}
	if err := q.checkStoring("STORE option in GEORADIUS"); err != nil {
		return nil, err
	}
	return q.answer(db, "georadiusstore")
}

// answer searches, and replies or stores.
func (q *geoQuery) answer(db *DB, event string) (any, error) {
	if q.any && q.count == 0 {
		return nil, errAnyWithoutCount
	}
	if q.order == asFound && q.count != 0 && !q.any {
		q.order = nearest
	}
	var places []found
	if q.source != nil {
		places = q.search()
	}
	n := len(places)
	if q.count != 0 {
		n = int(min(q.count, int64(n)))
	}
	switch q.order {
	case nearest:
		sortPart(places, 0, n, func(a, b *found) int { return cmp.Compare(a.distance, b.distance) })
	case farthest:
		sortPart(places, 0, n, func(a, b *found) int { return cmp.Compare(b.distance, a.distance) })
	}
	places = places[:n]
	if q.store == nil {
		return q.reply(places), nil
	}
	result := make(Scores, n)
	for i, it := range places {
		result[i] = it.Scored
		if q.storeDistance {
			result[i].Score = it.distance / q.unit
		}
	}
	return db.storeScores(event, *q.store, result), nil
}

// reply is a list of members, or of lists of a member and what was asked for with it.
func (q *geoQuery) reply(places []found) any {
	if !q.withDist && !q.withHash && !q.withCoord {
		members := make([]string, len(places))
		for i, it := range places {
			members[i] = it.Member
		}
		return members
	}
	reply := make([]any, len(places))
	for i, it := range places {
		about := []any{it.Member}
		if q.withDist {
			about = append(about, fixed(it.distance/q.unit, 4))
		}
		if q.withHash {
			about = append(about, int64(it.Score))
		}
		if q.withCoord {
			about = append(about, it.point.reply())
		}
		reply[i] = about
	}
	return reply
}

// search returns the places within the area, in the order in which Redis comes to
// them. With any it stops when there are enough.
func (q *geoQuery) search() []found {
	var places []found
	for _, c := range q.area.cells() {
		lo, hi := c.scores()
		from := q.source.search(func(it Scored) bool { return it.Score >= lo })
		to := q.source.search(func(it Scored) bool { return it.Score >= hi })
		for it := range q.source.walk(from, to, false) {
			p := center(it.Score)
			distance, inside := q.area.distance(p)
			if !inside {
				continue
			}
			places = append(places, found{it, p, distance})
			if q.any && int64(len(places)) >= q.count {
				return places
			}
		}
	}
	return places
}
