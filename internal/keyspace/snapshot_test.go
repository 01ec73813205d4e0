package keyspace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// image is all that databases hold, in order.
func image(dbs *[Databases]data) (lines []string) {
	still := New()
	still.SetTime(time.UnixMilli(0)) // nothing is over
	for i := range dbs {
		db := &DB{space: still, index: i, data: dbs[i]}
		db.keys.each(func(key string, it *item) bool {
			payload, err := dump(db, Args{"DUMP", key})
			lines = append(lines, fmt.Sprintf("%d %q %d %T %x %v", i, key, it.expire, it.obj, payload, err))
			return true
		})
	}
	return lines
}

func (s *Space) image() []string {
	var dbs [Databases]data
	for i, db := range s.dbs {
		dbs[i] = db.data
	}
	return image(&dbs)
}

// snapshots are taken, looked at and restored while a Space runs commands.
type snapshots struct {
	t     *testing.T
	r     *rand.Rand
	space *Space
	taken []*Snapshot
	are   [][]string
}

func (s *snapshots) run(db int, argv []string) {
	s.t.Helper()
	s.space.Do(db, argv)
	for i, snap := range s.taken {
		if !slices.Equal(s.are[i], image(&snap.dbs)) {
			require.Equal(s.t, s.are[i], image(&snap.dbs), "%q", argv)
		}
	}
	switch s.r.IntN(6) {
	case 0:
		if len(s.taken) == 3 {
			i := s.r.IntN(3)
			s.taken, s.are = slices.Delete(s.taken, i, i+1), slices.Delete(s.are, i, i+1)
		}
		s.space.Advance(0) // drops what is over
		s.taken, s.are = append(s.taken, s.space.Snapshot()), append(s.are, s.space.image())
	case 1:
		if len(s.taken) > 0 && s.r.IntN(4) == 0 {
			i := s.r.IntN(len(s.taken))
			s.taken[i].Restore()
			require.Equal(s.t, s.are[i], s.space.image())
			require.NoError(s.t, s.space.Check())
		}
	}
}

// TestSnapshot_everyCommand runs all scripts, and random commands: nothing that a command
// does is seen in a Snapshot that was taken before.
func TestSnapshot_everyCommand(t *testing.T) {
	newSnapshots := func(t *testing.T) *snapshots {
		space := checked(t)
		space.SetTime(time.UnixMilli(1_700_000_000_000)) // lest a key expire between two looks
		return &snapshots{t: t, r: rand.New(rand.NewPCG(3, 0)), space: space}
	}
	for _, file := range files(t, "scripts") {
		t.Run(file, func(t *testing.T) {
			s := newSnapshots(t)
			db := 0
			for _, line := range lines(t, file) {
				if line == "" || line[0] == '#' {
					continue
				}
				argv, err := splitWords(line)
				require.NoError(t, err)
				if argv[0] == "SELECT" {
					if n, err := strconv.Atoi(argv[1]); err == nil && n < Databases {
						db = n
					}
					continue
				}
				s.run(db, argv)
			}
		})
	}
	t.Run("random", func(t *testing.T) {
		templates := templates(t)
		s := newSnapshots(t)
		d := dice{s.r}
		for range *randomOps {
			s.run(0, d.command(templates))
		}
	})
}

// TestSnapshot_large changes containers that lie in many pages, and a database of many
// keys.
func TestSnapshot_large(t *testing.T) {
	s := checked(t)
	const n = 3000
	for i := range n {
		key := strconv.Itoa(i)
		do(t, s, "SET "+key+" v PX 100000", "HSET hash "+key+" v", "SADD set "+key, "ZADD zset "+key+" "+key, "RPUSH list "+key, "XADD stream "+key+"-1 f v")
	}
	do(t, s, "XGROUP CREATE stream g 0", "XREADGROUP GROUP g c COUNT 10 STREAMS stream >")
	snap, is := s.Snapshot(), s.image()
	for i := range n {
		key := strconv.Itoa(i)
		switch i % 3 {
		case 0:
			do(t, s, "DEL "+key, "HDEL hash "+key, "SREM set "+key, "ZREM zset "+key, "LPOP list", "XDEL stream "+key+"-1")
		case 1:
			do(t, s, "APPEND "+key+" more", "HSET hash "+key+" w", "SADD set x"+key, "ZADD zset 7 "+key, "LSET list 5 x", "XACK stream g "+key+"-1")
		}
		if i%500 == 0 {
			require.Equal(t, is, image(&snap.dbs))
		}
	}
	require.NotEqual(t, is, s.image())
	snap.Restore()
	require.Equal(t, is, s.image())
	do(t, s, "FLUSHALL")
	snap.Restore()
	require.Equal(t, is, s.image())
}

func TestSnapshot_clock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := checked(t)
		do(t, s, "SET k v EX 100", "SET soon v EX 10")
		snap := s.Snapshot()
		s.Advance(time.Hour)
		require.Nil(t, do(t, s, "GET k"))
		time.Sleep(20 * time.Second)
		snap.Restore()
		require.Equal(t, int64(80), do(t, s, "TTL k"))
		requireKept(t, s, 1) // soon is over
		s.SetTime(time.Unix(1, 0))
		snap.Restore()
		time.Sleep(79 * time.Second)
		require.Equal(t, int64(1), do(t, s, "TTL k"))
		time.Sleep(2 * time.Second)
		requireKept(t, s, 0) // swept
	})
}

func TestSnapshot_Restore_isAChange(t *testing.T) {
	s := checked(t)
	do(t, s, "RPUSH list a")
	snap := s.Snapshot()
	do(t, s, "DEL list", "SET new v")
	deleted, made, other := s.Watch(), s.Watch(), s.Watch()
	deleted.Add(0, "list")
	made.Add(0, "new")
	other.Add(0, "other")
	cmd, err := Find([]string{"BLPOP"})
	require.NoError(t, err)
	_, w, err := s.RunOrWait(0, cmd, []string{"BLPOP", "list", "0"})
	require.NoError(t, err)
	snap.Restore()
	<-w.Done
	nothing := func(func(int, *Command, []string) (any, error)) {}
	require.False(t, s.Exec(deleted, nothing))
	require.False(t, s.Exec(made, nothing))
	require.True(t, s.Exec(other, nothing))
}
