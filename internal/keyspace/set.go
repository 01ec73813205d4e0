package keyspace

import (
	"cmp"
	"slices"
)

// set is what a set key holds.
type set struct {
	dict[struct{}]
	version
	table bool // it has had members that Redis would not keep as integers: see encoding
}

func newSet() *set { return &set{} }

func (s *set) clone() any       { return &set{dict: s.dict.clone(), table: s.table} }
func (s *set) size() int        { return s.len() }
func (s *set) typeName() string { return "set" }

func (s *set) add(member string) bool {
	added := s.set(member, struct{}{})
	if added && !s.table {
		_, err := parseInt(member)
		s.table = err != nil || s.len() > intsetMax
	}
	return added
}

// allInts reports whether Redis would have the set as integers in order.
func (s *set) allInts() bool { return !s.table }

func (s *set) remove(member string) bool {
	_, was := s.delete(member)
	return was
}

// members returns all of them, in order of insertion.
func (s *set) members() []string {
	members := make([]string, 0, s.len())
	s.each(func(member string, _ *struct{}) bool {
		members = append(members, member)
		return true
	})
	return members
}

var setCommands = []Command{
	{"SADD", -3, Write, oneKey, sadd},
	{"SREM", -3, Write, oneKey, srem},
	{"SMOVE", 4, Write, twoKeys, smove},
	{"SPOP", -2, Write | Random, oneKey, spop},

	{"SCARD", 2, Read, oneKey, scard},
	{"SISMEMBER", 3, Read, oneKey, sismember},
	{"SMISMEMBER", -3, Read, oneKey, smismember},
	{"SMEMBERS", 2, Read, oneKey, smembers},
	{"SRANDMEMBER", -2, Read | Random, oneKey, srandmember},

	{"SINTER", -2, Read, allKeys, combine(intersection)},
	{"SUNION", -2, Read, allKeys, combine(union)},
	{"SDIFF", -2, Read, allKeys, combine(difference)},
	{"SINTERSTORE", -3, Read | Write, allKeys, combineStore("sinterstore", intersection)},
	{"SUNIONSTORE", -3, Read | Write, allKeys, combineStore("sunionstore", union)},
	{"SDIFFSTORE", -3, Read | Write, allKeys, combineStore("sdiffstore", difference)},
	{"SINTERCARD", -3, Read, numKeys1, sintercard},
}

func sadd(db *DB, a Args) (any, error) {
	s, err := orNew(db, a[1], newSet)
	if err != nil {
		return nil, err
	}
	added := 0
	for _, member := range a[2:] {
		if s.add(member) {
			added++
		}
	}
	if added > 0 {
		db.changed("sadd", a[1])
	}
	return intReply(added), nil
}

func srem(db *DB, a Args) (any, error) {
	s, err := typed[*set](db, a[1])
	if err != nil || s == nil {
		return zero, err
	}
	removed := 0
	for _, member := range a[2:] {
		if s.remove(member) {
			removed++
		}
	}
	if removed > 0 {
		db.changed("srem", a[1])
		db.dropIfEmpty(a[1], s.len())
	}
	return intReply(removed), nil
}

func smove(db *DB, a Args) (any, error) {
	src, dst, member := a[1], a[2], a[3]
	from, err := typed[*set](db, src)
	if err != nil || from == nil {
		return zero, err
	}
	to, err := typed[*set](db, dst)
	switch {
	case err != nil:
		return nil, err
	case from == to:
		return boolReply(from.has(member)), nil
	case !from.remove(member):
		return zero, nil
	}
	db.changed("srem", src)
	db.dropIfEmpty(src, from.len())
	if to == nil {
		to = newSet()
		db.put(dst, to)
	}
	if to.add(member) {
		db.changed("sadd", dst)
	}
	return one, nil
}

func spop(db *DB, a Args) (any, error) {
	if len(a) > 3 {
		return nil, ErrSyntax
	}
	if len(a) == 2 {
		s, err := typed[*set](db, a[1])
		if err != nil || s == nil {
			return nil, err
		}
		return db.popSet(a[1], s, 1)[0], nil
	}
	count, err := a.atLeast(0, 2, ErrNotPositive)
	if err != nil {
		return nil, err
	}
	s, err := typed[*set](db, a[1])
	if err != nil || s == nil || count == 0 {
		return Set{}, err
	}
	return Set(db.popSet(a[1], s, count)), nil
}

// popSet removes up to count random members of the set at key.
func (db *DB) popSet(key string, s *set, count int64) []string {
	var popped []string
	if count >= int64(s.len()) {
		popped = s.members()
		*s = set{}
	} else {
		popped = make([]string, count)
		for i := range popped {
			popped[i], _ = s.random(db.space.rand)
			s.remove(popped[i])
		}
	}
	db.changed("spop", key)
	db.dropIfEmpty(key, s.len())
	return popped
}

func scard(db *DB, a Args) (any, error) {
	s, err := typed[*set](db, a[1])
	if err != nil || s == nil {
		return zero, err
	}
	return intReply(s.len()), nil
}

