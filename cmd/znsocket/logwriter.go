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
	w       io.Writer
	lines   chan []byte
	dropped atomic.Int64
	closing chan struct{}
	done    chan struct{} // closed when nothing is written any more
}

const (
	logLines     = 1024
	longestLine  = 4 << 10
	closeTimeout = time.Second
)

func newLogWriter(w io.Writer) *logWriter {
	l := &logWriter{w: w, lines: make(chan []byte, logLines), closing: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *logWriter) run() {
	defer close(l.done)
	for {
		select {
		case line := <-l.lines:
			l.pass(line)
		case <-l.closing:
			for len(l.lines) > 0 {
				l.pass(<-l.lines)
			}
			return
		}
	}
}

func (l *logWriter) pass(line []byte) {
	if n := l.dropped.Swap(0); n > 0 {
		fmt.Fprintf(l.w, "%d log lines were dropped: nobody read them in time\n", n)
	}
	l.w.Write(line)
}

// Write takes one line.
func (l *logWriter) Write(line []byte) (int, error) {
	select {
	case l.lines <- bytes.Clone(cut(line)):
	default:
		l.dropped.Add(1)
	}
	return len(line), nil
}

// cut shortens a line that quotes too much.
func cut(line []byte) []byte {
	if len(line) <= longestLine {
		return line
	}
	return append(bytes.Clone(line[:longestLine]), "…\n"...)
}

// Close waits for what is left to be written, but not for a reader that has
// stopped reading. What comes after it is lost.
func (l *logWriter) Close() error {
	close(l.closing)
	select {
	case <-l.done:
	case <-time.After(closeTimeout):
	}
	return nil
}
