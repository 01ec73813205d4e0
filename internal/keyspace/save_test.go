package keyspace

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// load makes a Space of what was saved. Its time is not over yet.
func load(t testing.TB, data []byte) *Space {
	s := New()
	s.SetTime(time.UnixMilli(0))
	snap, err := s.Load(bytes.NewReader(data))
	require.NoError(t, err)
	snap.Restore()
	require.NoError(t, s.Check())
	return s
}

func TestSave_scripts(t *testing.T) {
	for _, file := range files(t, "scripts") {
		s := New()
		for _, line := range lines(t, file) {
			switch {
			case line == "":
				requireLoads(t, s)
				_, err := s.Do(0, []string{"FLUSHALL"})
				require.NoError(t, err)
			case line[0] != '#':
				argv, err := splitWords(line)
				require.NoError(t, err)
				_, _ = s.Do(0, argv)
			}
		}
		requireLoads(t, s)
	}
}

// requireLoads saves, loads and compares to the last byte.
func requireLoads(t testing.TB, s *Space) {
	t.Helper()
	data := saved(t, s)
	other := load(t, data)
	require.Equal(t, s.texts(), other.texts())
	require.Equal(t, data, saved(t, other))
}

// What was loaded goes on as what was saved does.
func TestSave_goesOn(t *testing.T) {
	var templates []string
	for _, file := range files(t, "random") {
		for _, line := range lines(t, file) {
			if line != "" && line[0] != '#' {
				templates = append(templates, line)
			}
		}
	}
	s, other := New(), New()
	d := dice{rand.New(rand.NewPCG(*randomSeed, 2))}
	fixed := time.UnixMilli(1_000_000)
	s.SetTime(fixed)
	for op := range *randomOps {
		if op%100 == 0 {
			requireLoads(t, s)
			other = load(t, saved(t, s))
			other.SetTime(fixed)
		}
		argv := d.command(templates)
		if cmd, err := Find(argv); err == nil && cmd.Flags&Random != 0 {
			continue
		}
		here, hereErr := s.Do(0, argv)
		there, thereErr := other.Do(0, argv)
		require.Equal(t, hereErr, thereErr, "%q", argv)
		require.Equal(t, here, there, "%q", argv)
	}
	require.Equal(t, s.texts(), other.texts())
}

// Whatever commands can come to can be loaded: a number that has gone over, a time before
// 1970, IDs that XSETID has set back, a chunk that RESTORE has made.
func TestSave_extremes(t *testing.T) {
	for _, test := range []string{
		"XADD x 1-1 f v, XSETID x 1-1 ENTRIESADDED 9223372036854775807, XADD x 1-2 f v",
		"XADD x 1-1 f v, XGROUP CREATE x g 0 ENTRIESREAD 9223372036854775807, XREADGROUP GROUP g c STREAMS x >",
		"XADD x 1-1 f v, XDEL x 1-1, XSETID x 0-1, XADD x 0-5 f v",
		"XADD x 18446744073709551615-18446744073709551615 f v",
		"SET k v, PEXPIREAT k -5",
		"SET k v PXAT 9223372036854775807",
		"ZADD z -0 a +inf b -inf c, SETRANGE s 0 v, PFADD h",
	} {
		s := New()
		s.SetTime(time.UnixMilli(-10))
		for command := range strings.SplitSeq(test, ", ") {
			_, err := s.Do(0, strings.Fields(command))
			require.NoError(t, err, command)
		}
		other := New()
		other.SetTime(time.UnixMilli(-10))
		snap, err := other.Load(bytes.NewReader(saved(t, s)))
		require.NoError(t, err, test)
		require.NoError(t, snap.Restore())
		require.Equal(t, s.texts(), other.texts())
	}

	s := New()
	for i := range nodeEntries {
		_, err := s.Do(0, []string{"XADD", "x", "1-" + strconv.Itoa(i+1), "f", "v"})
		require.NoError(t, err)
	}
	for _, command := range []string{"XDEL x 1-100", "XSETID x 1-99", "XADD x 1-100 f v"} {
		_, err := s.Do(0, strings.Fields(command))
		require.NoError(t, err)
	}
	var r byteReader
	x := newStream()
	r.chunk(x, streamID{1, 1}, strings.Fields("1 0 0 0 0 0 0 1 f v 6")) // an entry, and no names of the chunk
	require.False(t, r.bad)
	s.dbs[0].put("restored", x)
	requireLoads(t, s)
}

