package znsocket

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/znsocket/znsocket/internal/pyjson"
)

// Piece is a part of Segments: the elements from Start up to but not including
// End of the List whose full key is Target.
type Piece struct {
	Start, End int
	Target     string
}

func (p Piece) size() int { return p.End - p.Start }

// segment is a Piece with the text that it is stored as, "" for a new one.
type segment struct {
	Piece
	text string
}

// pieceTable is the pieces of Segments as they were read. Nothing in it changes.
type pieceTable struct {
	texts  []string
	pieces []segment
	ends   []int // how many elements there are up to the end of each piece
}

// readPieces reads the pieces in one command.
func (o *object) readPieces(ctx context.Context) (pieceTable, error) {
	texts, err := o.commands().LRange(ctx, o.key, 0, -1)
	if err != nil {
		return pieceTable{}, err
	}
	return o.parsePieces(texts)
}

func (o *object) parsePieces(texts []string) (pieceTable, error) {
	t := pieceTable{texts, make([]segment, len(texts)), make([]int, len(texts))}
	n := 0
	for k, text := range texts {
		p, err := parseSegment(text)
		if err == nil && p.size() > maxElements-n {
			err = fmt.Errorf("more than %d elements", maxElements)
		}
		if err != nil {
			return pieceTable{}, fmt.Errorf("znsocket: piece %d of %s is %.64q: %w", k, o.key, text, err)
		}
		n += p.size()
		t.pieces[k], t.ends[k] = segment{p, text}, n
	}
	return t, nil
}

// maxElements bounds what pieces can say, so that sums of it are ints.
const maxElements = math.MaxInt32 / 2

var errNoPiece = errors.New("not [start, end, key of a List]")

func parseSegment(text string) (Piece, error) {
	v, err := pyjson.Parse([]byte(text), nil)
	if err != nil {
		return Piece{}, err
	}
	if v.Kind != pyjson.Array || len(v.Items) != 3 ||
		v.Items[0].Kind != pyjson.Int || v.Items[1].Kind != pyjson.Int || v.Items[2].Kind != pyjson.String {
		return Piece{}, errNoPiece
	}
	start, startErr := strconv.ParseInt(v.Items[0].Text, 10, 32)
	end, endErr := strconv.ParseInt(v.Items[1].Text, 10, 32)
	target := v.Items[2].Text
	if startErr != nil || endErr != nil || start < 0 || end < start || !strings.HasPrefix(target, listPrefix) {
		return Piece{}, errNoPiece
	}
	return Piece{int(start), int(end), target}, nil
}

// stored returns the text of the piece, a new one's as Python's json.dumps writes
// it: in ASCII.
func (p segment) stored() string {
	if p.text != "" {
		return p.text
	}
	text := fmt.Appendf(nil, "[%d, %d, ", p.Start, p.End)
	for _, r := range string(pyjson.AppendString(nil, p.Target)) {
		if r < 0x7f {
			text = append(text, byte(r))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			text = fmt.Appendf(text, `\u%04x`, unit)
		}
	}
	return string(append(text, ']'))
}

// len returns the number of elements.
func (t pieceTable) len() int {
	if len(t.ends) == 0 {
		return 0
	}
	return t.ends[len(t.ends)-1]
}

// resolve returns the place that index i names, ErrOutOfRange where there is
// none.
func (t pieceTable) resolve(i int) (int, error) {
	at := resolveIndex(i, t.len())
	if at < 0 || at >= t.len() {
		return 0, ErrOutOfRange
	}
	return at, nil
}

// find returns the piece that has element i.
func (t pieceTable) find(i int) (k int) { return sort.SearchInts(t.ends, i+1) }

// at returns the List that element i is in and where it is there.
func (t pieceTable) at(i int) (target string, place int) {
	k := t.find(i)
	return t.pieces[k].Target, t.pieces[k].End - (t.ends[k] - i)
}

// cut returns the pieces of the elements from i up to j.
func (t pieceTable) cut(i, j int) []segment {
	var out []segment
	for k := t.find(i); i < j; k++ {
		p := t.pieces[k]
		before, after := i-(t.ends[k]-p.size()), t.ends[k]-j
		if before > 0 || after > 0 {
			p = segment{Piece: Piece{p.Start + before, p.End - max(after, 0), p.Target}}
		}
		if p.size() > 0 {
			out = append(out, p)
		}
		i = t.ends[k]
	}
	return out
}

// join appends pieces. Two that meet in the List they are of become one.
func join(head []segment, tail ...segment) []segment {
	if len(head) > 0 && len(tail) > 0 {
		last := &head[len(head)-1]
		if next := tail[0]; last.Target == next.Target && last.End == next.Start {
			*last = segment{Piece: Piece{last.Start, next.End, next.Target}}
			tail = tail[1:]
		}
	}
	return append(head, tail...)
}

// replace returns the pieces with others in the place of the elements from i up
// to j.
func (t pieceTable) replace(i, j int, in ...segment) []segment {
	return join(join(t.cut(0, i), in...), t.cut(j, t.len())...)
}

// without returns the pieces without the elements at some places, the lowest
// first.
func (t pieceTable) without(places []int) []segment {
	var left []segment
	next := 0
	for _, at := range places {
		left = join(left, t.cut(next, at)...)
		next = at + 1
	}
	return join(left, t.cut(next, t.len())...)
}

// seen returns how many elements one has to know to find what lies between
// bounds: up to the last of them, or all where one depends on the length.
func (t pieceTable) seen(bounds ...int) int {
	if slices.Min(bounds) < 0 || slices.Max(bounds) > t.len() {
		return End
	}
	return slices.Max(bounds)
}

// pieceSwap puts values in the place of count pieces at first, where the stored
// ones begin with those that are known; where whole is set they are all of them.
// At least what is replaced is known.
type pieceSwap struct {
	known        []string
	whole        bool
	first, count int
	values       []string
}

// swap returns the change to other pieces, which were worked out from so many
// elements of these.
func (t pieceTable) swap(to []segment, seen int) pieceSwap {
	values := make([]string, len(to))
	for k, p := range to {
		values[k] = p.stored()
	}
	first := 0
	for first < min(len(values), len(t.texts)) && values[first] == t.texts[first] {
		first++
	}
	end := len(t.texts)
	for len(values) > first && end > first && values[len(values)-1] == t.texts[end-1] {
		values, end = values[:len(values)-1], end-1
	}
	s := pieceSwap{whole: seen == End, first: first, count: end - first, values: values[first:]}
	switch {
	case s.whole:
		end = len(t.texts)
	case seen > 0:
		end = max(end, t.find(seen-1)+1)
	}
	s.known = t.texts[:end]
	return s
}

func (s pieceSwap) fits(stored []string) bool {
	return len(stored) >= len(s.known) && slices.Equal(stored[:len(s.known)], s.known) &&
		!(s.whole && len(stored) > len(s.known))
}
