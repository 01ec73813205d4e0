package keyspace

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dumpText makes strings of any length and content, with much and with little in them
// that repeats.
func dumpText(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10)
	case 1:
		return strings.Repeat(strconv.Itoa(r.IntN(1000)), r.IntN(300))
	}
	length := r.IntN(1 << r.IntN(15))
	letters := 1 + r.IntN(1<<r.IntN(9))
	text := make([]byte, 0, length+8)
	for len(text) < length {
		if n := len(text); n > 10 && r.IntN(3) == 0 {
			from := r.IntN(n)
			text = append(text, text[from:min(n, from+1+r.IntN(8))]...)
		}
		text = append(text, byte(r.IntN(letters)))
	}
	return string(text)
}

// TestDump_strings compares dumps of strings, and so what is compressed and how.
func TestDump_strings(t *testing.T) {
	both := newBoth(t)
	r := rand.New(rand.NewPCG(1, 0))
	for range 3000 {
		require.Empty(t, both.run([]string{"SET", "s", dumpText(r)}))
		require.Empty(t, both.run([]string{"DUMP", "s"}))
	}
	for range 5000 {
		text := make([]byte, rdbPackFrom-1+r.IntN(20))
		for i := range text {
			text[i] = "aaab"[r.IntN(4)]
		}
		copy(text[r.IntN(len(text)):], "0123456789")
		require.Empty(t, both.run([]string{"SET", "s", string(text)}))
		require.Empty(t, both.run([]string{"DUMP", "s"}))
	}
	// Where the sizes of entries, and of what holds them, get another byte.
	for _, size := range []int{1, 63, 64, 122, 123, 124, 125, 4090, 4095, 4096, 8174, 8175, 8176, 8177, 16375, 16376, 16377, 16378, 16379, 2097142, 2097143, 2097144, 2097145, 2097146, 2097147} {
		require.Empty(t, both.run([]string{"RPUSH", "row", "a", strings.Repeat("x", size)}))
		require.Empty(t, both.run([]string{"DUMP", "row"}))
		require.Empty(t, both.run([]string{"DEL", "row"}))
	}
	require.Empty(t, both.run([]string{"RPUSH", "l", "1"}))
	for range 300 {
		require.Empty(t, both.run([]string{"RPUSH", "l", dumpText(r), dumpText(r)}))
		require.Empty(t, both.run([]string{"DUMP", "l"}))
		if r.IntN(20) == 0 {
			require.Empty(t, both.run([]string{"DEL", "l"}))
		}
	}
}

// TestDump_bothWays takes what one has dumped to the other, for values of all types
// and sizes.
func TestDump_bothWays(t *testing.T) {
	both := newBoth(t)
	r := rand.New(rand.NewPCG(1, 0))
	add := map[string]func(n int) []string{
		"RPUSH": func(n int) []string { return []string{dumpText(r)} },
		"SADD":  func(n int) []string { return []string{dumpText(r)} },
		"sadd":  func(n int) []string { return []string{strconv.Itoa(r.IntN(1<<r.IntN(40)) - 1000)} },
		"HSET":  func(n int) []string { return []string{strconv.Itoa(n) + dumpText(r), dumpText(r)} },
		"hset":  func(n int) []string { return []string{strconv.Itoa(n), "value"} },
		"ZADD":  func(n int) []string { return []string{fmt.Sprint(r.NormFloat64()), dumpText(r)} },
		"zadd":  func(n int) []string { return []string{strconv.Itoa(r.IntN(1 << r.IntN(60))), strconv.Itoa(n)} },
		"zAdd":  func(n int) []string { return []string{[]string{"inf", "-inf", "0", "1e300"}[n%4], strconv.Itoa(n)} },
	}
	for command, words := range add {
		for _, size := range []int{1, 2, 5, 100, 128, 129, 500, 512, 513, 600} {
			argv := []string{command, "k"}
			for n := range size {
				argv = append(argv, words(n)...)
			}
			require.Empty(t, both.run(argv))
			want, err := both.space.Do(0, []string{"OBJECT", "ENCODING", "k"})
			require.NoError(t, err)
			ours, err := both.space.Do(0, []string{"DUMP", "k"})
			require.NoError(t, err)
			theirs, _ := both.redis.do([]string{"DUMP", "k"})
			for _, dump := range []any{ours, theirs} {
				require.Empty(t, both.run([]string{"RESTORE", "k", "0", dump.(string), "REPLACE"}))
				require.Empty(t, both.run([]string{"OBJECT", "ENCODING", "k"}))
				got, err := both.space.Do(0, []string{"OBJECT", "ENCODING", "k"})
				require.NoError(t, err)
				require.Equal(t, want, got)
				both.compareData()
			}
			require.Empty(t, both.run([]string{"FLUSHALL"}))
		}
	}
}

