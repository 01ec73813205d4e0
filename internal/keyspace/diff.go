package keyspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Diff returns what is otherwise in a later Snapshot, "" where nothing is: each key that
// differs, with what it has no longer behind "-" and what it has now behind "+".
func (snap *Snapshot) Diff(later *Snapshot) string {
	pairs := map[dbKey]*[2]picture{}
	for i, s := range []*Snapshot{snap, later} {
		for p := range s.pictures() {
			k := dbKey{p.db, p.key}
			if pairs[k] == nil {
				pairs[k] = &[2]picture{}
			}
			pairs[k][i] = p
		}
	}
	names := make([]dbKey, 0, len(pairs))
	for k := range pairs {
		names = append(names, k)
	}
	slices.SortFunc(names, func(k, l dbKey) int {
		return cmp.Or(cmp.Compare(k.db, l.db), cmp.Compare(k.key, l.key))
	})
	var b strings.Builder
	db := 0
	for _, k := range names {
		lines := compare(pairs[k][0], pairs[k][1])
		if len(lines) > 0 && k.db != db {
			db = k.db
			fmt.Fprintf(&b, "  database %d\n", db)
		}
		for _, line := range lines {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// compare returns how a key differs, no lines where it does not. One that was not there
// is of no kind.
func compare(was, is picture) (lines []string) {
	mark := func(sign string, more []string) {
		for _, line := range more {
			lines = append(lines, sign+" "+line)
		}
	}
	switch same := was.expire == is.expire; {
	case was.kind != is.kind:
		if was.kind != "" {
			mark("-", was.lines())
		}
		if is.kind != "" {
			mark("+", is.lines())
		}
		return lines
	case same && slices.Equal(was.elements, is.elements):
		return nil
	case same:
		mark(" ", []string{is.heading()})
	default:
		mark("-", []string{was.heading()})
		mark("+", []string{is.heading()})
	}
	kept, differ := 0, 0
	note := func() {
		if kept > 0 {
			mark(" ", []string{fmt.Sprintf("    … %d as before", kept)})
		}
		kept = 0
	}
	edits(was.elements, is.elements, func(sign, element string) {
		if sign == " " {
			kept++
			return
		}
		if differ++; differ <= 2*shownElements {
			note()
			mark(sign, []string{"    " + element})
		}
	})
	if rest := differ - 2*shownElements; rest > 0 {
		mark(" ", []string{fmt.Sprintf("    … %d more differ", rest)})
	} else {
		note()
	}
	return lines
}

// editCells bounds what edits keeps: two lists of a thousand elements that have nothing
// to do with each other.
const editCells = 1 << 20

// edits calls fn for each element of two lists, in an order in which it is in both:
// with " " where it is in both, "-" in the first only and "+" in the second only. As many
// as can be are in both, unless the lists are very long and differ in very many places.
func edits(was, is []string, fn func(sign, element string)) {
	head := 0
	for head < min(len(was), len(is)) && was[head] == is[head] {
		fn(" ", was[head])
		head++
	}
	was, is = was[head:], is[head:]
	tail := 0
	for tail < min(len(was), len(is)) && was[len(was)-1-tail] == is[len(is)-1-tail] {
		tail++
	}
	same := was[len(was)-tail:]
	was, is = was[:len(was)-tail], is[:len(is)-tail]

	// common[i][j] is how many of was[i:] and is[j:] can be in both.
	common := make([][]int32, len(was)+1)
	if len(was)*len(is) <= editCells {
		for i := len(was); i >= 0; i-- {
			common[i] = make([]int32, len(is)+1)
			for j := len(is) - 1; j >= 0 && i < len(was); j-- {
				if was[i] == is[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
	}
	for i, j := 0, 0; i < len(was) || j < len(is); {
		switch {
		case i == len(was):
			fn("+", is[j])
			j++
		case j == len(is) || common[i] == nil:
			fn("-", was[i])
			i++
		case was[i] == is[j]:
			fn(" ", was[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			fn("-", was[i])
			i++
		default:
			fn("+", is[j])
			j++
		}
	}
	for _, element := range same {
		fn(" ", element)
	}
}
