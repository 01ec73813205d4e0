package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// content is what a journal's records come to: all of them, one a line. So a snapshot
// is the same text.
type content struct{ lines []string }

func (c *content) restore(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.lines = strings.Fields(string(text))
	return nil
}

func (c *content) replay(record []byte) error {
	c.lines = append(c.lines, string(record))
	return nil
}

func (c *content) save(w io.Writer) error {
	_, err := io.WriteString(w, strings.Join(c.lines, "\n"))
	return err
}

func (c *content) clone() *content { return &content{slices.Clone(c.lines)} }

// reopen opens the journal and returns what it has.
func reopen(t testing.TB, d disk, policy Sync) (*Journal, *content) {
	t.Helper()
	c := &content{}
	j, err := open(d, policy, c.restore, c.replay)
	require.NoError(t, err)
	j.unlock = func() error { return nil }
	t.Cleanup(func() { _ = j.Close() }) // of one that the test has left as a kill does
	return j, c
}

// log appends records and waits for them.
func (c *content) log(j *Journal, records ...string) error {
	for _, r := range records {
		j.Append([]byte(r))
		c.lines = append(c.lines, r)
	}
	return j.Wait(j.End())
}

func TestJournal_keepsRecords(t *testing.T) {
	for _, policy := range []Sync{SyncAlways, SyncEverySecond, SyncNever} {
		dir := filepath.Join(t.TempDir(), "a", "b")
		c := &content{}
		j, err := Open(dir, policy, c.restore, c.replay)
		require.NoError(t, err)
		require.NoError(t, c.log(j, "one", "two", strings.Repeat("x", 3*blockSize)))
		require.NoError(t, c.log(j, "three"))
		require.NoError(t, j.Close())
		require.ErrorIs(t, j.Close(), ErrClosed)
		j.Append([]byte("late"))
		require.ErrorIs(t, j.Wait(j.End()), ErrClosed)
		require.ErrorIs(t, j.Err(), ErrClosed)
		require.ErrorIs(t, j.Replace(c.save, func(publish func() error) error { return publish() }), ErrClosed)
		require.ErrorIs(t, j.Snapshot(j.Cut(), c.save), ErrClosed)
		require.NoFileExists(t, filepath.Join(dir, temporaryName))

		again := &content{}
		j, err = Open(dir, policy, again.restore, again.replay)
		require.NoError(t, err)
		require.Nil(t, j.Torn())
		require.Equal(t, c.lines, again.lines)
		require.NoError(t, j.Close())
	}
}

func TestJournal_isOneProcess(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(dir, SyncNever, nil, nil)
	require.NoError(t, err)
	_, err = Open(dir, SyncNever, nil, nil)
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, dir)
	require.NoError(t, j.Close())
	j, err = Open(dir, SyncNever, nil, nil)
	require.NoError(t, err)
	require.NoError(t, j.Close())
}

// Of those who wait one writes for all.
func TestJournal_writesForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const writers = 20
		d := newPowerDisk()
		j, _ := reopen(t, d, SyncAlways)
		goOn := make(chan struct{})
		syncs := 0
		d.broken = func(op, _ string) error {
			if op == "fsync" {
				syncs++
				<-goOn
			}
			return nil
		}
		for w := range writers {
			go func() {
				j.Append(fmt.Append(nil, w))
				assert.NoError(t, j.Wait(j.End()))
			}()
			synctest.Wait()
		}
		close(goOn)
		synctest.Wait()
		require.Equal(t, 2, syncs, "the first one's, and that of all who came meanwhile")
		_, c := reopen(t, d.unplugged(rand.New(rand.NewPCG(1, 1))), SyncAlways)
		require.Len(t, c.lines, writers)
		for w := range writers {
			require.Equal(t, fmt.Sprint(w), c.lines[w])
		}
	})
}

// A log that ends anywhere within its last block, or with anything but a block behind,
// is cut there.
func TestJournal_cutsTornTail(t *testing.T) {
	d := newPowerDisk()
	j, c := reopen(t, d, SyncNever)
	require.NoError(t, c.log(j, "one", "two"))
	whole := len(d.names[segmentName(1)].data)
	require.NoError(t, c.clone().log(j, "three", "four"))
	data := d.names[segmentName(1)].data
	for size := range len(data) {
		for _, end := range []string{"", "\x00\x00\x00", strings.Repeat("\x00", 100), "\x00\x00\x00garbage", string(data[:whole])} {
			if size < whole && end == string(data[:whole]) {
				continue // that may be right, or damaged in the middle
			}
			torn := d.killed()
			f := torn.names[segmentName(1)]
			f.data = append(slices.Clone(data[:size]), end...)
			want := c.lines
			if size < whole {
				want = nil
			}
			j, got := reopen(t, torn, SyncNever)
			require.Equal(t, want, got.lines, "%d bytes and %q", size, end)
			switch {
			case end == "" && (size == 0 || size == len(segmentMagic) || size == whole):
				require.Nil(t, j.Torn())
			default:
				require.NotNil(t, j.Torn(), "%d bytes and %q", size, end)
				require.Equal(t, int64(size+len(end)), j.Torn().Offset+j.Torn().Bytes)
				require.Contains(t, j.Torn().String(), segmentName(1))
			}
			require.NoError(t, got.log(j, "five"))
			j, again := reopen(t, torn.killed(), SyncNever)
			require.Equal(t, got.lines, again.lines)
			require.Nil(t, j.Torn())
		}
	}
}