// TestDump_streams does the same with streams and their groups.
func TestDump_streams(t *testing.T) {
	both := newBoth(t)
	r := rand.New(rand.NewPCG(1, 0))
	do := func(line string, more ...string) {
		require.Empty(t, both.run(append(strings.Fields(line), more...)))
	}
	for range 40 {
		do("XADD s 1-1 f v")
		do("XGROUP CREATE s g 0")
		do("XGROUP CREATE s h $ ENTRIESREAD 5")
		id := 2
		for range r.IntN(300) {
			switch id++; r.IntN(12) {
			case 0:
				do("XDEL s", fmt.Sprintf("%d-1", 1+r.IntN(id)))
			case 1:
				do(fmt.Sprintf("XADD s %d-1", id), dumpText(r), dumpText(r), "f", dumpText(r))
			case 2:
				if r.IntN(5) == 0 {
					do(fmt.Sprintf("XTRIM s MAXLEN %d", r.IntN(100)))
				}
			case 3:
				// Redis and we have it pending from another millisecond on.
				do(fmt.Sprintf("XREADGROUP GROUP %s %s COUNT %d STREAMS s >", []string{"g", "h"}[r.IntN(2)], []string{"a", "b"}[r.IntN(2)], r.IntN(5)))
			case 4:
				do("XACK s g", fmt.Sprintf("%d-1", 1+r.IntN(id)))
			default:
				do(fmt.Sprintf("XADD s %d-1 f", id), strconv.Itoa(r.IntN(1000)))
			}
		}
		theirs, _ := both.redis.do([]string{"DUMP", "s"})
		ours, err := both.space.Do(0, []string{"DUMP", "s"})
		require.NoError(t, err)
		before := remembered(resp2(both.space.Do(0, []string{"XINFO", "STREAM", "s"})))
		for _, dump := range []any{ours, theirs} {
			do("RESTORE s 0", dump.(string), "REPLACE")
			do("XRANGE s - +")
			do("XINFO GROUPS s")
			there, _ := both.redis.do([]string{"XINFO", "STREAM", "s"})
			require.Equal(t, before, remembered(resp2(both.space.Do(0, []string{"XINFO", "STREAM", "s"}))))
			require.Equal(t, before, remembered(there))
			do("XPENDING s g")
			do("XPENDING s h")
			for _, field := range []string{"a", "b"} {
				do("XREADGROUP GROUP g", field, "STREAMS", "s", "0")
			}
			both.compareData()
		}
		do("XADD s * f v")
		do("DEL s")
	}
}

// remembered is what a stream knows of itself, out of the reply of XINFO STREAM.
func remembered(reply any) (facts []any) {
	list := reply.([]any)
	for i, name := range list {
		switch name {
		case "length", "max-deleted-entry-id", "entries-added", "last-generated-id", "recorded-first-entry-id":
			facts = append(facts, name, list[i+1])
		}
	}
	return facts
}

