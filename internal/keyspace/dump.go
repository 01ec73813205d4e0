package keyspace

import (
	"encoding/binary"
	"math"
	"slices"
)

var dumpCommands = []Command{
	{"DUMP", 2, Read, oneKey, dump},
	{"RESTORE", -4, Write, oneKey, restore},
}

func dump(db *DB, a Args) (any, error) {
	var w rdbWriter
	switch v := db.get(a[1]).(type) {
	case nil:
		return nil, nil
	case string:
		w.byte(rdbString)
		w.text(v)
	case *buffer:
		w.byte(rdbString)
		w.text(string(v.b))
	case *list:
		w.byte(rdbListListpacks)
		w.list(v)
	case *hash:
		w.hash(v)
	case *set:
		w.set(v)
	case *zset:
		w.zset(v)
	case *stream:
		w.byte(rdbStreamReads)
		w.stream(v)
	}
	if w.full() {
		return nil, ErrTooLong
	}
	return w.end(), nil
}

// listRow is how many bytes Redis lets a listpack of a list grow to, and listEntry
// what it reckons with for a string beside its text.
const (
	listRow   = 8 << 10
	listEntry = 8
)

// list writes the listpacks that pushing one element after the other makes.
func (w *rdbWriter) list(l *list) {
	var rows rdbWriter
	count := 0
	row := newListpack()
	end := func() {
		rows.length(rdbRow)
		rows.blob(row.bytes())
		count++
	}
	for _, s := range l.ascend(0) {
		if row.count > 0 && row.size()+len(s)+listEntry > listRow {
			end()
			row = newListpack()
		}
		row.add(s)
		if rows.full() {
			break
		}
	}
	end()
	w.length(count)
	w.data = append(w.data, rows.data...)
}

func (w *rdbWriter) hash(h *hash) {
	if h.table {
		w.byte(rdbHash)
		w.length(h.len())
		h.each(func(field string, value *string) bool {
			w.text(field)
			w.text(*value)
			return true
		})
		return
	}
	row := newListpack()
	h.each(func(field string, value *string) bool {
		row.add(field)
		row.add(*value)
		return true
	})
	w.byte(rdbHashListpack)
	w.blob(row.bytes())
}

func (w *rdbWriter) set(s *set) {
	if s.table {
		w.byte(rdbSet)
		w.length(s.len())
		s.each(func(member string, _ *struct{}) bool {
			w.text(member)
			return true
		})
		return
	}
	ints := make([]int64, 0, s.len())
	s.each(func(member string, _ *struct{}) bool {
		n, _ := parseInt(member)
		ints = append(ints, n)
		return true
	})
	slices.Sort(ints)
	w.byte(rdbSetInts)
	w.blob(appendInts(nil, ints))
}

// appendInts appends sorted integers as Redis keeps them in a set: how many bytes each
// has and how many there are, in four bytes each, and the integers.
func appendInts(dst []byte, ints []int64) []byte {
	first, last := ints[0], ints[len(ints)-1]
	size := 8
	switch {
	case first == int64(int16(first)) && last == int64(int16(last)):
		size = 2
	case first == int64(int32(first)) && last == int64(int32(last)):
		size = 4
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(size))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(ints)))
	var number [8]byte
	for _, n := range ints {
		binary.LittleEndian.PutUint64(number[:], uint64(n))
		dst = append(dst, number[:size]...)
	}
	return dst
}

func (w *rdbWriter) zset(z *zset) {
	if z.skiplist {
		w.byte(rdbZset)
		w.length(z.len())
		for it := range z.walk(0, z.len(), true) {
			w.text(it.Member)
			w.float(it.Score)
		}
		return
	}
	row := newListpack()
	for it := range z.walk(0, z.len(), false) {
		row.add(it.Member)
		if n := int64(it.Score); math.Abs(it.Score) < 1<<62 && float64(n) == it.Score {
			row.addInt(n)
		} else {
			row.add(FormatFloat(it.Score))
		}
	}
	w.byte(rdbZsetListpack)
	w.blob(row.bytes())
}
