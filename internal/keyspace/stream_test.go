package keyspace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// modelEntry is an entry as a simple model has it.
type modelEntry struct {
	id     streamID
	fields []string
}

// walked has what a walk goes through.
func walked(s *stream, start, end streamID, reverse bool) (entries []modelEntry) {
	for e := range s.walk(start, end, reverse) {
		entries = append(entries, modelEntry{e.id, e.fields()})
	}
	return entries
}

// requireSameStream holds s against its entries in a sorted slice.
func requireSameStream(t *testing.T, want []modelEntry, s *stream) {
	t.Helper()
	require.NoError(t, s.check())
	require.Equal(t, len(want), s.length)
	require.Equal(t, append([]modelEntry(nil), want...), walked(s, streamID{}, maxStreamID, false))
	reversed := append([]modelEntry(nil), want...)
	slices.Reverse(reversed)
	require.Equal(t, reversed, walked(s, streamID{}, maxStreamID, true))
}

func TestStream_model(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	type pair struct {
		s     *stream
		model []modelEntry
	}
	pairs := []pair{{s: newStream()}}
	for step := range 8000 {
		p := &pairs[r.IntN(len(pairs))]
		anyID := func() streamID {
			if len(p.model) == 0 || r.IntN(4) == 0 {
				return streamID{uint64(r.IntN(step + 1)), uint64(r.IntN(3))}
			}
			return p.model[r.IntN(len(p.model))].id
		}
		switch op := r.IntN(40); {
		case op < 26:
			id, _ := p.s.last.next()
			if r.IntN(2) == 0 {
				id = streamID{p.s.last.ms + 1, uint64(r.IntN(3))}
			}
			fields := []string{"name", strconv.Itoa(step)}
			switch r.IntN(10) {
			case 0:
				fields = []string{"other", strconv.Itoa(step)}
			case 1:
				fields = append(fields, "more", strings.Repeat("x", r.IntN(600)))
			}
			p.s.add(id, fields)
			p.model = append(p.model, modelEntry{id, fields})
		case op < 36:
			id := anyID()
			at := slices.IndexFunc(p.model, func(e modelEntry) bool { return e.id == id })
			e, there := p.s.get(id)
			require.Equal(t, at >= 0, there)
			if at >= 0 {
				require.Equal(t, p.model[at], modelEntry{e.id, e.fields()})
				p.model = slices.Delete(p.model, at, at+1)
			}
			require.Equal(t, at >= 0, p.s.remove(id))
		case op == 36:
			q := trim{by: byLength, maxLen: int64(max(0, len(p.model)-r.IntN(150)))}
			gone := len(p.model) - int(q.maxLen)
			require.Equal(t, gone, p.s.trim(q))
			p.model = slices.Delete(p.model, 0, gone)
		case op == 37:
			q := trim{by: byID, minID: anyID()}
			if r.IntN(3) > 0 && len(p.model) > 0 {
				q.minID = p.model[r.IntN(len(p.model)/4+1)].id
			}
			kept := slices.DeleteFunc(slices.Clone(p.model), func(e modelEntry) bool { return e.id.before(q.minID) })
			require.Equal(t, len(p.model)-len(kept), p.s.trim(q))
			p.model = kept
		case op == 38:
			start, end := anyID(), anyID()
			var inside []modelEntry
			for _, e := range p.model {
				if !e.id.before(start) && !end.before(e.id) {
					inside = append(inside, e)
				}
			}
			require.Equal(t, inside, walked(p.s, start, end, false))
			slices.Reverse(inside)
			require.Equal(t, inside, walked(p.s, start, end, true))
		case len(pairs) < 5 && r.IntN(10) == 0:
			pairs = append(pairs, pair{p.s.clone().(*stream), slices.Clone(p.model)})
		}
		if step%50 == 0 {
			requireSameStream(t, p.model, p.s)
		}
	}
	require.Greater(t, len(pairs), 2)
	for _, p := range pairs {
		requireSameStream(t, p.model, p.s)
	}
}