// oldDump is a dump of a form and what belongs to it.
func oldDump(form byte, write func(w *rdbWriter)) string {
	w := rdbWriter{data: []byte{form}}
	write(&w)
	return w.end()
}

// ziplist makes one of entries with their first bytes.
func ziplist(entries ...string) []byte {
	data := make([]byte, 10)
	last := 0
	tail := len(data)
	for _, entry := range entries {
		tail = len(data)
		if last < 254 {
			data = append(data, byte(last))
		} else {
			data = binary.LittleEndian.AppendUint32(append(data, 254), uint32(last))
		}
		data = append(data, entry...)
		last = len(data) - tail
	}
	data = append(data, 0xff)
	binary.LittleEndian.PutUint32(data, uint32(len(data)))
	binary.LittleEndian.PutUint32(data[4:], uint32(tail))
	binary.LittleEndian.PutUint16(data[8:], uint16(len(entries)))
	return data
}

// TestRestore_oldForms gives both what older servers dumped.
func TestRestore_oldForms(t *testing.T) {
	long := strings.Repeat("long", 100)
	zip := ziplist("\x01a", "\xf1", "\xfd", "\xfe\x80", "\xc0\xff\x7f", "\xf0\x00\x00\x80", "\xd0\x00\x00\x00\x80", "\xe0\x00\x00\x00\x00\x00\x00\x00\x80", "\x41\x90"+long, "\x80\x00\x00\x00\x02ab")
	pairs := ziplist("\x01c", "\xfe\xff", "\x01a", "\xf3", "\x01b", "\x041e99")
	for _, dump := range []string{
		oldDump(rdbList, func(w *rdbWriter) { w.length(3); w.text("a"); w.text("12"); w.text(long) }),
		oldDump(rdbZsetText, func(w *rdbWriter) {
			w.length(4)
			w.text("a")
			w.data = append(w.data, "\x031.5"...)
			w.text("b")
			w.byte(255)
			w.text("c")
			w.byte(254)
			w.text("d")
			w.data = append(w.data, "\x04-1e3"...)
		}),
		oldDump(rdbListZiplist, func(w *rdbWriter) { w.blob(zip) }),
		oldDump(rdbListZiplists, func(w *rdbWriter) { w.length(3); w.blob(zip); w.blob(ziplist()); w.blob(pairs) }),
		oldDump(rdbHashZiplist, func(w *rdbWriter) { w.blob(zip) }),
		oldDump(rdbZsetZiplist, func(w *rdbWriter) { w.blob(pairs) }),
		oldDump(rdbListListpacks, func(w *rdbWriter) { w.length(1); w.length(rdbPlain); w.text(long) }),
		// And what is wrong, or nothing.
		oldDump(rdbZsetZiplist, func(w *rdbWriter) { w.blob(ziplist("\x01a")) }),
		oldDump(rdbHashZiplist, func(w *rdbWriter) { w.blob(ziplist("\x01a", "\xf1", "\x01a", "\xf1")) }),
		oldDump(rdbHashZiplist, func(w *rdbWriter) { w.blob(ziplist()) }),
		oldDump(rdbListZiplists, func(w *rdbWriter) { w.length(0) }),
		oldDump(rdbListListpacks, func(w *rdbWriter) { w.length(1); w.length(3); w.text(long) }),
		oldDump(rdbSet, func(w *rdbWriter) { w.length(0) }),
		oldDump(rdbSet, func(w *rdbWriter) { w.length(2); w.text("a"); w.text("a") }),
		oldDump(rdbHash, func(w *rdbWriter) { w.length(9); w.text("a"); w.text("b") }),
		oldDump(rdbString, func(w *rdbWriter) { w.length(50) }),
		oldDump(rdbString, func(w *rdbWriter) { w.data = append(w.data, 0xc4) }),
		oldDump(rdbSetInts, func(w *rdbWriter) { w.blob([]byte("\x03\x00\x00\x00\x01\x00\x00\x00abc")) }),
		oldDump(rdbHashListpack, func(w *rdbWriter) { w.text("nonsense") }),
		oldDump(99, func(w *rdbWriter) {}),
	} {
		both := newBoth(t)
		require.Empty(t, both.run([]string{"RESTORE", "k", "0", dump}))
		require.Empty(t, both.run([]string{"RESTORE", "k", "1000000000", dump}))
		require.Empty(t, both.run([]string{"RESTORE", "k", "99999999999999", dump, "ABSTTL", "replace"}))
		require.Empty(t, both.run([]string{"PEXPIRETIME", "k"}))
		require.Empty(t, both.run([]string{"OBJECT", "ENCODING", "k"}))
		both.compareData()
		require.Empty(t, both.run([]string{"RESTORE", "k", "1", dump, "ABSTTL", "REPLACE"}))
		require.Empty(t, both.run([]string{"EXISTS", "k"}))
		require.Empty(t, both.run([]string{"RESTORE", "k", "1", dump, "ABSTTL", "REPLACE"}))
	}
}

