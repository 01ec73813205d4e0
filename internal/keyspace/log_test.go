package keyspace

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// twin is a Space that is told by the log of another one what that does.
type twin struct {
	t       testing.TB
	space   *Space
	records int
	err     error // of Err
}

func newTwins(t testing.TB) (*Space, *twin) {
	s, tw := New(), &twin{t: t, space: New()}
	s.Seed(1)
	s.SetLog(tw)
	tw.space.BeginReplay()
	return s, tw
}

func (tw *twin) Append(record []byte) {
	tw.records++
	require.NoError(tw.t, tw.space.Replay(record))
}

func (tw *twin) Err() error { return tw.err }

// requireSame compares what both hold to the last byte, also what is over and still
// there.
func (tw *twin) requireSame(s *Space, words ...any) {
	tw.t.Helper()
	require.NoError(tw.t, tw.space.Check())
	if here, there := saved(tw.t, s), saved(tw.t, tw.space); !bytes.Equal(here, there) {
		require.Equal(tw.t, s.texts(), tw.space.texts(), words...)
		require.Fail(tw.t, "the same texts, and yet not the same", words...)
	}
}

func saved(t testing.TB, s *Space) []byte {
	var b bytes.Buffer
	require.NoError(t, s.Snapshot().Save(&b))
	return b.Bytes()
}

// texts is what a Space holds, for who reads why a test has failed.
func (s *Space) texts() map[string]string {
	all := map[string]string{}
	for i, db := range s.dbs {
		db.keys.each(func(key string, it *item) bool {
			over := *it
			over.expire = 0
			d := newDB(s, 0)
			d.keys.set(key, over)
			text, _ := dump(d, Args{"DUMP", key})
			all[strconv.Itoa(i)+" "+key] = strconv.FormatInt(it.expire, 10) + " " + strconv.Quote(text.(string))
			return true
		})
	}
	return all
}

func TestLog_scripts(t *testing.T) {
	for _, file := range files(t, "scripts") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			s, tw := newTwins(t)
			s.SetTime(time.Now()) // lest something be swept between two looks
			db := 0
			for i, line := range lines(t, file) {
				switch {
				case line == "":
					_, err := s.Do(0, []string{"FLUSHALL"})
					require.NoError(t, err)
					db = 0
				case line[0] != '#':
					argv, err := splitWords(line)
					require.NoError(t, err)
					if strings.EqualFold(argv[0], "SELECT") {
						db, _ = strconv.Atoi(argv[1])
						continue
					}
					tw.runIn(s, db, argv, file, i+1)
				}
			}
		})
	}
}

// runIn runs a command and compares.
func (tw *twin) runIn(s *Space, db int, argv []string, words ...any) {
	_, _ = s.Do(db, argv)
	tw.requireSame(s, append([]any{"%q: %v %v", argv}, append(words, "", "")[:2]...)...)
}

func TestLog_randomCommands(t *testing.T) {
	templates := templates(t)
	s, tw := newTwins(t)
	s.SetTime(time.Now())
	d := dice{rand.New(rand.NewPCG(*randomSeed, 1))}
	for range *randomOps {
		switch d.IntN(100) {
		case 0: // somebody sets the clock
			s.Advance(time.Duration(d.IntN(2000)-1000) * time.Hour)
		case 1:
			s.Advance(time.Duration(d.Int64N(1 << 40)))
		case 2:
			_, _ = s.Do(0, []string{"PEXPIRE", d.pick("a", "b", "c", "d", "e"), strconv.Itoa(d.IntN(1e8))})
		}
		tw.runIn(s, 0, d.command(templates))
	}
	require.NotZero(t, tw.records)
}

