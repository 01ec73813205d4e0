package main

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// logWriter passes log lines on without ever waiting for whoever reads them: a
// full pipe must not stop an answer to a client. Lines that find no room are
// counted, and the count is written when there is room again.
type logWriter struct {
	lines   chan []byte
	dropped atomic.Int64
	done    chan struct{}
}

const (
	logLines     = 1024
	closeTimeout = time.Second
)

func newLogWriter(w io.Writer) *logWriter {
	l := &logWriter{lines: make(chan []byte, logLines), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for line := range l.lines {
			if n := l.dropped.Swap(0); n > 0 {
				fmt.Fprintf(w, "%d log lines were dropped: nobody read them in time\n", n)
			}
			w.Write(line)
		}
	}()
	return l
}

// Write takes one line.
func (l *logWriter) Write(line []byte) (int, error) {
	select {
	case l.lines <- bytes.Clone(line):
	default:
		l.dropped.Add(1)
	}
	return len(line), nil
}

// Close waits for what is left to be written, but not for a reader that has
// stopped reading. Nothing is written after it.
func (l *logWriter) Close() error {
	close(l.lines)
	select {
	case <-l.done:
	case <-time.After(closeTimeout):
	}
	return nil
}