// A bit that is another one is damage, and the place is told, where a block that is
// right follows.
func TestJournal_refusesDamage(t *testing.T) {
	d := newPowerDisk()
	j, c := reopen(t, d, SyncNever)
	for _, record := range []string{"one", "two", "three"} {
		require.NoError(t, c.log(j, record))
	}
	data := d.names[segmentName(1)].data
	block := headerSize + 1
	starts := []int{len(segmentMagic), len(segmentMagic) + block + len("one"), len(segmentMagic) + 2*block + len("onetwo")}
	for at := range starts[2] {
		for bit := range 8 {
			damaged := d.killed()
			damaged.names[segmentName(1)].data[at] ^= 1 << bit
			_, err := open(damaged, SyncNever, c.clone().restore, (&content{}).replay)
			if at == len(segmentMagic)-1 && bit > 0 {
				require.ErrorContains(t, err, "version")
				continue
			}
			var damage *DamageError
			require.ErrorAs(t, err, &damage, "byte %d", at)
			require.Equal(t, segmentName(1), damage.File)
			want := 0
			for _, start := range starts[:2] {
				if at >= start {
					want = start
				}
			}
			require.Equal(t, int64(want), damage.Offset, "byte %d", at)
			require.Equal(t, len(data), len(damaged.names[segmentName(1)].data), "nothing is changed")
		}
	}
}

// The block behind damage is found wherever it begins.
func TestJournal_refusesDamageOfLongBlock(t *testing.T) {
	for size := 1<<16 - 3*headerSize; size < 1<<16+headerSize; size++ {
		d := newPowerDisk()
		j, c := reopen(t, d, SyncNever)
		require.NoError(t, c.log(j, strings.Repeat("x", size)))
		require.NoError(t, c.log(j, "y"))
		d.names[segmentName(1)].data[len(segmentMagic)]++
		_, err := open(d, SyncNever, c.restore, c.replay)
		var damage *DamageError
		require.ErrorAs(t, err, &damage, "%d bytes", size)
	}
}

// Bytes of a log within a record are no block of it.
func TestJournal_recordsHoldLogs(t *testing.T) {
	d := newPowerDisk()
	j, c := reopen(t, d, SyncNever)
	require.NoError(t, c.log(j, "one"))
	whole := len(d.names[segmentName(1)].data)
	require.NoError(t, c.clone().log(j, string(d.names[segmentName(1)].data)))
	d.names[segmentName(1)].data = d.names[segmentName(1)].data[:len(d.names[segmentName(1)].data)-1]
	j, got := reopen(t, d, SyncNever)
	require.Equal(t, c.lines, got.lines)
	require.Equal(t, int64(whole), j.Torn().Offset)
}

func TestJournal_refusesMissingFiles(t *testing.T) {
	d := newPowerDisk()
	j, c := reopen(t, d, SyncNever)
	require.NoError(t, c.log(j, "one"))
	d.breaks("remove", errPower)
	for range 2 {
		require.ErrorIs(t, j.Snapshot(j.Cut(), c.clone().save), errPower)
	}
	for name, want := range map[string]string{
		snapshotName(3): segmentName(4), segmentName(3): segmentName(3),
	} {
		gone := d.killed()
		delete(gone.names, name)
		delete(gone.names, segmentName(1))
		if name == snapshotName(3) {
			delete(gone.names, snapshotName(2))
			want = segmentName(1)
		}
		_, err := open(gone, SyncNever, (&content{}).restore, (&content{}).replay)
		var damage *DamageError
		require.ErrorAs(t, err, &damage, name)
		require.Equal(t, want, damage.File)
	}
}