func sismember(db *DB, a Args) (any, error) {
	s, err := typed[*set](db, a[1])
	if err != nil || s == nil {
		return zero, err
	}
	return boolReply(s.has(a[2])), nil
}

func smismember(db *DB, a Args) (any, error) {
	s, err := typed[*set](db, a[1])
	if err != nil {
		return nil, err
	}
	reply := make([]any, len(a)-2)
	for i, member := range a[2:] {
		reply[i] = boolReply(s != nil && s.has(member))
	}
	return reply, nil
}

func smembers(db *DB, a Args) (any, error) {
	s, err := typed[*set](db, a[1])
	if err != nil || s == nil {
		return Set{}, err
	}
	return Set(s.members()), nil
}

func srandmember(db *DB, a Args) (any, error) {
	if len(a) > 3 {
		return nil, ErrSyntax
	}
	if len(a) == 2 {
		s, err := typed[*set](db, a[1])
		if err != nil || s == nil {
			return nil, err
		}
		member, _ := s.random(db.space.rand)
		return member, nil
	}
	count, err := a.randomCount(2)
	if err != nil {
		return nil, err
	}
	s, err := typed[*set](db, a[1])
	if err != nil || s == nil {
		return []string{}, err
	}
	return randomKeys(db.space.rand, &s.dict, count)
}

// setOp combines sets, of which those that are absent are nil. The slice is its
// own.
type setOp func(sets []*set) []string

func (db *DB) sets(keys []string) ([]*set, error) {
	sets := make([]*set, len(keys))
	for i, key := range keys {
		var err error
		if sets[i], err = typed[*set](db, key); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// distinct drops repetitions from inputs, in place. One key may be named any
// number of times, and must not be gone through as often.
func distinct[T comparable](inputs []T) []T {
	seen := make(map[T]bool, len(inputs))
	return slices.DeleteFunc(inputs, func(in T) bool {
		was := seen[in]
		seen[in] = true
		return was
	})
}

func intersection(sets []*set) []string { return intersect(sets, 0) }

// intersect stops after limit members, where that is not 0.
func intersect(sets []*set, limit int64) []string {
	if slices.Contains(sets, nil) {
		return []string{}
	}
	sets = slices.SortedStableFunc(slices.Values(distinct(sets)), func(a, b *set) int { return cmp.Compare(a.len(), b.len()) })
	smallest, others := sets[0], sets[1:]
	members := []string{}
	smallest.each(func(member string, _ *struct{}) bool {
		if !slices.ContainsFunc(others, func(s *set) bool { return !s.has(member) }) {
			members = append(members, member)
		}
		return limit == 0 || int64(len(members)) < limit
	})
	return members
}

func union(sets []*set) []string {
	var all set
	for _, s := range distinct(sets) {
		if s != nil {
			s.each(func(member string, _ *struct{}) bool {
				all.add(member)
				return true
			})
		}
	}
	return all.members()
}

func difference(sets []*set) []string {
	if sets[0] == nil {
		return []string{}
	}
	first, others := sets[0], distinct(sets[1:])
	members := []string{}
	first.each(func(member string, _ *struct{}) bool {
		if !slices.ContainsFunc(others, func(s *set) bool { return s != nil && s.has(member) }) {
			members = append(members, member)
		}
		return true
	})
	return members
}

func combine(op setOp) handler {
	return func(db *DB, a Args) (any, error) {
		sets, err := db.sets(a[1:])
		if err != nil {
			return nil, err
		}
		return Set(op(sets)), nil
	}
}

func combineStore(event string, op setOp) handler {
	return func(db *DB, a Args) (any, error) {
		sets, err := db.sets(a[2:])
		if err != nil {
			return nil, err
		}
		result := newSet()
		for _, member := range op(sets) {
			result.add(member)
		}
		db.store(event, a[1], result, result.len())
		return intReply(result.len()), nil
	}
}

// store puts the result of a command such as SUNIONSTORE at dst, in place of
// what was there. Where it is empty nothing is left there.
func (db *DB) store(event, dst string, result any, size int) {
	if size > 0 {
		db.replace(dst, result)
		db.changed(event, dst)
	} else if db.remove(dst) {
		db.changed("del", dst)
	}
}

func sintercard(db *DB, a Args) (any, error) {
	n, err := a.atLeast(1, 1, errNumKeys)
	switch {
	case err != nil:
		return nil, err
	case n > int64(len(a)-2):
		return nil, errTooManyKeys
	}
	keys, limit := a[2:2+n], int64(0)
	for i := 2 + int(n); i < len(a); i += 2 {
		if !a.Is(i, "LIMIT") || i+1 == len(a) {
			return nil, ErrSyntax
		}
		if limit, err = a.atLeast(0, i+1, errLimitNegative); err != nil {
			return nil, err
		}
	}
	sets, err := db.sets(keys)
	if err != nil {
		return nil, err
	}
	return intReply(len(intersect(sets, limit))), nil
}
