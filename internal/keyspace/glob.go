package keyspace

import "strings"

// glob is a pattern of Redis: * any bytes, ? any byte, [abc], [a-z] and [^a] one
// of some bytes, \ takes the next byte as it is. An unfinished class ends with
// the pattern.
//
// It is taken apart at its stars. The first piece and the last one can match at
// one place only; each between them is taken at the first place where it does,
// which leaves the most for the others. So no place is tried twice, and what a
// match costs grows with the length of the text: by one for what is plain, by
// at most maxGlob steps a byte for a piece with ?, [ or \ between two stars.
type glob struct {
	pieces []globPiece // one more than there are stars
	empty  bool        // whether the empty text matches
}

// Pattern is a pattern of Redis, as KEYS and PSUBSCRIBE take it.
type Pattern struct{ glob }

// ParsePattern reads a pattern. Its error is that of one that could keep its
// matches busy for minutes.
func ParsePattern(pattern string) (*Pattern, error) {
	g, err := parseGlob(pattern)
	if err != nil {
		return nil, err
	}
	return &Pattern{*g}, nil
}

// Match reports whether all of s matches.
func (p *Pattern) Match(s string) bool { return p.match(s) }

// globPiece is a part of a pattern with no star in it but in a class or after \.
type globPiece struct {
	pattern string
	size    int  // how many bytes it matches
	plain   bool // it matches itself only
}

// maxGlob is how many bytes a pattern may have that is more than plain text:
// Redis knows no such limit, and may be kept busy for minutes.
const maxGlob = 1 << 10

// parseGlob reads a pattern. Its error is that of one longer than maxGlob.
func parseGlob(pattern string) (*glob, error) {
	if len(pattern) > maxGlob && strings.ContainsAny(pattern, `*?[\`) {
		return nil, errPattern
	}
	// Of the patterns that consist of stars only * itself matches the empty text.
	g := &glob{empty: pattern == "" || pattern == "*"}
	for more := true; more; {
		var piece globPiece
		piece, pattern, more = cutPiece(pattern)
		g.pieces = append(g.pieces, piece)
	}
	return g, nil
}

// cutPiece returns what is before the first star of a pattern and what is behind
// it, if there is one.
func cutPiece(pattern string) (piece globPiece, rest string, star bool) {
	piece.plain = true
	p := 0
	for p < len(pattern) && pattern[p] != '*' {
		if c := pattern[p]; c == '?' || c == '[' || c == '\\' {
			piece.plain = false
		}
		_, p = globByte(pattern, p, 0)
		piece.size++
	}
	piece.pattern = pattern[:p]
	if p == len(pattern) {
		return piece, "", false
	}
	return piece, pattern[p+1:], true
}

func (g *glob) match(s string) bool {
	if s == "" {
		return g.empty
	}
	end := len(g.pieces) - 1
	first, last := g.pieces[0], g.pieces[end]
	if end == 0 {
		return len(s) == first.size && first.begins(s)
	}
	if len(s) < first.size+last.size || !first.begins(s) || !last.begins(s[len(s)-last.size:]) {
		return false
	}
	s = s[first.size : len(s)-last.size]
	for _, piece := range g.pieces[1:end] {
		at := piece.index(s)
		if at < 0 {
			return false
		}
		s = s[at+piece.size:]
	}
	return true
}

// begins reports whether the piece matches the first bytes of s, which has at
// least size.
func (g globPiece) begins(s string) bool {
	if g.plain {
		return s[:g.size] == g.pattern
	}
	p, matches := 0, true
	for i := range g.size {
		if matches, p = globByte(g.pattern, p, s[i]); !matches {
			return false
		}
	}
	return true
}

// index returns the first place in s where the piece matches, or -1.
func (g globPiece) index(s string) int {
	if g.plain {
		return strings.Index(s, g.pattern)
	}
	for at := range len(s) - g.size + 1 {
		if g.begins(s[at:]) {
			return at
		}
	}
	return -1
}

// globByte reports whether c matches what pattern has at p, which is no *, and
// where the pattern goes on.
func globByte(pattern string, p int, c byte) (matches bool, next int) {
	switch pattern[p] {
	case '?':
		return true, p + 1
	case '[':
		return globClass(pattern, p+1, c)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return pattern[p] == c, p + 1
}

// globClass is globByte for a class whose [ is behind it.
func globClass(pattern string, p int, c byte) (matches bool, next int) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	in := false
	for ; p < len(pattern) && pattern[p] != ']'; p++ {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			in = in || pattern[p] == c
		case p+2 < len(pattern) && pattern[p+1] == '-':
			low, high := pattern[p], pattern[p+2]
			in = in || min(low, high) <= c && c <= max(low, high)
			p += 2
		default:
			in = in || pattern[p] == c
		}
	}
	return in != not, min(p+1, len(pattern))
}