// Whatever happens at whatever step of a snapshot: what was waited for is there.
func TestJournal_powerLoss(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for left, more := 0, true; more; left++ {
		for try := range 16 {
			d, policy := newPowerDisk(), SyncAlways
			if try%4 == 3 {
				policy = SyncNever
			}
			j, c := reopen(t, d, policy)
			require.NoError(t, c.log(j, "one"))
			require.NoError(t, j.Snapshot(j.Cut(), c.clone().save))
			require.NoError(t, c.log(j, "two"))
			d.left = left
			acked := len(c.lines)
			segment, frozen := j.Cut(), c.clone()
			err := c.log(j, "three")
			if err == nil {
				acked++
				err = j.Snapshot(segment, frozen.save)
			}
			if err == nil {
				if err = c.log(j, "four"); err == nil {
					acked++
				}
			}
			more = err != nil
			next := d.unplugged(r)
			if try == 0 {
				next = d.killed()
			}
			j, got := reopen(t, next, SyncAlways)
			if policy == SyncAlways || try == 0 {
				require.GreaterOrEqual(t, len(got.lines), acked, "after %d operations", left)
			}
			require.Equal(t, c.lines[:len(got.lines)], got.lines, "after %d operations", left)
			require.NoError(t, got.log(j, "more"))
			require.NoError(t, j.Snapshot(j.Cut(), got.save))
			_, again := reopen(t, next.unplugged(r), SyncAlways)
			require.Equal(t, got.lines, again.lines)
		}
	}
}

// Replace is all or nothing, whenever the power goes.
func TestJournal_replace(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	other := &content{[]string{"quite", "different"}}
	for left := range 40 {
		for range 10 {
			d := newPowerDisk()
			j, c := reopen(t, d, SyncAlways)
			require.NoError(t, c.log(j, "one"))
			d.left = left
			err := j.Replace(other.save, func(publish func() error) error { return publish() })
			want := [][]string{c.lines, other.lines}
			if err == nil {
				want = want[1:]
				if got := other.clone(); got.log(j, "more") == nil {
					want = [][]string{got.lines}
				} else {
					want = append(want, got.lines)
				}
			}
			_, got := reopen(t, d.unplugged(r), SyncAlways)
			require.Contains(t, want, got.lines, "after %d operations", left)
		}
	}
}

var errFull = errors.New("no space left on device")

// A write that fails is an error to who waits for it, and what was waited for before
// stays. When there is room again it goes on.
func TestJournal_fullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newPowerDisk()
		j, c := reopen(t, d, SyncAlways)
		require.NoError(t, c.log(j, "one"))
		d.breaks("write", errFull)
		require.ErrorIs(t, c.log(j, "two"), errFull)
		require.ErrorIs(t, j.Err(), errFull)
		_, got := reopen(t, d.killed(), SyncAlways)
		require.Equal(t, c.lines[:1], got.lines)

		time.Sleep(retryAfter)
		require.ErrorIs(t, j.Err(), errFull)
		d.broken = nil
		require.ErrorIs(t, j.Err(), errFull, "it has just been tried")
		time.Sleep(retryAfter)
		require.NoError(t, j.Err())
		require.NoError(t, c.log(j, "three"))
		_, got = reopen(t, d.killed(), SyncAlways)
		require.Equal(t, c.lines, got.lines)
	})
}

// After a sync that failed nothing is promised any more.
func TestJournal_failedSync(t *testing.T) {
	for _, policy := range []Sync{SyncAlways, SyncEverySecond} {
		synctest.Test(t, func(t *testing.T) {
			d := newPowerDisk()
			j, c := reopen(t, d, policy)
			d.breaks("fsync", errFull)
			err := c.log(j, "one")
			if policy == SyncEverySecond {
				require.NoError(t, err)
				time.Sleep(time.Second)
				synctest.Wait()
			}
			d.breaks("", nil)
			time.Sleep(2 * retryAfter)
			require.ErrorIs(t, j.Err(), errFull)
			require.ErrorIs(t, c.log(j, "two"), errFull)
			require.ErrorIs(t, j.Close(), errFull)
		})
	}
}

func TestJournal_syncsEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newPowerDisk()
		j, c := reopen(t, d, SyncEverySecond)
		require.NoError(t, c.log(j, "one"))
		require.Len(t, d.synced(segmentName(1)), len(segmentMagic))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, d.written(segmentName(1)), d.synced(segmentName(1)))
		ops := d.ops
		time.Sleep(time.Minute)
		require.Equal(t, ops, d.ops, "there is nothing to sync")
		require.NoError(t, j.Close())
	})
}

// What nobody waits for, such as keys that have expired, does not gather in memory.
func TestJournal_writesEverySecond(t *testing.T) {
	for _, policy := range []Sync{SyncAlways, SyncEverySecond, SyncNever} {
		synctest.Test(t, func(t *testing.T) {
			d := newPowerDisk()
			j, _ := reopen(t, d, policy)
			j.Append([]byte("one"))
			time.Sleep(time.Second)
			synctest.Wait()
			after, c := reopen(t, d.killed(), policy)
			require.Equal(t, []string{"one"}, c.lines)
			require.NoError(t, after.Close())
			require.NoError(t, j.Close())
		})
	}
}