// Which entries lie in a node together is Redis's matter, and yet seen: by XINFO
// STREAM, and by what is trimmed with "~".
func TestStream_nodesAreRedis(t *testing.T) {
	both := newBoth(t)
	d := dice{rand.New(rand.NewPCG(7, 8))}
	run := func(argv ...string) { require.Empty(t, both.run(argv)) }
	id := streamID{}
	for step := range 6000 {
		switch d.IntN(4) {
		case 0:
			id.ms, id.seq = id.ms+1, 0
		case 1:
			id.ms += d.Uint64N(1 << d.IntN(50))
		default:
			id.seq += 1 + d.Uint64N(1<<d.IntN(40))
		}
		argv := []string{"XADD", "s", id.String()}
		for range 1 + d.IntN(1<<d.IntN(8))/2 {
			name := d.pick("name", "name", "name", "7", strings.Repeat("long", d.IntN(40)))
			value := d.pick("", "v", strings.Repeat("x", d.IntN(300)), strconv.Itoa(d.IntN(1<<d.IntN(60))), strconv.Itoa(-d.IntN(1<<d.IntN(60))),
				strconv.FormatInt(d.Int64(), 10), strings.Repeat("x", 62+d.IntN(4)), strings.Repeat("x", 4094+d.IntN(4)), "-0", "01", "9223372036854775808", strings.Repeat("y", d.IntN(1<<d.IntN(13))))
			argv = append(argv, name, value)
		}
		if d.IntN(2) == 0 {
			argv = []string{"XADD", "s", id.String(), "name", strconv.Itoa(step)}
		}
		run(argv...)
		switch d.IntN(60) {
		case 0:
			run("XTRIM", "s", "MAXLEN", "~", strconv.Itoa(d.IntN(2000)))
		case 1:
			run("XTRIM", "s", "MAXLEN", "~", "50", "LIMIT", strconv.Itoa(d.IntN(400)))
		case 2:
			run("XTRIM", "s", "MINID", "~", strconv.FormatUint(id.ms/4*3, 10), "LIMIT", strconv.Itoa(d.IntN(400)))
		case 3:
			run("XTRIM", "s", d.pick("MAXLEN", "MINID"), strconv.Itoa(d.IntN(1500)))
		case 4, 5, 6, 7:
			for e := range both.space.dbs[0].get("s").(*stream).walk(streamID{}, maxStreamID, false) {
				if d.IntN(4) == 0 {
					run("XDEL", "s", e.id.String())
				}
			}
		case 8:
			run("COPY", "s", "t", "REPLACE")
			run("RENAME", "t", "s")
		}
		run("XINFO", "STREAM", "s")
	}
	both.compareData()
}

// How long a listpack is tells when a node is full. A copy of the stream is given one
// entry more, which just fits and then just does not.
func TestStream_listpacksAreRedis(t *testing.T) {
	both := newBoth(t)
	run := func(argv ...string) { require.Empty(t, both.run(argv)) }
	texts := []string{
		"", "a", "0", "127", "128", "-1", "4095", "4096", "-4096", "-4097", "32767", "32768", "-32768", "-32769", "8388607", "8388608",
		"-8388608", "-8388609", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "-0", "01", "+1", " 1",
	}
	for _, size := range []int{62, 63, 64, 65, 124, 125, 126, 127, 128, 129, 3000} {
		texts = append(texts, strings.Repeat("x", size))
	}
	var entries [][]string
	for _, text := range texts {
		entries = append(entries, []string{text, "v"}, []string{"f", text}, []string{text, text})
	}
	for _, names := range []int{2, 61, 62, 63, 120, 124, 125, 126, 127, 128, 129, 200} {
		entries = append(entries, slices.Repeat([]string{"", "1"}, names))
	}
	for _, first := range []string{"1-1", "1000-1", "1-1000", "99999999-0"} {
		for _, fields := range entries {
			for _, two := range [][2][]string{{fields, {"f", "v"}}, {{"f", "v"}, fields}, {fields, fields}} {
				run("DEL", "s")
				run(append([]string{"XADD", "s", first}, two[0]...)...)
				run(append([]string{"XADD", "s", "100000000-100"}, two[1]...)...)
				n, _ := both.space.dbs[0].get("s").(*stream).chunks.Max()
				room := nodeBytes - n.bytes - 1
				for _, size := range []int{room - 1, room} {
					if size < 0 {
						continue
					}
					run("COPY", "s", "t", "REPLACE")
					run("XADD", "t", "100000000-101", "n", strings.Repeat("x", size))
					run("XINFO", "STREAM", "t")
				}
			}
		}
	}
}

