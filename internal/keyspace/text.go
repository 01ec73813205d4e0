package keyspace

import (
	"fmt"
	"hash/crc32"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Snapshot as text is for people who read it in a failed test: a line for each key, in
// the order of their names, and below it, further in, one for each element. Hashes
// and sets are sorted too, as their order is seldom what a test is about.

// picture is a key as text.
type picture struct {
	db       int
	key      string
	kind     string
	expire   int64 // the deadline in Unix milliseconds, 0 for none
	left     time.Duration
	elements []string
}

const (
	shownText     = 256 // bytes of a text
	shownElements = 100 // of a key
)

// String returns all keys with what they hold. Of long texts, and of more than 100
// elements, only the first are shown.
func (snap *Snapshot) String() string {
	var b strings.Builder
	db := 0
	for p := range snap.pictures() {
		if p.db != db {
			db = p.db
			fmt.Fprintf(&b, "database %d\n", db)
		}
		for _, line := range p.lines() {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// lines returns the whole picture.
func (p picture) lines() []string {
	lines := []string{p.heading()}
	for i, element := range p.elements {
		if i == shownElements {
			return append(lines, fmt.Sprintf("    … %d more", len(p.elements)-i))
		}
		lines = append(lines, "    "+element)
	}
	return lines
}

func (p picture) heading() string {
	line := p.kind + " " + shown(p.key)
	if p.expire != 0 {
		line += fmt.Sprintf(", expires in %v", p.left)
	}
	return line
}

// pictures goes through the keys.
func (snap *Snapshot) pictures() iter.Seq[picture] {
	return func(yield func(picture) bool) {
		for db := range snap.dbs {
			var all []picture
			snap.dbs[db].keys.each(func(key string, it *item) bool {
				if it.expire == 0 || it.expire > snap.now {
					left := time.UnixMilli(it.expire).Sub(time.UnixMilli(snap.now)) // at most what a Duration can be
					all = append(all, picture{db: db, key: key, expire: it.expire, left: left}.of(it.obj))
				}
				return true
			})
			slices.SortFunc(all, func(p, q picture) int { return strings.Compare(p.key, q.key) })
			for _, p := range all {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// of draws what the key holds.
func (p picture) of(obj any) picture {
	add := func(format string, args ...any) bool {
		p.elements = append(p.elements, fmt.Sprintf(format, args...))
		return true
	}
	switch v := obj.(type) {
	case string:
		p.kind = "string"
		add("%s", shown(v))
	case *buffer:
		p.kind = "string"
		add("%s", shown(string(v.b)))
	case *list:
		p.kind = "list"
		for _, element := range v.ascend(0) {
			add("%s", shown(element))
		}
	case *hash:
		p.kind = "hash"
		v.each(func(field string, value *string) bool { return add("%s", shownField(field, *value)) })
		slices.Sort(p.elements)
	case *set:
		p.kind = "set"
		v.each(func(member string, _ *struct{}) bool { return add("%s", shown(member)) })
		slices.Sort(p.elements)
	case *zset:
		p.kind = "zset"
		for it := range v.walk(0, v.len(), false) {
			add("%s  %s", strconv.FormatFloat(it.Score, 'g', -1, 64), shown(it.Member))
		}
	case *stream:
		p.kind = "stream"
		for e := range v.walk(streamID{}, maxStreamID, false) {
			line := e.id.String()
			fields := e.fields()
			for i := 0; i < len(fields); i += 2 {
				line += "  " + shownField(fields[i], fields[i+1])
			}
			add("%s", line)
		}
		v.groups.Scan(func(name string, g *group) bool {
			add("group %s, read to %v", shown(name), g.last)
			for d := range g.pending.from(streamID{}) {
				add("    %v with %s, delivered %d times", d.id, shown(d.consumer.name), d.count)
			}
			return true
		})
	}
	return p
}

// shownField is a field with its value. No two fields, and no rows of them with two spaces
// between, are the same text: else Diff would not see what differs.
func shownField(field, value string) string {
	return shownBefore(": ", field) + ": " + shownBefore("  ", value)
}

// shown is a text as it is where it can be read and told from what is around it, else in
// quotes. A long one is cut, with its length and a checksum in place of the rest.
func shown(s string) string { return shownBefore("\n", s) }

// shownBefore is shown, in quotes too where it has the mark that follows it.
func shownBefore(mark, s string) string {
	rest := ""
	if len(s) > shownText {
		rest = fmt.Sprintf("… (%d bytes, %08x)", len(s), crc32.ChecksumIEEE([]byte(s)))
		end := shownText
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	plain := s != "" && !strings.Contains(s, mark) && s[0] != '"' && s[0] != ' ' && s[len(s)-1] != ' ' && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	if !plain {
		s = strconv.Quote(s)
	}
	return s + rest
}
