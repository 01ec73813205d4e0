package znsocket

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
)

// Lists and dicts change in ways that Redis has no command for: see listops.go
// and dictops.go. There are three ways to make such a change, from the best to
// the last resort:
//
//   - a command of ours, which a Store and a Go server have;
//   - a script, on Redis;
//   - on a Python server, which has neither, a few commands: those that must
//     not be torn apart in one pipeline, with elements marked by a token that no
//     value can equal. They take no more than what Python's store knows, which
//     is one value or field a command.
//
// The first call finds out which way works. opsWay remembers it, shared by an
// object and those that come out of it.
type opsWay struct{ atomic.Int32 }

// next is the way to try next. An object that was never bound has none to
// remember.
func (w *opsWay) next() int32 {
	if w == nil {
		return wayNative
	}
	return w.Load()
}

const (
	wayNative = iota
	wayScript
	waySteps
)

//go:embed objectops.lua
var opsScript string

var opsScriptSum = func() string {
	sum := sha1.Sum([]byte(opsScript))
	return hex.EncodeToString(sum[:])
}()

// op is one change: our command for it, ZN.name with the key and its arguments,
// which the script takes too; and the steps. All three give the reply of the
// command.
type op struct {
	argv  []string
	steps func() (any, error)
}

func (o *object) do(ctx context.Context, change op) (any, error) {
	r := o.commands().r
	for {
		way := o.way.next()
		var v any
		var err error
		switch way {
		case wayNative:
			v, err = r.run(ctx, change.argv)
		case wayScript:
			v, err = runScript(ctx, r, change)
		default:
			return change.steps()
		}
		if !errors.Is(err, ErrUnknownCommand) {
			return v, err
		}
		o.way.CompareAndSwap(way, way+1)
	}
}

// runScript names the script by its sum and sends it only where it is not known
// yet.
func runScript(ctx context.Context, r runner, change op) (any, error) {
	argv := scriptOf(change)
	named := slices.Clone(argv)
	named[0], named[1] = "EVALSHA", opsScriptSum
	v, err := r.run(ctx, named)
	// redis-py, and with it a Python server, leaves the NOSCRIPT out.
	if err != nil && strings.Contains(err.Error(), "No matching script") {
		return r.run(ctx, argv)
	}
	return v, err
}

// scriptOf is the command that sends the script.
func scriptOf(change op) []string {
	name, key, args := strings.TrimPrefix(change.argv[0], "ZN."), change.argv[1], change.argv[2:]
	return append([]string{"EVAL", opsScript, "1", key, name, token()}, args...)
}

// unscripted is the command that the script is run for, and any other command as
// it is.
func unscripted(argv []string) []string {
	if len(argv) < 6 || !(argv[0] == "EVALSHA" && argv[1] == opsScriptSum || argv[0] == "EVAL" && argv[1] == opsScript) {
		return argv
	}
	return append([]string{"ZN." + argv[4], argv[3]}, argv[6:]...)
}

func token() string { return "znsocket.token:" + rand.Text() }

// runSteps runs a pipeline and gives the first error among its replies.
func (o *object) runSteps(ctx context.Context, steps [][]string) ([]Reply, error) {
	replies, err := o.commands().r.runMulti(ctx, steps)
	if err != nil {
		return nil, err
	}
	for _, reply := range replies {
		if reply.Err != nil {
			return nil, reply.Err
		}
	}
	return replies, nil
}