func TestSave_largeContainers(t *testing.T) {
	s := New()
	for i := range 20_000 {
		n := strconv.Itoa(i)
		for _, argv := range [][]string{{"RPUSH", "l", n}, {"HSET", "h", n, n}, {"SADD", "s", n}, {"ZADD", "z", n, n}, {"XADD", "x", n + "-1", "f", n}} {
			_, err := s.Do(3, argv)
			require.NoError(t, err)
		}
	}
	for _, argv := range [][]string{
		{"SET", "long", strings.Repeat("x", 1<<20), "PX", "9999999"}, {"SET", "", "\x00\xff"}, {"XGROUP", "CREATE", "x", "g", "0"},
		{"XREADGROUP", "GROUP", "g", "c", "COUNT", "5000", "STREAMS", "x", ">"}, {"XGROUP", "CREATECONSUMER", "x", "g", "idle"},
	} {
		_, err := s.Do(15, argv)
		if argv[0][0] == 'X' {
			_, err = s.Do(3, argv)
		}
		require.NoError(t, err)
	}
	requireLoads(t, s)
}

// It is one sequence of well-formed CBOR items, none much longer than it must be.
func TestSave_isCBOR(t *testing.T) {
	s := New()
	for i := range 10_000 {
		_, err := s.Do(0, []string{"RPUSH", "l", strings.Repeat("x", i%100)})
		require.NoError(t, err)
	}
	for i := range 50 {
		n, long := strconv.Itoa(i), strings.Repeat("x", savedBlockSize*2/3)
		for _, argv := range [][]string{{"RPUSH", "long", long}, {"HSET", "hash", n, long}, {"SADD", "set", n + long}, {"ZADD", "zset", n, n + long}} {
			_, err := s.Do(0, argv)
			require.NoError(t, err)
		}
	}
	rest := saved(t, s)
	for n := 0; len(rest) > 0; n++ {
		var item []any
		before := len(rest)
		var err error
		rest, err = cbor.UnmarshalFirst(rest, &item)
		require.NoError(t, err)
		require.Len(t, item, 2)
		require.LessOrEqual(t, before-len(rest), 3*savedBlockSize)
		if n == 0 {
			require.Equal(t, []any{"znsocket", uint64(1)}, item)
			continue
		}
		inner := item[1].([]byte)
		require.Equal(t, item[0], uint64(crc32.Checksum(inner, crc32.MakeTable(crc32.Castagnoli))))
		require.NoError(t, wellFormed(inner))
	}
}

func wellFormed(sequence []byte) error {
	for len(sequence) > 0 {
		var item any
		var err error
		if sequence, err = cbor.UnmarshalFirst(sequence, &item); err != nil {
			return err
		}
	}
	return nil
}

// goldenCommands make what testdata/save/version1.cbor has.
var goldenCommands = `SET string text
	SET integer 12345
	SET bytes "\x00\xff\r\n"
	SETRANGE changed 2 x
	SET dying soon PXAT 4102444800000
	RPUSH list a b "" c
	HSET hash f v g w
	SADD integers 3 1 2
	SADD set a b 3
	ZADD zset 1.5 a -inf b 3 c
	PFADD hll a b c
	XADD stream 1-1 f v g w
	XADD stream 2-1 f v other w
	XADD stream 3-1 f v g w
	XDEL stream 2-1
	XGROUP CREATE stream group 0
	XREADGROUP GROUP group consumer COUNT 1 STREAMS stream >
	XGROUP CREATECONSUMER stream group idle`

// A file of each version that there ever was is read as it was.
func TestLoad_golden(t *testing.T) {
	s := New()
	s.SetTime(time.UnixMilli(1_700_000_000_000))
	for _, line := range strings.Split(goldenCommands, "\n") {
		argv, err := splitWords(strings.TrimSpace(line))
		require.NoError(t, err)
		_, err = s.Do(0, argv)
		require.NoError(t, err, line)
	}
	path := filepath.Join("testdata", "save", "version1.cbor")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, s.texts(), load(t, data).texts())
	require.Equal(t, data, saved(t, s), "the same version is written in the same form")
}

// Wherever it ends too early, and whichever byte is another one, the place is told and
// nothing is changed.
func TestLoad_damage(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "save", "version1.cbor"))
	require.NoError(t, err)
	s := New()
	_, err = s.Do(0, []string{"SET", "k", "v"})
	require.NoError(t, err)
	before := saved(t, s)
	var wrong *LoadError
	begin := 1 + 1 + len(saveMagic) + 1
	for size := range len(data) {
		_, err := s.Load(bytes.NewReader(data[:size]))
		require.ErrorAs(t, err, &wrong)
		if size < begin {
			require.ErrorIs(t, err, ErrNotSaved, "%d bytes", size)
			continue
		}
		require.ErrorIs(t, err, ErrSaveCutShort, "%d bytes", size)
		require.Equal(t, int64(size), wrong.Offset)
	}
	for at := range data {
		for bit := range 8 {
			damaged := bytes.Clone(data)
			damaged[at] ^= 1 << bit
			_, err := s.Load(bytes.NewReader(damaged))
			require.ErrorAs(t, err, &wrong, "byte %d", at)
			if at < begin-1 {
				require.ErrorIs(t, err, ErrNotSaved)
			}
			require.LessOrEqual(t, wrong.Offset, int64(len(data)))
		}
	}
	damaged := bytes.Clone(data)
	damaged[len(damaged)-1]++
	_, err = s.Load(bytes.NewReader(damaged))
	require.EqualError(t, err, fmt.Sprintf("at byte %d: it is damaged here", begin))
	_, err = s.Load(bytes.NewReader(append(bytes.Clone(data), 0)))
	require.EqualError(t, err, fmt.Sprintf("at byte %d: it is damaged here", len(data)))
	damaged = bytes.Clone(data)
	damaged[begin-1] = 2
	_, err = s.Load(bytes.NewReader(damaged))
	require.ErrorIs(t, err, ErrSaveVersion)
	require.ErrorContains(t, err, "version 2")
	require.Equal(t, before, saved(t, s))
}

