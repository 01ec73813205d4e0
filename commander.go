package znsocket

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Commander runs Redis commands. *Store, *Client and CommanderFunc are
// Commanders, and the objects (List, Dict) work over any of them.
//
// A reply is nil, a string, an int64, a float64, a []any or a map[string]any; a
// missing key is (nil, nil), which the typed methods turn into ErrNil. A command
// that is refused gives an *Error with Redis's text.
type Commander interface {
	// Do runs one command, its name first. Arguments are strings, []byte,
	// numbers, bools (as 0 and 1), time.Durations (as seconds) or
	// encoding.TextMarshalers.
	Do(ctx context.Context, args ...any) (any, error)
	// DoMulti runs commands in one round trip, and on a Store atomically. Each
	// fails or succeeds by itself; the error is for a failure of the whole,
	// such as a lost connection. A context that ends while a Store is at it
	// ends it between two commands: those that are left fail with its error.
	DoMulti(ctx context.Context, cmds ...Cmd) ([]Reply, error)
}

// Cmd is one command of a DoMulti, its name first.
type Cmd []any

// Words returns the command as the texts that travel; see Commander.Do. A value
// that has no such form is a DataError.
func (cmd Cmd) Words() ([]string, error) {
	a := words().vals(cmd...)
	return a.words, a.err
}

// Reply is the answer to one command of a DoMulti.
type Reply struct {
	Val any
	Err error
}

// CommanderFunc makes a Commander of a function, such as one that calls a Redis
// client. An error that reads as a reply of Redis becomes an *Error. Its DoMulti
// calls the function for each command in turn.
type CommanderFunc func(ctx context.Context, args ...any) (any, error)

// Do calls f.
func (f CommanderFunc) Do(ctx context.Context, args ...any) (any, error) {
	v, err := f(ctx, args...)
	if err != nil {
		return nil, responseError(err)
	}
	return v, nil
}

// DoMulti calls f for each command until the context ends.
func (f CommanderFunc) DoMulti(ctx context.Context, cmds ...Cmd) ([]Reply, error) {
	replies := make([]Reply, len(cmds))
	for i, cmd := range cmds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		replies[i].Val, replies[i].Err = f.Do(ctx, cmd...)
	}
	return replies, nil
}

// runner is how the typed methods and the objects reach a Commander: words in,
// and out a reply of one of the kinds in internal/keyspace/reply.go or of those
// that Commander names. Store and Client are runners themselves, so nothing is
// boxed on the way; any other Commander is wrapped as foreign.
type runner interface {
	run(ctx context.Context, argv []string) (any, error)
	runMulti(ctx context.Context, cmds [][]string) ([]Reply, error)
}

func runnerOf(c Commander) runner {
	if r, ok := c.(runner); ok {
		return r
	}
	return foreign{c}
}

type foreign struct{ Commander }

func (f foreign) run(ctx context.Context, argv []string) (any, error) {
	v, err := f.Do(ctx, boxed(argv)...)
	if err != nil {
		return nil, responseError(err)
	}
	return v, nil
}

func (f foreign) runMulti(ctx context.Context, cmds [][]string) ([]Reply, error) {
	multi := make([]Cmd, len(cmds))
	for i, argv := range cmds {
		multi[i] = boxed(argv)
	}
	replies, err := f.DoMulti(ctx, multi...)
	if err != nil {
		return nil, responseError(err)
	}
	if len(replies) != len(cmds) {
		return nil, fmt.Errorf("znsocket: %T gave %d replies to %d commands", f.Commander, len(replies), len(cmds))
	}
	for i := range replies {
		if replies[i].Err != nil {
			replies[i].Err = responseError(replies[i].Err)
		}
	}
	return replies, nil
}

// runRest runs the commands that answer has no reply for.
func runRest(ctx context.Context, r runner, cmds [][]string, answer func(argv []string) (reply Reply, answered bool, err error)) ([]Reply, error) {
	replies := make([]Reply, len(cmds))
	var rest [][]string
	var at []int
	for i, argv := range cmds {
		reply, answered, err := answer(argv)
		switch {
		case err != nil:
			return nil, err
		case answered:
			replies[i] = reply
		default:
			rest, at = append(rest, argv), append(at, i)
		}
	}
	if len(rest) == 0 {
		return replies, nil
	}
	ran, err := r.runMulti(ctx, rest)
	if err != nil {
		return nil, err
	}
	for i := range ran {
		replies[at[i]] = ran[i]
	}
	return replies, nil
}

func boxed(argv []string) Cmd {
	cmd := make(Cmd, len(argv))
	for i, w := range argv {
		cmd[i] = w
	}
	return cmd
}

// doWith and doMultiWith are Do and DoMulti of whoever is a runner.
func doWith(ctx context.Context, r runner, args []any) (any, error) {
	words, err := Cmd(args).Words()
	if err != nil {
		return nil, err
	}
	v, err := r.run(ctx, words)
	return plain(v), err
}

func doMultiWith(ctx context.Context, r runner, cmds []Cmd) ([]Reply, error) {
	argvs := make([][]string, len(cmds))
	for i, cmd := range cmds {
		var err error
		if argvs[i], err = cmd.Words(); err != nil {
			return nil, err
		}
	}
	replies, err := r.runMulti(ctx, argvs)
	for i := range replies {
		replies[i].Val = plain(replies[i].Val)
	}
	return replies, err
}

// argv builds the words of a command. The first value that has no form as a
// word is kept as err and refused when the command is run.
type argv struct {
	words []string
	err   error
}

func words(w ...string) argv { return argv{words: w} }

func (a argv) strs(w ...string) argv {
	a.words = append(a.words, w...)
	return a
}

func (a argv) num(n int64) argv { return a.strs(strconv.FormatInt(n, 10)) }

func (a argv) float(f float64) argv { return a.strs(formatFloat(f)) }

func (a argv) vals(vs ...any) argv {
	for _, v := range vs {
		w, err := word(v)
		if err != nil && a.err == nil {
			a.err = err
		}
		a.words = append(a.words, w)
	}
	return a
}

// when appends words that are there only if on.
func (a argv) when(on bool, w ...string) argv {
	if on {
		return a.strs(w...)
	}
	return a
}

// positive appends a word with a number, unless that is 0 or less.
func (a argv) positive(word string, n int64) argv {
	if n > 0 {
		return a.strs(word).num(n)
	}
	return a
}

func (a argv) opts(opts []CmdOption) argv {
	for _, o := range opts {
		a.words = append(a.words, o.words...)
	}
	return a
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// word writes a value as Redis clients do: numbers in decimal, bools as 1 and 0,
// durations in seconds.
func word(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case int8:
		return strconv.FormatInt(int64(v), 10), nil
	case int16:
		return strconv.FormatInt(int64(v), 10), nil
	case int32:
		return strconv.FormatInt(int64(v), 10), nil
	case uint:
		return strconv.FormatUint(uint64(v), 10), nil
	case uint8:
		return strconv.FormatUint(uint64(v), 10), nil
	case uint16:
		return strconv.FormatUint(uint64(v), 10), nil
	case uint32:
		return strconv.FormatUint(uint64(v), 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case float64:
		return formatFloat(v), nil
	case bool:
		if v {
			return "1", nil
		}
		return "0", nil
	case time.Duration:
		return formatFloat(v.Seconds()), nil
	case interface{ MarshalText() ([]byte, error) }:
		text, err := v.MarshalText()
		return string(text), err
	}
	return "", &Error{KindData, fmt.Sprintf("Invalid input of type: '%T'. Convert to a []byte, string, int or float first.", v)}
}