// Where nothing is left, XSETID may go back behind what was there.
func TestStream_goesBackBehindItself(t *testing.T) {
	s := checked(t)
	do(t, s, "XADD s 5-0 f v", "XADD s 6-0 f v", "XDEL s 6-0", "XTRIM s MINID 6-0")
	require.Equal(t, int64(1), do(t, s, "XINFO STREAM s").([]any)[3])
	do(t, s, "XSETID s 1-0", "XADD s 2-0 f v", "XADD s 7-0 f v")
	require.NoError(t, s.Check())
	entry := func(id string) any { return []any{id, []string{"f", "v"}} }
	require.Equal(t, []any{entry("2-0"), entry("7-0")}, do(t, s, "XRANGE s - +"))
	require.Equal(t, []any{entry("2-0")}, do(t, s, "XRANGE s 2-0 2-0"))
	require.Equal(t, int64(2), do(t, s, "XDEL s 2-0 7-0"))
}

func TestStream_oneCallTrimsSoMuch(t *testing.T) {
	both := newBoth(t)
	for i := range 12_000 {
		require.Empty(t, both.run([]string{"XADD", "s", strconv.Itoa(i + 1), "f", "v"}))
	}
	for _, line := range []string{"XTRIM s MAXLEN ~ 0", "XLEN s", "XTRIM s MAXLEN ~ 0", "XLEN s", "XINFO STREAM s"} {
		require.Empty(t, both.run(strings.Fields(line)))
	}
}

// The clock of a Space may be moved, also back.
func TestStream_byTheClock(t *testing.T) {
	s := checked(t)
	first := do(t, s, "XADD s * f v").(string)
	do(t, s, "XADD s * f v")
	s.Advance(time.Hour)
	second := do(t, s, "XADD s * f v").(string)
	ms, _, _ := strings.Cut(first, "-")
	later, seq, _ := strings.Cut(second, "-")
	from, err := strconv.ParseInt(ms, 10, 64)
	require.NoError(t, err)
	to, err := strconv.ParseInt(later, 10, 64)
	require.NoError(t, err)
	require.GreaterOrEqual(t, to-from, time.Hour.Milliseconds())
	require.Equal(t, "0", seq)
	s.Advance(-2 * time.Hour)
	require.Equal(t, later+"-1", do(t, s, "XADD s * f v"))

	s.Advance(2 * time.Hour)
	do(t, s, "XGROUP CREATE s g 0", "XREADGROUP GROUP g c STREAMS s >")
	s.Advance(time.Minute)
	require.Len(t, do(t, s, "XPENDING s g IDLE 60000 - + 10"), 4)
	require.Empty(t, do(t, s, "XPENDING s g IDLE 120000 - + 10"))
	idle := do(t, s, "XPENDING s g - + 1").([]any)[0].([]any)[2].(int64)
	require.GreaterOrEqual(t, idle, time.Minute.Milliseconds())
	s.Advance(-time.Hour)
	require.Equal(t, int64(0), do(t, s, "XPENDING s g - + 1").([]any)[0].([]any)[2])
	require.Equal(t, int64(0), do(t, s, "XINFO CONSUMERS s g").([]any)[0].([]any)[5])
}

func TestGroup_cloneIsIndependent(t *testing.T) {
	s := checked(t)
	do(t, s, "XADD s 1-1 f v", "XADD s 2-1 f v", "XGROUP CREATE s g 0", "XREADGROUP GROUP g a COUNT 1 STREAMS s >",
		"XREADGROUP GROUP g b STREAMS s >", "XGROUP CREATECONSUMER s g idle", "COPY s t")
	before := do(t, s, "XINFO STREAM t FULL")
	require.Equal(t, do(t, s, "XINFO STREAM s FULL"), before)
	do(t, s, "XACK s g 1-1", "XCLAIM s g a 0 2-1 IDLE 5000", "XGROUP DELCONSUMER s g idle", "XGROUP CREATE s h 0", "XADD s 3-1 f v", "XDEL s 1-1")
	require.Equal(t, before, do(t, s, "XINFO STREAM t FULL"))
}

