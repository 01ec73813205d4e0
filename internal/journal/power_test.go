package journal

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
)

// powerDisk is a disk that loses power, at any moment that a test chooses. Of what was
// not synced then any part may be there: of a file the first bytes, or zeros in the
// place of the last, and of names either the old or the new ones.
type powerDisk struct {
	mu     sync.Mutex
	names  map[string]*powerFile
	safe   map[string]*powerFile // the names that are on the disk
	left   int                   // operations until the power is gone; -1 is for ever
	ops    int
	broken func(op, name string) error // fails an operation
}

type powerFile struct {
	data []byte
	safe []byte // what is on the disk
}

var errPower = errors.New("the power is gone")

func newPowerDisk() *powerDisk {
	return &powerDisk{names: map[string]*powerFile{}, safe: map[string]*powerFile{}, left: -1}
}

// do counts an operation, which the power may not last for.
func (d *powerDisk) do(op, name string) error {
	if d.left == 0 {
		return errPower
	}
	if d.left > 0 {
		d.left--
	}
	d.ops++
	if d.broken != nil {
		return d.broken(op, name)
	}
	return nil
}

// killed is the disk as the next process finds it when this one was killed: all that
// was written is there.
func (d *powerDisk) killed() *powerDisk {
	next := newPowerDisk()
	for name, f := range d.names {
		data := slices.Clone(f.data)
		next.names[name] = &powerFile{data, data}
		next.safe[name] = next.names[name]
	}
	return next
}

// unplugged is the disk as it is found after a loss of power.
func (d *powerDisk) unplugged(r *rand.Rand) *powerDisk {
	names := d.safe
	if r.IntN(2) == 0 {
		names = d.names
	}
	next := newPowerDisk()
	for name, f := range names {
		data := slices.Clone(f.safe)
		if len(f.data) > len(f.safe) {
			data = slices.Clone(f.data[:len(f.safe)+r.IntN(len(f.data)-len(f.safe)+1)])
			if r.IntN(2) == 0 {
				clear(data[len(f.safe)+r.IntN(len(data)-len(f.safe)+1):])
			}
		}
		next.names[name] = &powerFile{data, slices.Clone(data)}
		next.safe[name] = next.names[name]
	}
	return next
}

func (d *powerDisk) path(name string) string { return name }

func (d *powerDisk) list() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.names)), nil
}

func (d *powerDisk) open(name string) (file, int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.names[name]
	if f == nil {
		return nil, 0, fs.ErrNotExist
	}
	return &powerHandle{disk: d, name: name, file: f}, int64(len(f.data)), nil
}

func (d *powerDisk) create(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.do("create", name); err != nil {
		return nil, err
	}
	f := d.names[name]
	if f == nil {
		f = &powerFile{}
		d.names[name] = f
	}
	f.data, f.safe = nil, nil
	return &powerHandle{disk: d, name: name, file: f}, nil
}

func (d *powerDisk) rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.do("rename", from); err != nil {
		return err
	}
	d.names[to] = d.names[from]
	delete(d.names, from)
	return nil
}

func (d *powerDisk) remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.do("remove", name); err != nil {
		return err
	}
	delete(d.names, name)
	return nil
}

func (d *powerDisk) sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.do("sync", ""); err != nil {
		return err
	}
	d.safe = maps.Clone(d.names)
	return nil
}

type powerHandle struct {
	disk *powerDisk
	name string
	file *powerFile
	at   int64

	closed bool
}

func (h *powerHandle) Read(p []byte) (int, error) {
	n, err := h.ReadAt(p, h.at)
	h.at += int64(n)
	return n, err
}

func (h *powerHandle) ReadAt(p []byte, at int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if at >= int64(len(h.file.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.file.data[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Write leaves a part of what it is told where it fails.
func (h *powerHandle) Write(p []byte) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	err := h.disk.do("write", h.name)
	if err != nil {
		p = p[:len(p)/2]
	}
	h.file.data = append(slices.Clone(h.file.data[:h.at]), p...)
	h.at += int64(len(p))
	return len(p), err
}

func (h *powerHandle) Seek(at int64, whence int) (int64, error) {
	if whence == io.SeekStart {
		h.at = at
	}
	return h.at, nil
}

func (h *powerHandle) Close() error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.closed = true
	return nil
}

func (h *powerHandle) Sync() error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.do("fsync", h.name); err != nil {
		return err
	}
	if h.closed {
		return fs.ErrClosed
	}
	h.file.safe = slices.Clone(h.file.data)
	return nil
}

func (h *powerHandle) Truncate(size int64) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.do("truncate", h.name); err != nil {
		return err
	}
	h.file.data = slices.Clone(h.file.data[:size])
	if len(h.file.safe) > int(size) {
		h.file.safe = h.file.safe[:size]
	}
	return nil
}

// written is what a file has, and synced what of it is on the disk.
func (d *powerDisk) written(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.names[name].data)
}

func (d *powerDisk) synced(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.names[name].safe)
}

// breaks has an operation fail, and mends all others.
func (d *powerDisk) breaks(broken string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = func(op, _ string) error {
		if op == broken {
			return err
		}
		return nil
	}
}