// The entries of a chunk come after those of the one before, and so does what they count
// from.
func TestRestore_chunksInOrder(t *testing.T) {
	var r byteReader
	x := newStream()
	r.chunk(x, streamID{1, 1}, strings.Fields("2 0 1 f 0 2 0 0 v 4 2 4 4 v 4"))
	require.False(t, r.bad)
	r.chunk(x, streamID{3, 3}, strings.Fields("1 0 1 f 0 2 3 3 v 4"))
	require.True(t, r.bad)
}

// FuzzRESTORE takes whatever the bytes say for a dump. What is taken is in order, its
// own dump is that of the same, and it can be saved and loaded.
func FuzzRESTORE(f *testing.F) {
	s := New()
	r := rand.New(rand.NewPCG(1, 0))
	seed := func(argv ...string) {
		mustDo(f, s, argv...)
		dump := mustDo(f, s, "DUMP", "k").(string)
		f.Add([]byte(dump[:len(dump)-rdbFooter]))
		mustDo(f, s, "DEL", "k")
	}
	for range 5 {
		seed("SET", "k", dumpText(r))
		seed("RPUSH", "k", "1", "-5000", dumpText(r), dumpText(r))
		seed("SADD", "k", "1", "2", "-70000")
		seed("SADD", "k", "1", dumpText(r))
		seed("HSET", "k", "1", "a", "b", "2")
		seed("HSET", "k", "1", dumpText(r)+strings.Repeat("x", 65))
		seed("ZADD", "k", "1", "a", "2.5", "b")
		seed("ZADD", "k", "1", strings.Repeat("x", 65), "inf", "b")
	}
	mustDo(f, s, "XADD", "k", "1-1", "f", "v", "g", "w")
	mustDo(f, s, "XADD", "k", "1-2", "f", "x", "g", "y")
	mustDo(f, s, "XGROUP", "CREATE", "k", "group", "0")
	mustDo(f, s, "XREADGROUP", "GROUP", "group", "a", "COUNT", "1", "STREAMS", "k", ">")
	seed("XADD", "k", "2-2", "other", "x")
	f.Add(append([]byte{rdbHashZiplist, 30}, ziplist("\x01a", "\xf1", "\x01b", "\xfe\x80")...))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := rdbWriter{data: data}
		s := New()
		if _, err := s.Do(0, []string{"RESTORE", "k", "0", w.end()}); err != nil {
			require.Contains(t, []error{errBadData, errDumpSize}, err)
			return
		}
		require.NoError(t, s.Check())
		dump := mustDo(t, s, "DUMP", "k").(string)
		mustDo(t, s, "RESTORE", "j", "0", dump)
		require.NoError(t, s.Check())
		require.Equal(t, dump, mustDo(t, s, "DUMP", "j"))
		requireLoads(t, s)
	})
}