func TestGroup_checkSeesListsDisagree(t *testing.T) {
	make := func() (*group, *consumer) {
		g := newGroup(streamID{}, unknownReads)
		c := g.newConsumer("c", 1)
		g.deliver(streamID{1, 1}, c, 1)
		require.NoError(t, g.check())
		return g, c
	}
	g, c := make()
	p, _ := c.pending.get(streamID{1, 1})
	g.pending.tree.Delete(p)
	require.Error(t, g.check())
	g, c = make()
	c.pending.tree.Delete(p)
	require.Error(t, g.check())
	g, c = make()
	c.pending.tree.Set(pendingEntry{streamID{1, 1}, &delivery{consumer: c}})
	require.Error(t, g.check())
	g, _ = make()
	g.deliver(streamID{1, 2}, &consumer{pending: newPendingList()}, 1)
	require.Error(t, g.check())
}

func TestStream_checkSeesDisorder(t *testing.T) {
	for name, spoil := range map[string]func(s *stream){
		"count":   func(s *stream) { s.length++ },
		"last ID": func(s *stream) { s.last = streamID{1, 5} },
		"order":   func(s *stream) { n, _ := s.chunks.Min(); slices.Reverse(n.entries) },
		"another's": func(s *stream) {
			s.chunks.Set(streamNode{streamID{1, 3}, newChunk(s.owner, nil)})
			s.add(streamID{9, 9}, []string{"f", "v"})
		},
		"before first": func(s *stream) { n, _ := s.chunks.Min(); n.entries[0].id = streamID{0, 1} },
	} {
		s := newStream()
		for i := range uint64(10) {
			s.add(streamID{1, i}, []string{"f", "v"})
		}
		require.NoError(t, s.check())
		spoil(s)
		require.Error(t, s.check(), name)
	}
}

func bigStream(n int) *Space {
	s := New()
	for i := range n {
		s.Do(0, []string{"XADD", "s", fmt.Sprint(i+1, "-1"), "name", fmt.Sprint("value ", i)})
	}
	return s
}

func BenchmarkXADD(b *testing.B) {
	for _, words := range [][]string{
		{"XADD", "s", "*", "name", "value"},
		{"XADD", "s", "MAXLEN", "~", "10000", "*", "name", "value"},
		{"XADD", "s", "MAXLEN", "10000", "*", "name", "value"},
	} {
		b.Run(strings.Join(words[2:len(words)-2], "_"), func(b *testing.B) {
			s := bigStream(20_000)
			b.ReportAllocs()
			for b.Loop() {
				s.Do(0, words)
			}
		})
	}
}

func BenchmarkXRANGE100(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := bigStream(n)
			words := []string{"XRANGE", "s", strconv.Itoa(n / 2), "+", "COUNT", "100"}
			b.ReportAllocs()
			for b.Loop() {
				s.Do(0, words)
			}
		})
	}
}

// One entry is added, read for a group and acknowledged.
func BenchmarkXREADGROUP_XACK(b *testing.B) {
	s := bigStream(1_000)
	s.Do(0, []string{"XGROUP", "CREATE", "s", "g", "$"})
	add := []string{"XADD", "s", "MAXLEN", "~", "1000", "*", "name", "value"}
	read := []string{"XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "s", ">"}
	b.ReportAllocs()
	for b.Loop() {
		id, _ := s.Do(0, add)
		s.Do(0, read)
		s.Do(0, []string{"XACK", "s", "g", id.(string)})
	}
}

func BenchmarkXINFO_STREAM(b *testing.B) {
	s := bigStream(1_000_000)
	for b.Loop() {
		s.Do(0, []string{"XINFO", "STREAM", "s"})
	}
}
