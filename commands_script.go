package znsocket

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
)

// These run Lua in the server, with nothing else in between. What a script returns
// comes as Commander says: a number is an int64 without its fraction, true is 1, and
// nil and false are nil, which is no error here. An error that it returns, or that
// ends it, is an *Error. The scripts of a Store are limited in time, steps and memory.

// Eval runs a script with KEYS and ARGV.
func (c Commands) Eval(ctx context.Context, script string, keys []string, args ...any) (any, error) {
	return call(ctx, c, asAny, numbered(words("EVAL", script), keys).vals(args...))
}

// EvalSha runs a script that the server has, by its SHA-1 in hexadecimal: from Eval or
// ScriptLoad. One that it has not is ErrNoScript.
func (c Commands) EvalSha(ctx context.Context, sha string, keys []string, args ...any) (any, error) {
	return call(ctx, c, asAny, numbered(words("EVALSHA", sha), keys).vals(args...))
}

// EvalRO is Eval for a script that only reads: what writes fails in it.
func (c Commands) EvalRO(ctx context.Context, script string, keys []string, args ...any) (any, error) {
	return call(ctx, c, asAny, numbered(words("EVAL_RO", script), keys).vals(args...))
}

// EvalShaRO is EvalSha for a script that only reads.
func (c Commands) EvalShaRO(ctx context.Context, sha string, keys []string, args ...any) (any, error) {
	return call(ctx, c, asAny, numbered(words("EVALSHA_RO", sha), keys).vals(args...))
}

// ScriptLoad has the server keep a script without running it, and returns its SHA-1.
func (c Commands) ScriptLoad(ctx context.Context, script string) (string, error) {
	return call(ctx, c, asText, words("SCRIPT", "LOAD", script))
}

// ScriptExists reports of each SHA-1 whether the server has the script.
func (c Commands) ScriptExists(ctx context.Context, shas ...string) ([]bool, error) {
	return call(ctx, c, asBools, words("SCRIPT", "EXISTS").strs(shas...))
}

// ScriptFlush has the server forget all scripts.
func (c Commands) ScriptFlush(ctx context.Context) error {
	return done(ctx, c, words("SCRIPT", "FLUSH"))
}

// ScriptKill ends the script that runs, if it has changed nothing yet. Where none does
// it is an error that begins with NOTBUSY.
func (c Commands) ScriptKill(ctx context.Context) error {
	return done(ctx, c, words("SCRIPT", "KILL"))
}

// Script is a script that is sent once and then called by its SHA-1.
type Script struct{ source, sha string }

// NewScript returns a Script of Lua.
func NewScript(source string) *Script {
	sum := sha1.Sum([]byte(source))
	return &Script{source, hex.EncodeToString(sum[:])}
}

// Run runs the script with KEYS and ARGV, as Eval does. A server that does not have it
// is sent it.
func (s *Script) Run(ctx context.Context, c Commander, keys []string, args ...any) (any, error) {
	v, err := NewCommands(c).EvalSha(ctx, s.sha, keys, args...)
	if errors.Is(err, ErrNoScript) {
		return NewCommands(c).Eval(ctx, s.source, keys, args...)
	}
	return v, err
}
