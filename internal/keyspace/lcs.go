package keyspace

import "strings"

// maxLCSCells is how many cells the table of two strings may have: 64 MiB, an
// eighth of what Redis grants, for writers wait until it is filled.
const maxLCSCells = 16 << 20

// lcs finds the longest common subsequence of two strings.
func lcs(db *DB, a Args) (any, error) {
	s, _, err := stringAt(db, a[1])
	if err != nil {
		return nil, errLCSType
	}
	t, _, err := stringAt(db, a[2])
	if err != nil {
		return nil, errLCSType
	}
	var length, index, withLength bool
	var shortest int64
	for i := 3; i < len(a); i++ {
		switch strings.ToUpper(a[i]) {
		case "LEN":
			length = true
		case "IDX":
			index = true
		case "WITHMATCHLEN":
			withLength = true
		case "MINMATCHLEN":
			if i++; i == len(a) {
				return nil, ErrSyntax
			}
			if shortest, err = a.Int(i); err != nil {
				return nil, err
			}
		default:
			return nil, ErrSyntax
		}
	}
	if length && index {
		return nil, errLCSBoth
	}
	if int64(len(s)+1)*int64(len(t)+1) > maxLCSCells {
		return nil, errLCSMemory
	}
	if length {
		return intReply(lcsLength(s, t)), nil
	}
	table := newLCSTable(s, t)
	if !index {
		return table.text(), nil
	}
	matches := []any{}
	for _, m := range table.matches() {
		if int64(m.n) < shortest {
			continue
		}
		match := []any{
			[]any{intReply(m.i), intReply(m.i + m.n - 1)},
			[]any{intReply(m.j), intReply(m.j + m.n - 1)},
		}
		if withLength {
			match = append(match, intReply(m.n))
		}
		matches = append(matches, match)
	}
	return []any{"matches", matches, "len", intReply(table.at(len(s), len(t)))}, nil
}

// lcsTable holds in at(i, j) how long the longest common subsequence of the
// first i bytes of s and the first j of t is.
type lcsTable struct {
	s, t    string
	lengths []uint32
}

func newLCSTable(s, t string) *lcsTable {
	c := &lcsTable{s, t, make([]uint32, (len(s)+1)*(len(t)+1))}
	width := len(t) + 1
	for i := range len(s) {
		lcsRow(s[i], t, c.lengths[i*width:(i+1)*width], c.lengths[(i+1)*width:(i+2)*width])
	}
	return c
}

// lcsRow fills the row of a table that the byte c of s adds below another.
func lcsRow(c byte, t string, above, row []uint32) {
	for j := range len(t) {
		if c == t[j] {
			row[j+1] = above[j] + 1
		} else {
			row[j+1] = max(above[j+1], row[j])
		}
	}
}

// lcsLength is the last cell of a table of which it keeps two rows.
func lcsLength(s, t string) int {
	above, row := make([]uint32, len(t)+1), make([]uint32, len(t)+1)
	for i := range len(s) {
		lcsRow(s[i], t, above, row)
		above, row = row, above
	}
	return int(above[len(t)])
}

func (c *lcsTable) at(i, j int) int { return int(c.lengths[i*(len(c.t)+1)+j]) }

// lcsMatch is a run of n bytes that are the same from s[i] and from t[j] on.
type lcsMatch struct{ i, j, n int }

// matches walks the table from its end to its beginning and returns the runs
// in that order, which is Redis's.
func (c *lcsTable) matches() []lcsMatch {
	var runs []lcsMatch
	var run lcsMatch
	for i, j := len(c.s), len(c.t); i > 0 && j > 0; {
		switch {
		case c.s[i-1] == c.t[j-1]:
			i, j = i-1, j-1
			run = lcsMatch{i, j, run.n + 1}
			continue
		case c.at(i-1, j) > c.at(i, j-1):
			i--
		default:
			j--
		}
		if run.n > 0 {
			runs = append(runs, run)
			run = lcsMatch{}
		}
	}
	if run.n > 0 {
		runs = append(runs, run)
	}
	return runs
}

func (c *lcsTable) text() string {
	runs := c.matches()
	var text strings.Builder
	for k := len(runs) - 1; k >= 0; k-- {
		text.WriteString(c.s[runs[k].i : runs[k].i+runs[k].n])
	}
	return text.String()
}
