// Package script runs the Lua scripts of EVAL as Redis 7.0 does: what they find
// there, how values become replies, and the texts of errors. The language itself is
// gopher-lua's, with its own libraries replaced: they must neither take time nor
// memory that a small script can make huge, nor differ from Lua 5.1.
//
// A script holds the lock of the whole keyspace, so it is ended when it takes too
// much time, steps or memory; see Limits. What it has changed by then stays.
package script

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
)

// Limits end scripts. They cannot be caught by a script.
type Limits struct {
	Time   time.Duration // that one script takes
	Steps  int           // instructions of one script: inside testing/synctest time stands still
	Memory int           // bytes by which the heap of the program may have grown
	Text   int           // bytes of one script
	Kept   int           // bytes of all scripts that are kept
}

// DefaultLimits are for Stores.
var DefaultLimits = Limits{Time: 5 * time.Second, Steps: 1e9, Memory: 1 << 30, Text: 1 << 20, Kept: 64 << 20}

// Engine is a keyspace.Scripting. Scripts that only read may run side by side.
type Engine struct {
	limits    Limits
	functions functions // guarded by the Space's lock

	mu     sync.Mutex
	kept   map[string]*program // by name
	loaded int                 // bytes of those that SCRIPT LOAD keeps
	evals  []string            // names of those that only EVAL keeps, oldest first
	bytes  int                 // of those
	idle   []*machine
}

// New returns an Engine that knows no scripts.
func New(limits Limits) *Engine { return &Engine{limits: limits, kept: map[string]*program{}} }

func nameOf(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Load keeps a script until Flush.
func (e *Engine) Load(text string) (string, error) {
	p, err := e.find(text)
	if err != nil {
		return "", err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch old := e.kept[p.name]; {
	case old != nil && old.loaded:
		return p.name, nil
	case e.loaded+len(text) > e.limits.Kept:
		return "", fail("ERR scripts of %d bytes are loaded, and with %d more they are over the limit of %d", e.loaded, len(text), e.limits.Kept)
	}
	p.loaded = true
	e.loaded += len(text)
	e.kept[p.name] = p
	return p.name, nil
}

// Has reports whether a script is kept.
func (e *Engine) Has(name string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept[strings.ToLower(name)] != nil
}

// Flush forgets all scripts.
func (e *Engine) Flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.kept)
	e.evals, e.bytes, e.loaded = nil, 0, 0
}

// find returns the program of a text, which it compiles where it is new.
func (e *Engine) find(text string) (*program, error) {
	if len(text) > e.limits.Text {
		return nil, fail("ERR a script of %d bytes is over the limit of %d", len(text), e.limits.Text)
	}
	name := nameOf(text)
	e.mu.Lock()
	p := e.kept[name]
	e.mu.Unlock()
	if p != nil {
		return p, nil
	}
	return compileScript(name, text)
}

// keep has EVALSHA find a program that EVAL has brought, as long as not too many
// others come after it.
func (e *Engine) keep(p *program, size int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept[p.name] != nil {
		return
	}
	e.kept[p.name] = p
	p.size = size
	e.evals = append(e.evals, p.name)
	e.bytes += size
	for len(e.evals) > maxEvals || e.bytes > e.limits.Kept && len(e.evals) > 1 {
		if old := e.kept[e.evals[0]]; old != nil {
			e.bytes -= old.size
			if !old.loaded {
				delete(e.kept, old.name)
			}
		}
		e.evals = e.evals[1:]
	}
}

// maxEvals is how many scripts are kept that nobody has loaded.
const maxEvals = 500

// Run runs a script.
func (e *Engine) Run(s keyspace.Script, call *keyspace.Caller) (any, error) {
	p, err := e.program(s)
	if err != nil {
		return nil, err
	}
	switch {
	case p.flags == nil: // a script of the old kind
	case p.flags[noWrites]:
		call.ForbidWrites()
	case call.ReadOnly():
		return nil, errWritesInReadOnly
	}
	m := e.take()
	v, err := m.run(p, s.Keys, s.Args, call)
	e.give(m)
	return v, err
}

func (e *Engine) program(s keyspace.Script) (*program, error) {
	if s.Name != "" {
		e.mu.Lock()
		defer e.mu.Unlock()
		if p := e.kept[s.Name]; p != nil {
			return p, nil
		}
		return nil, keyspace.ErrNoScript
	}
	p, err := e.find(s.Text)
	if err == nil {
		e.keep(p, len(s.Text))
	}
	return p, err
}

// take returns a machine that nobody uses.
func (e *Engine) take() *machine {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.idle); n > 0 {
		m := e.idle[n-1]
		e.idle = e.idle[:n-1]
		return m
	}
	return newMachine(e.limits)
}

func (e *Engine) give(m *machine) {
	m.reset()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.idle) < maxIdle {
		e.idle = append(e.idle, m)
	}
}

// maxIdle is how many machines are kept: only scripts that read run side by side.
const maxIdle = 4

// fail is an error reply, on one line.
func fail(format string, a ...any) keyspace.Error {
	return keyspace.Error(oneLine.Replace(fmt.Sprintf(format, a...)))
}

var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

const errWritesInReadOnly = keyspace.Error("ERR Can not execute a script with write flag using *_ro command.")
