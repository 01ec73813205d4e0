package script

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"time"
)

// meter ends a script that takes too much. gopher-lua looks at the context of a
// state before each instruction: so a context can count them.
type meter struct {
	limits Limits
	steps  int // so far
	next   int // when to look again, in steps
	until  time.Time
	made   int   // bytes since the heap was looked at
	heap   int64 // as it was when it was looked at first
	err    error // why the script is over
}

func (m *meter) begin() {
	*m = meter{limits: m.limits}
	m.next = min(lookEvery, m.limits.Steps)
	m.until = time.Now().Add(m.limits.Time)
}

// lookEvery is how many steps there are between looks at the clock. Each may have
// made a table.
const (
	lookEvery = 1 << 14
	stepBytes = 256
	lookBytes = 32 << 20
)

// Done is called before each instruction. A channel that is nil says that there is
// nothing.
func (m *meter) Done() <-chan struct{} {
	m.steps++
	if m.steps < m.next {
		return nil
	}
	return m.look()
}

func (m *meter) look() <-chan struct{} {
	m.clock()
	if m.steps >= m.next {
		m.check()
	}
	if m.err != nil {
		return closed
	}
	return nil
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func (m *meter) Err() error { return m.err }

func (m *meter) Deadline() (time.Time, bool) { return time.Time{}, false }

func (m *meter) Value(any) any { return nil }

// work counts what is done for a script outside of it, and reports whether it must
// end.
func (m *meter) work(steps int) error {
	m.steps += steps
	if m.steps >= m.next {
		m.check()
	}
	return m.err
}

// grow counts bytes that are about to be made, and reports whether the script must
// end instead.
func (m *meter) grow(bytes int) error {
	if bytes > m.limits.Memory {
		m.end(errors.New(tooMuchMemory(m.limits.Memory)))
		return m.err
	}
	m.made += bytes
	if m.made > lookBytes {
		m.checkHeap(bytes)
	}
	return m.err
}

func (m *meter) check() {
	if m.clock(); m.err != nil {
		return
	}
	if m.steps >= m.limits.Steps {
		m.end(fmt.Errorf("the script is over the limit of %d steps, and was ended; what it has changed stays", m.limits.Steps))
		return
	}
	m.next = min(m.steps+lookEvery, m.limits.Steps)
	m.grow(lookEvery * stepBytes)
}

// clock ends the script where its time is over.
func (m *meter) clock() {
	if m.err == nil && time.Now().After(m.until) {
		m.end(fmt.Errorf("the script is over the limit of %v, and was ended; what it has changed stays", m.limits.Time))
	}
}

func (m *meter) checkHeap(bytes int) {
	m.made = 0
	if m.clock(); m.err != nil { // to make much takes time, in few steps
		return
	}
	if m.heap == 0 {
		m.heap = heapSize()
	}
	limit := m.heap + int64(m.limits.Memory) - int64(bytes)
	if heapSize() <= limit {
		return
	}
	runtime.GC() // much of it may be garbage
	if heapSize() > limit {
		m.end(errors.New(tooMuchMemory(m.limits.Memory)))
	}
}

func tooMuchMemory(limit int) string {
	return fmt.Sprintf("the script is over the limit of %d bytes of memory, and was ended; what it has changed stays", limit)
}

// end has the script end at its next instruction, and at each after it.
func (m *meter) end(err error) {
	m.err, m.next = err, 0
}

func heapSize() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