func TestLoad_readersError(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "save", "version1.cbor"))
	require.NoError(t, err)
	broken := errors.New("the network is down")
	for size := range len(data) + 1 {
		_, err := New().Load(io.MultiReader(bytes.NewReader(data[:size]), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken, "%d bytes", size)
	}
	snap, err := New().Load(iotest.OneByteReader(bytes.NewReader(data)))
	require.NoError(t, err)
	snap.Restore()
	require.Equal(t, data, saved(t, snap.space))
}

type fullWriter struct{ left int }

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestSave_writersError(t *testing.T) {
	s := New()
	for i := range 100_000 {
		_, err := s.Do(0, []string{"SADD", "s", strconv.Itoa(i)})
		require.NoError(t, err)
	}
	for _, room := range []int{0, 5, 1000, 100_000} {
		require.EqualError(t, s.Snapshot().Save(&fullWriter{room}), "no space left on device")
	}
}

// Saving holds nobody up, and what it saves is one moment: the counters are all alike.
func TestSave_whileOthersWrite(t *testing.T) {
	s := New()
	const counters = 50
	step := func() {
		s.Atomically(0, func(run func([]string) (any, error)) {
			for i := range counters {
				n := strconv.Itoa(i)
				_, _ = run([]string{"INCR", "string" + n})
				_, _ = run([]string{"HINCRBY", "hash", n, "1"})
				_, _ = run([]string{"RPUSH", "list" + n, "x"})
				_, _ = run([]string{"ZINCRBY", "zset", "1", n})
				_, _ = run([]string{"XADD", "stream", "*", "f", "v"})
				_, _ = run([]string{"APPEND", "append" + n, "x"})
			}
		})
	}
	step()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			step()
		}
	}()
	for more := true; more; {
		select {
		case <-done:
			more = false
		default:
		}
		got := load(t, saved(t, s))
		v, err := got.Do(0, []string{"GET", "string0"})
		require.NoError(t, err)
		steps, err := strconv.Atoi(v.(string))
		require.NoError(t, err)
		for i := range counters {
			n := strconv.Itoa(i)
			for want, argv := range map[any][]string{
				v: {"GET", "string" + n}, int64(steps): {"LLEN", "list" + n}, float64(steps): {"ZSCORE", "zset", n},
				int64(steps * counters): {"XLEN", "stream"}, int32(0): {"STRLEN", "append" + n},
			} {
				reply, err := got.Do(0, argv)
				require.NoError(t, err)
				if argv[0] == "STRLEN" {
					want = int64(steps)
				}
				require.EqualValues(t, want, reply, "%q", argv)
			}
		}
	}
}

// FuzzLoad reads anything. It is loaded in order, or refused, and takes no more memory
// than its bytes, some for each, and some.
func FuzzLoad(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "save", "version1.cbor"))
	require.NoError(f, err)
	var block savedBlock
	begin, err := cbor.Marshal(savedBegin{Magic: saveMagic, Version: saveVersion})
	require.NoError(f, err)
	_, err = cbor.UnmarshalFirst(golden[len(begin):], &block)
	require.NoError(f, err)
	f.Add(golden, false)
	f.Add(block.Data, true)
	f.Add([]byte{0x82, 0x63, 'e', 'n', 'd', 0}, true)
	f.Fuzz(func(t *testing.T, data []byte, inside bool) {
		if inside { // what has its checksum right
			block, err := cbor.Marshal(savedBlock{Sum: crc32.Checksum(data, castagnoli), Data: data})
			require.NoError(t, err)
			data = append(bytes.Clone(begin), block...)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := New()
		snap, err := s.Load(bytes.NewReader(data))
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20+2000*len(data)))
		if err != nil {
			var wrong *LoadError
			require.ErrorAs(t, err, &wrong)
			return
		}
		snap.Restore()
		require.NoError(t, s.Check())
		requireLoads(t, s)
	})
}