// A command that found nothing new is not in the log.
func TestLog_leavesOutWhatChangesNothing(t *testing.T) {
	s, tw := newTwins(t)
	for _, line := range strings.Split(`SET k v
	SADD s a
	RPUSH l a
	XADD x 1-1 f v
	XGROUP CREATE x g 0
	PFADD h a
	PFCOUNT h`, "\n") {
		tw.runIn(s, 0, strings.Fields(line))
	}
	before := tw.records
	for _, line := range strings.Split(`GET k
	SET k w NX
	SETNX k w
	DEL none
	SADD s a
	SREM s b
	LPOP none
	BLPOP none 0
	XREADGROUP GROUP g c STREAMS none >
	XACK x g 5-5
	XTRIM x MAXLEN 100
	PERSIST k
	EXPIRE none 5
	PFADD h a
	PFCOUNT h
	SMOVE s t b
	RENAMENX k k`, "\n") {
		_, _ = s.Do(0, strings.Fields(line))
		require.Equal(t, before, tw.records, line)
	}
}

// Commands that wait take what they take when they are served, whatever would be there
// for one that comes then.
func TestLog_blockedCommands(t *testing.T) {
	for _, test := range []struct{ before, wait, serve string }{
		{"", "BLPOP a b 0", "RPUSH b 1 2"},
		{"", "BLPOP a b 0", "SET a string, RPUSH b 1 2"},
		{"", "BRPOP a b 0", "RPUSH b 1 2, RPUSH a 3"},
		{"", "blmpop 0 2 a b LEFT COUNT 2", "RPUSH b 1 2 3, RPUSH a 4"},
		{"", "BLMPOP 0 2 a b RIGHT", "RPUSH b 1 2 3, SET a x"},
		{"RPUSH c x", "BLMOVE a c LEFT RIGHT 0", "RPUSH a 1 2"},
		{"", "BLMOVE a a LEFT RIGHT 0", "RPUSH a 1 2"},
		{"SET c x", "BLMOVE a c LEFT RIGHT 0", "RPUSH a 1 2"},
		{"", "BRPOPLPUSH a c 0", "RPUSH a 1 2"},
		{"", "BZPOPMIN a b 0", "ZADD b 1 x 2 y, ZADD a 1 z"},
		{"", "BZPOPMAX a b 0", "ZADD b 1 x 2 y"},
		{"", "BZMPOP 0 2 a b MAX COUNT 2", "ZADD b 1 x 2 y 3 z"},
		{"XGROUP CREATE a g $ MKSTREAM, XGROUP CREATE b g $ MKSTREAM", "XREADGROUP GROUP g c BLOCK 0 STREAMS a b > >", "XADD b 1-1 f v, XADD a 1-1 f v"},
		{"XGROUP CREATE a g $ MKSTREAM", "XREADGROUP GROUP g c COUNT 1 BLOCK 0 NOACK STREAMS a >", "XADD a 1-1 f v, XADD a 1-2 f v"},
		{"XADD a 1-1 f v, XGROUP CREATE a g $", "XREADGROUP GROUP g c BLOCK 0 STREAMS a >", "DEL a"},
	} {
		s, tw := newTwins(t)
		commands := func(line string) (all [][]string) {
			for _, command := range strings.Split(line, ",") {
				if argv := strings.Fields(command); len(argv) > 0 {
					all = append(all, argv)
				}
			}
			return all
		}
		for _, argv := range commands(test.before) {
			tw.runIn(s, 0, argv)
		}
		argv := strings.Fields(test.wait)
		cmd, err := Find(argv)
		require.NoError(t, err)
		_, w, err := s.RunOrWait(0, cmd, argv)
		require.NoError(t, err)
		require.NotNil(t, w, test.wait)
		_, second, err := s.RunOrWait(0, cmd, argv)
		require.NoError(t, err)
		s.Atomically(0, func(run func([]string) (any, error)) {
			for _, argv := range commands(test.serve) {
				_, err := run(argv)
				require.NoError(t, err)
			}
		})
		<-w.Done
		tw.requireSame(s, test)
		second.Cancel()
	}
}

// More than one that waits is given at once.
func TestLog_blockedReadOfMany(t *testing.T) {
	s, tw := newTwins(t)
	tw.runIn(s, 0, strings.Fields("XGROUP CREATE a g $ MKSTREAM"))
	argv := strings.Fields("XREADGROUP GROUP g c BLOCK 0 STREAMS a >")
	cmd, err := Find(argv)
	require.NoError(t, err)
	_, w, err := s.RunOrWait(0, cmd, argv)
	require.NoError(t, err)
	s.Atomically(0, func(run func([]string) (any, error)) {
		for range waitedCount + 10 {
			_, err := run(strings.Fields("XADD a * f v"))
			require.NoError(t, err)
		}
	})
	<-w.Done
	tw.requireSame(s)
	require.Equal(t, 2, tw.records, "the transaction and what it served are one")
}