// A file is not closed while it is synced.
func TestJournal_rollsAfterSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newPowerDisk()
		j, c := reopen(t, d, SyncEverySecond)
		require.NoError(t, c.log(j, "one"))
		first := j.file.(*powerHandle)
		goOn := make(chan struct{})
		j.mu.Lock()
		j.file = &slowFile{powerHandle: first, goOn: goOn}
		j.mu.Unlock()
		time.Sleep(time.Second)
		synctest.Wait()
		j.Cut()
		go func() { assert.NoError(t, c.log(j, "two")) }()
		synctest.Wait()
		d.mu.Lock()
		require.False(t, first.closed)
		d.mu.Unlock()
		close(goOn)
		synctest.Wait()
		d.mu.Lock()
		require.True(t, first.closed)
		d.mu.Unlock()
		require.NoError(t, j.Err())
		require.NoError(t, j.Close())
	})
}

// slowFile is a file that takes its time to sync, once.
type slowFile struct {
	*powerHandle
	goOn chan struct{}
	once sync.Once
}

func (f *slowFile) Sync() error {
	slow := false
	f.once.Do(func() { slow = true })
	if slow {
		<-f.goOn
	}
	return f.powerHandle.Sync()
}

func TestJournal_sizes(t *testing.T) {
	d := newPowerDisk()
	j, c := reopen(t, d, SyncNever)
	require.NoError(t, c.log(j, "one", "two"))
	log, snapshot := j.Sizes()
	require.Equal(t, int64(len(d.names[segmentName(1)].data)), log)
	require.Zero(t, snapshot)
	require.NoError(t, j.Snapshot(j.Cut(), c.save))
	log, snapshot = j.Sizes()
	require.Equal(t, int64(len(segmentMagic)), log)
	require.Equal(t, int64(len("one\ntwo")), snapshot)
	require.NoError(t, c.log(j, "three"))
	wantLog, wantSnapshot := j.Sizes()
	j, _ = reopen(t, d.killed(), SyncNever)
	log, snapshot = j.Sizes()
	require.Equal(t, []int64{wantLog, wantSnapshot}, []int64{log, snapshot})
}

// A snapshot that cannot be written leaves all as it was.
func TestJournal_failedSnapshot(t *testing.T) {
	d := newPowerDisk()
	j, c := reopen(t, d, SyncNever)
	require.NoError(t, c.log(j, "one"))
	require.ErrorIs(t, j.Snapshot(j.Cut(), func(io.Writer) error { return errFull }), errFull)
	require.NoError(t, c.log(j, "two"))
	names, err := d.list()
	require.NoError(t, err)
	require.Equal(t, []string{segmentName(1), segmentName(2)}, names)
	_, got := reopen(t, d.killed(), SyncNever)
	require.Equal(t, c.lines, got.lines)
	require.NoError(t, j.Snapshot(j.Cut(), c.save))
	names, err = d.list()
	require.NoError(t, err)
	require.Equal(t, []string{segmentName(3), snapshotName(3)}, names)
}

// FuzzOpen opens a directory whose log is anything. It is read, cut or refused, and
// never takes more memory than it has bytes, but for some.
func FuzzOpen(f *testing.F) {
	d := newPowerDisk()
	j, c := reopen(f, d, SyncNever)
	require.NoError(f, c.log(j, "one", "two"))
	require.NoError(f, c.log(j, "three"))
	f.Add(d.names[segmentName(1)].data)
	f.Add([]byte(segmentMagic))
	f.Add([]byte("znlog\x00\x00\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := newPowerDisk()
		d.names[segmentName(1)] = &powerFile{data: bytes.Clone(data), safe: bytes.Clone(data)}
		c := &content{}
		j, err := open(d, SyncNever, c.restore, c.replay)
		if err != nil {
			return
		}
		j.unlock = func() error { return nil }
		require.NoError(t, c.log(j, "more"))
		require.NoError(t, j.Close())
		_, again := reopen(t, d, SyncNever)
		require.Equal(t, c.lines, again.lines)
	})
}

func TestOpen_leavesOthersFilesAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1.log", "notes.log", "0.snapshot", "x.tmp", "README"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600))
	}
	j, err := Open(dir, SyncNever, nil, nil)
	require.NoError(t, err)
	require.NoError(t, j.Close())
	for _, name := range []string{"1.log", "notes.log", "0.snapshot", "x.tmp", "README"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, name, string(text))
	}
}
