package keyspace

import (
	"math"
	"strconv"
)

func restore(db *DB, a Args) (any, error) {
	key := a[1]
	o, err := a.restoreOptions()
	if err != nil {
		return nil, err
	}
	if !o.replace && db.get(key) != nil {
		return nil, errBusyKey
	}
	at, err := a.Int(2)
	switch {
	case err != nil:
		return nil, err
	case at < 0:
		return nil, errRestoreTime
	}
	r, err := openDump(a[3])
	if err != nil {
		return nil, err
	}
	obj := r.value()
	switch {
	case r.expanded > maxString:
		return nil, errDumpSize
	case r.bad:
		return nil, errBadData
	}
	now := db.space.nowMilli()
	if at != 0 && !o.absolute {
		at += min(now, math.MaxInt64-at)
	}
	if at != 0 && at <= now {
		db.get(key) // lest it be deleted whose time is over
		db.drop(key)
		return ok, nil
	}
	db.putItem(key, item{obj: obj, expire: at})
	if o.idle > 0 {
		db.keys.edit(key).used -= uint32(o.idle)
	}
	db.changed("restore", key)
	return ok, nil
}

// restoreOptions are what follows the dump. How often a key was used is of no matter
// here.
type restoreOptions struct {
	replace, absolute bool
	idle, frequency   int64 // -1 where it is not said
}

func (a Args) restoreOptions() (o restoreOptions, err error) {
	o.idle, o.frequency = -1, -1
	for i := 4; i < len(a) && err == nil; i++ {
		more := i+1 < len(a)
		switch {
		case a.Is(i, "REPLACE"):
			o.replace = true
		case a.Is(i, "ABSTTL"):
			o.absolute = true
		case a.Is(i, "IDLETIME") && more && o.frequency == -1:
			i++
			if o.idle, err = a.Int(i); err == nil && o.idle < 0 {
				err = errIdleTime
			}
		case a.Is(i, "FREQ") && more && o.idle == -1:
			i++
			if o.frequency, err = a.Int(i); err == nil && (o.frequency < 0 || o.frequency > math.MaxUint8) {
				err = errFrequency
			}
		default:
			err = ErrSyntax
		}
	}
	return o, err
}

// value reads a value in whatever form it is. One without elements is bad, but
// for a stream.
func (r *byteReader) value() any {
	var obj any
	size := 1
	switch form := r.byte(); form {
	case rdbString:
		obj = r.text()
	case rdbList, rdbListZiplist, rdbListZiplists, rdbListListpacks:
		l := newList()
		r.listParts(form, func(s string) { l.push(tail, s) })
		obj, size = l, l.len()
	case rdbSet, rdbSetInts:
		s := newSet()
		for _, member := range r.members(form) {
			r.mustBe(s.add(member))
		}
		obj, size = s, s.len()
	case rdbHash, rdbHashListpack, rdbHashZiplist:
		h := newHash()
		r.pairs(form, func(field, value string) { r.mustBe(h.set(field, value)) })
		h.table = h.table && (form == rdbHash || h.len() > hashMax) // long texts stay in their row
		obj, size = h, h.len()
	case rdbZsetText, rdbZset, rdbZsetListpack, rdbZsetZiplist:
		z := newZset()
		r.scores(form, func(member string, score float64) {
			r.mustBe(!z.scores.has(member) && !math.IsNaN(score))
			z.put(member, score)
		})
		z.skiplist = z.skiplist && (form == rdbZset || form == rdbZsetText || z.len() > zsetMax)
		obj, size = z, z.len()
	case rdbStream, rdbStreamReads:
		obj = r.stream(form)
	default:
		r.bad = true
	}
	r.mustBe(size > 0)
	return obj
}

// mustBe says that all is bad where something is not as it must be.
func (r *byteReader) mustBe(right bool) {
	if !right {
		r.bad, r.data = true, nil
	}
}

// row reads a string that is a listpack or, before Redis 7.0, a ziplist.
func (r *byteReader) row(listpack bool) []string {
	read := readZiplist
	if listpack {
		read = readListpack
	}
	all, err := read([]byte(r.text()))
	r.mustBe(err == nil)
	return all
}

func (r *byteReader) listParts(form byte, push func(s string)) {
	parts := 1
	if form != rdbListZiplist {
		parts = r.length()
	}
	for ; parts > 0 && !r.bad; parts-- {
		kind := rdbRow
		if form == rdbListListpacks {
			kind = r.length()
			r.mustBe(kind == rdbRow || kind == rdbPlain)
		}
		if form == rdbList || kind == rdbPlain {
			push(r.text())
			continue
		}
		for _, s := range r.row(form == rdbListListpacks) {
			push(s)
		}
	}
}

func (r *byteReader) members(form byte) []string {
	if form == rdbSetInts {
		return r.ints()
	}
	var members []string
	for n := r.length(); n > 0 && !r.bad; n-- {
		members = append(members, r.text())
	}
	return members
}

// ints reads what appendInts wrote.
func (r *byteReader) ints() []string {
	ints := byteReader{data: []byte(r.text())}
	size, count := int(ints.uint(4)), ints.uint(4)
	if r.mustBe(size == 2 || size == 4 || size == 8); r.bad {
		return nil
	}
	if r.mustBe(!ints.bad && count == uint64(len(ints.data)/size) && len(ints.data)%size == 0); r.bad {
		return nil
	}
	texts := make([]string, count)
	for i := range texts {
		texts[i] = strconv.FormatInt(ints.int(size), 10)
	}
	return texts
}

// pairs calls fn for the fields of a hash.
func (r *byteReader) pairs(form byte, fn func(field, value string)) {
	if form == rdbHash {
		for n := r.length(); n > 0 && !r.bad; n-- {
			field := r.text()
			fn(field, r.text())
		}
		return
	}
	row := r.row(form == rdbHashListpack)
	r.mustBe(len(row)%2 == 0)
	for i := 0; i+1 < len(row) && !r.bad; i += 2 {
		fn(row[i], row[i+1])
	}
}

// scores calls fn for the members of a sorted set.
func (r *byteReader) scores(form byte, fn func(member string, score float64)) {
	if form == rdbZsetText || form == rdbZset {
		for n := r.length(); n > 0 && !r.bad; n-- {
			member := r.text()
			if form == rdbZset {
				fn(member, math.Float64frombits(r.uint(8)))
			} else {
				fn(member, r.scoreText())
			}
		}
		return
	}
	row := r.row(form == rdbZsetListpack)
	r.mustBe(len(row)%2 == 0)
	for i := 0; i+1 < len(row) && !r.bad; i += 2 {
		score, err := parseFloat(row[i+1])
		r.mustBe(err == nil)
		fn(row[i], score)
	}
}

// scoreText reads a score with a byte before it that says how long it is, or which
// of three that are no numbers.
func (r *byteReader) scoreText() float64 {
	switch n := r.byte(); n {
	case 255:
		return math.Inf(-1)
	case 254:
		return math.Inf(1)
	case 253:
		return math.NaN()
	default:
		score, err := parseFloat(string(r.take(int(n))))
		r.mustBe(err == nil)
		return score
	}
}