// The clock stands while one has the lock, and a key whose time is over is over in the
// log too, though the clock goes back.
func TestLog_clock(t *testing.T) {
	s, tw := newTwins(t)
	at := time.UnixMilli(1_000_000)
	s.SetTime(at)
	tw.runIn(s, 0, strings.Fields("SET k v PX 100"))
	tw.runIn(s, 0, strings.Fields("SET l v PX 100"))
	tw.runIn(s, 0, strings.Fields("SADD s m"))
	tw.runIn(s, 0, strings.Fields("XADD x * f v"))
	s.SetTime(at.Add(time.Second))
	tw.requireSame(s)
	s.SetTime(at)
	v, err := s.Do(0, strings.Fields("SETNX k w"))
	require.NoError(t, err)
	require.Equal(t, one, v)
	tw.requireSame(s)
}

// Time that passes while one has the lock is none to the commands.
func TestSpace_clockStandsInTransaction(t *testing.T) {
	s := New()
	s.Atomically(0, func(run func([]string) (any, error)) {
		first, err := run([]string{"TIME"})
		require.NoError(t, err)
		for begun := time.Now(); time.Since(begun) < time.Millisecond; {
		}
		second, err := run([]string{"TIME"})
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}

// While nothing can be written to the log nothing is changed, but reads go on.
func TestLog_refusesWrites(t *testing.T) {
	s, tw := newTwins(t)
	tw.runIn(s, 0, strings.Fields("SET k v"))
	tw.err = errors.New("no space left on device")
	_, err := s.Do(0, strings.Fields("SET k w"))
	require.EqualError(t, err, "MISCONF Errors writing to the AOF file: no space left on device")
	v, err := s.Do(0, strings.Fields("GET k"))
	require.NoError(t, err)
	require.Equal(t, "v", v)
	tw.err = nil
	tw.runIn(s, 0, strings.Fields("SET k w"))
}

// What a snapshot has is not over before the log is read that followed it.
func TestReplay_afterSnapshot(t *testing.T) {
	s := New()
	at := time.UnixMilli(1_000_000)
	s.SetTime(at)
	_, err := s.Do(0, strings.Fields("SET k v PX 100"))
	require.NoError(t, err)
	_, err = s.Do(0, strings.Fields("SET over v PX 100"))
	require.NoError(t, err)
	data := saved(t, s)
	var records [][]byte
	s.SetLog(logFunc(func(record []byte) { records = append(records, bytes.Clone(record)) }))
	_, err = s.Do(0, strings.Fields("PERSIST k"))
	require.NoError(t, err)

	other := New() // long after
	other.BeginReplay()
	snap, err := other.Load(bytes.NewReader(data))
	require.NoError(t, err)
	snap.Restore()
	for _, r := range records {
		require.NoError(t, other.Replay(r))
	}
	other.EndReplay()
	keys, err := other.Do(0, strings.Fields("KEYS *"))
	require.NoError(t, err)
	require.Equal(t, []string{"k"}, keys)
	require.Equal(t, 1, other.dbs[0].keys.len(), "what is over by now is gone")
}

type logFunc func(record []byte)

func (l logFunc) Append(record []byte) { l(record) }
func (l logFunc) Err() error           { return nil }

func TestReplay_wrongRecords(t *testing.T) {
	for _, record := range []string{"\x01", "\x80", "\x01\x00", "\x01\x00\x00", "\x01\x00\x02\x01a", "\x01\x00\x01\x05a", "\x01\x10\x01\x01a"} {
		if record != "\x01" {
			require.Error(t, New().Replay([]byte(record)), "%q", record)
		}
	}
	require.NoError(t, New().Replay([]byte("\x01")))
}
