package journal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// The names of files: a number of as many digits as any has, so that they sort.
const (
	segmentSuffix   = ".log"
	snapshotSuffix  = ".snapshot"
	temporarySuffix = ".tmp"
	lockName        = "lock"
)

func segmentName(n uint64) string  { return fmt.Sprintf("%020d%s", n, segmentSuffix) }
func snapshotName(n uint64) string { return fmt.Sprintf("%020d%s", n, snapshotSuffix) }

// parseName returns the number and the kind of a file, which is a suffix, or "" for a
// file that is not ours.
func parseName(name string) (n uint64, kind string) {
	kind = filepath.Ext(name)
	if name == temporaryName {
		return 0, kind
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(name, kind), 10, 64)
	if err != nil || n == 0 || name != segmentName(n) && name != snapshotName(n) {
		return 0, ""
	}
	return n, kind
}

// disk is the directory of a journal. Tests have one that loses power.
type disk interface {
	path(name string) string
	list() (names []string, err error)
	// open opens a file to read and to write.
	open(name string) (f file, size int64, err error)
	// create makes an empty file, in the place of one that is there.
	create(name string) (file, error)
	rename(from, to string) error
	remove(name string) error
	// sync has the names of files be on the disk.
	sync() error
}

type file interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.Seeker
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// osDisk is a directory of the operating system.
type osDisk struct{ dir string }

func (d osDisk) path(name string) string { return filepath.Join(d.dir, name) }

func (d osDisk) list() ([]string, error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (d osDisk) open(name string) (file, int64, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func (d osDisk) create(name string) (file, error) {
	return os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}

func (d osDisk) rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

func (d osDisk) remove(name string) error { return os.Remove(d.path(name)) }

func (d osDisk) sync() error { return syncDir(d.dir) }

// syncDir has the names in a directory be on the disk. Windows does so by itself, and
// knows no way to ask for it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// makeDir makes a directory, with those above it, that is there after a loss of power,
// unless there is one.
func makeDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("%s is not a directory", dir)
	case !os.IsNotExist(err):
		return err
	}
	above := filepath.Dir(dir)
	if err := makeDir(above); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	return syncDir(above)
}

// lockDir makes the directory, if there is none, and has it for this process alone.
func lockDir(dir string) (unlock func() error, err error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	f, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("cannot have %s to itself: %w", dir, err)
	}
	return f.Close, nil
}
