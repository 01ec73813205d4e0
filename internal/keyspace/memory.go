package keyspace

import (
	"strings"
	"unsafe"
)

// MEMORY USAGE says what a key takes here, not in Redis: what the structures take is
// known, and of texts some are looked at and taken for all.
var memoryCommands = []Command{
	{"MEMORY", -2, Read | Random, KeySpec{First: 2, Last: 2, Step: 1}, subcommands([]subcommand{
		{"DOCTOR", 2, memoryDoctor},
		{"PURGE", 2, func(*DB, Args) (any, error) { return ok, nil }}, // the garbage collector's work
		{"USAGE", -3, memoryUsage},
		{"HELP", 2, memoryHelp},
	})},
}

const (
	memorySamples = 5 // elements that are looked at unless a call says how many

	sizeOfString = int(unsafe.Sizeof(""))
	indexEntry   = 14 // what an index takes for an entry, with its gaps
)

func memoryUsage(db *DB, a Args) (any, error) {
	samples := int64(memorySamples)
	for i := 3; i < len(a); i += 2 {
		if !a.Is(i, "SAMPLES") || i+1 == len(a) {
			return nil, ErrSyntax
		}
		var err error
		if samples, err = a.Int(i + 1); err != nil {
			return nil, err
		}
		if samples < 0 {
			return nil, ErrSyntax
		}
	}
	it := db.find(a[2])
	if it == nil {
		return nil, nil
	}
	s := sampler{left: samples, all: samples == 0}
	entry := int(unsafe.Sizeof(dictEntry[item]{})) + indexEntry
	return intReply(entry + len(a[2]) + s.sizeOf(it.obj)), nil
}

// sampler reckons how many bytes texts take from the first of them.
type sampler struct {
	all   bool
	left  int64
	seen  int
	bytes int
}

// see looks at the texts of an element, and reports whether it wants more.
func (s *sampler) see(texts ...string) bool {
	for _, text := range texts {
		s.bytes += len(text)
	}
	s.seen++
	s.left--
	return s.all || s.left > 0
}

// texts is what those of n elements take.
func (s *sampler) texts(n int) int {
	if s.seen == 0 {
		return 0
	}
	return s.bytes * n / s.seen
}

func (s *sampler) sizeOf(obj any) int {
	switch v := obj.(type) {
	case string:
		return sizeOfString + len(v)
	case *buffer:
		return int(unsafe.Sizeof(*v)) + cap(v.b)
	case *list:
		for _, text := range v.ascend(0) {
			if !s.see(text) {
				break
			}
		}
		return int(unsafe.Sizeof(*v)) + v.len()*sizeOfString + s.texts(v.len())
	case *hash:
		v.each(func(field string, value *string) bool { return s.see(field, *value) })
		return int(unsafe.Sizeof(*v)) + v.dict.memory() + s.texts(v.len())
	case *set:
		v.each(func(member string, _ *struct{}) bool { return s.see(member) })
		return int(unsafe.Sizeof(*v)) + v.dict.memory() + s.texts(v.len())
	case *zset:
		v.scores.each(func(member string, _ *float64) bool { return s.see(member) })
		order := cap(v.order)
		if v.tree != nil {
			order = v.len() * int(unsafe.Sizeof(Scored{}))
		}
		return int(unsafe.Sizeof(*v)) + v.scores.memory() + order + s.texts(v.len())
	case object:
		return v.size() * 4 * sizeOfString
	}
	return 0
}

// memory is what a dict takes without the texts that are in it.
func (d *dict[V]) memory() int {
	entry := int(unsafe.Sizeof(dictEntry[V]{}))
	switch {
	case d.many != nil:
		return len(d.many.table)*pageSize*entry + d.many.index.room*int(unsafe.Sizeof(slot(0)))
	case d.tags != nil:
		return cap(d.few)*entry + len(d.tags)
	}
	return cap(d.few) * entry
}

func memoryHelp(*DB, Args) (any, error) {
	return Help("MEMORY", strings.Split(`USAGE <key> [SAMPLES <count>]
    Return memory in bytes used by <key> and its value. Nested values are
    sampled up to <count> times (default: 5, 0 means sample all).`, "\n")...), nil
}

// memoryDoctor finds nothing to complain of, as Redis does where there is little.
func memoryDoctor(*DB, Args) (any, error) {
	return "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. " +
		"Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n", nil
}
