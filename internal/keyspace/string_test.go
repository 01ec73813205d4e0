package keyspace

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// allocated returns how many bytes fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestBuffer_readingCopiesNothing(t *testing.T) {
	const size = 1 << 20
	s := New()
	mustDo(t, s, "SETRANGE", "k", "1048575", "x")
	require.Less(t, allocated(func() {
		mget := append([]string{"MGET"}, slices.Repeat([]string{"k"}, 60)...)
		for _, v := range mustDo(t, s, mget...).([]any) {
			require.Len(t, v, size)
		}
		require.Len(t, mustDo(t, s, "GETRANGE", "k", "1", "-1"), size-1)
		mustDo(t, s, "COPY", "k", "k2")
	}), uint64(size/2))
}

func TestBuffer_readAndAppendByTurns(t *testing.T) {
	const size, turns = 1 << 20, 1000
	s := New()
	mustDo(t, s, "SETRANGE", "k", "1048575", "x")
	require.Less(t, allocated(func() {
		for i := range turns {
			mustDo(t, s, "APPEND", "k", "more")
			require.Len(t, mustDo(t, s, "GET", "k"), size+(i+1)*4)
		}
	}), uint64(3*size))
}

// Short reads and writes by turns must not copy the whole each time.
func TestBuffer_shortReadsAndWritesByTurns(t *testing.T) {
	const size, turns = 1 << 20, 1000
	s := New()
	mustDo(t, s, "SETRANGE", "k", "1048575", "x")
	require.Less(t, allocated(func() {
		for range turns {
			mustDo(t, s, "SETRANGE", "k", "10", "abc")
			require.Equal(t, "abc", mustDo(t, s, "GETRANGE", "k", "10", "12"))
		}
	}), uint64(size))
}

// What was read stays what it was, whatever is written later.
func TestBuffer_model(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	type read struct{ got, want string }
	var reads []read
	b, model := &buffer{}, ""
	for range 5000 {
		letter := string(rune('a' + r.IntN(26)))
		switch r.IntN(8) {
		case 0, 1, 2:
			b.b = append(b.b, letter...)
			model += letter
		case 3, 4:
			at, more := r.IntN(len(model)+3), strings.Repeat(letter, 1+r.IntN(5))
			b.write(at, more)
			model += strings.Repeat("\x00", max(0, at+len(more)-len(model)))
			model = model[:at] + more + model[at+len(more):]
		case 5:
			reads = append(reads, read{b.text(), model})
		case 6:
			start, end := r.Int64N(20), r.Int64N(20)
			reads = append(reads, read{b.part(start, -end), cut(model, start, -end)})
		case 7:
			if r.IntN(20) == 0 {
				b, model = &buffer{b: []byte(model[:len(model)/2])}, model[:len(model)/2]
			}
		}
	}
	require.Equal(t, model, string(b.b))
	for _, r := range reads {
		require.Equal(t, r.want, r.got)
	}
}

// So does what was read before bits of it are changed, and so does a copy.
func TestBuffer_changesInPlace(t *testing.T) {
	s := New()
	mustDo(t, s, "PFADD", "k", "a")
	for _, change := range [][]string{
		{"PFADD", "k", "b"}, {"PFCOUNT", "k"}, {"PFMERGE", "k", "k"}, {"SETBIT", "k", "100", "1"}, {"BITFIELD", "k", "INCRBY", "u8", "130", "1"},
		{"SETRANGE", "k", "3", "X"}, {"APPEND", "k", "more"}, {"SETBIT", "k", "2000", "1"},
	} {
		mustDo(t, s, "COPY", "k", "copy", "REPLACE")
		was := strings.Clone(mustDo(t, s, "GET", "copy").(string))
		mustDo(t, s, change...)
		require.Equal(t, was, mustDo(t, s, "GET", "copy"), "%q", change)

		read := mustDo(t, s, "GET", "k").(string)
		is := strings.Clone(read)
		mustDo(t, s, "COPY", "k", "copy", "REPLACE")
		for _, key := range []string{"k", "copy"} {
			mustDo(t, s, "SETBIT", key, "120", "1")
			mustDo(t, s, "SETBIT", key, "120", "0")
			mustDo(t, s, "SETRANGE", key, "0", is[:1])
		}
		require.Equal(t, is, read, "%q", change)
	}
}

// Replies are read after the lock is given back, while others write: the race
// detector watches this test.
func TestBuffer_readWhileWritten(t *testing.T) {
	s := New()
	mustDo(t, s, "SETRANGE", "k", "99999", "x")
	var readers, writer sync.WaitGroup
	var sum atomic.Int64 // of the bytes that were read, lest nobody need them
	for range 2 {
		readers.Go(func() {
			for range 20 {
				for _, words := range [][]string{{"GET", "k"}, {"GETRANGE", "k", "0", "90000"}} {
					v, err := s.Do(0, words)
					if err != nil {
						t.Errorf("%q: %v", words, err)
						return
					}
					text, n := v.(string), 0
					for _, c := range unsafe.Slice(unsafe.StringData(text), len(text)) { // the detector takes strings on trust
						n += int(c)
					}
					sum.Add(int64(n))
				}
			}
		})
	}
	done := make(chan struct{})
	writer.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			for _, words := range [][]string{{"SETRANGE", "k", "5", "abc"}, {"APPEND", "k", "y"}} {
				if _, err := s.Do(0, words); err != nil {
					t.Errorf("%q: %v", words, err)
				}
			}
		}
	})
	readers.Wait()
	close(done)
	writer.Wait()
}

func TestLCS_isBounded(t *testing.T) {
	s := New()
	mustDo(t, s, "SETRANGE", "a", "4094", "x")
	mustDo(t, s, "SETRANGE", "b", "4095", "x")
	require.Less(t, allocated(func() {
		require.Equal(t, int64(4095), mustDo(t, s, "LCS", "a", "a", "LEN"))
	}), uint64(1<<20), "the length needs no table")
	require.Len(t, mustDo(t, s, "LCS", "a", "a"), 4095)
	for _, option := range [][]string{{}, {"LEN"}, {"IDX"}} {
		_, err := s.Do(0, append([]string{"LCS", "b", "b"}, option...))
		require.Equal(t, errLCSMemory, err)
	}
}
