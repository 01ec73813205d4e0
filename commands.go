package znsocket

import (
	"context"
	"iter"
	"strconv"
	"time"
)

// Commands are the typed commands, under go-redis's names and with plain Go
// returns. *Store and *Client have them; NewCommands gives them to any other
// Commander. *Pipeline has the same without context and with Futures.
//
// Unless a method says otherwise, a missing key or member is ErrNil where one
// value is asked for, and an empty result without error where many are; a key
// of another type is ErrWrongType.
//
// There is a method for each command of Redis 7.0 that is about data. Of those that
// say the same in other words there is one: EXPIRE and PEXPIRE are Expire, GETSET is
// SetGet, HMSET is HSet, GEORADIUS is GeoSearch. What a method leaves out, Do has.
type Commands struct{ r runner }

// NewCommands returns the typed commands over c.
func NewCommands(c Commander) Commands { return Commands{runnerOf(c)} }

// call runs one command and reads its reply.
func call[T any](ctx context.Context, c Commands, as func(any) (T, error), a argv) (T, error) {
	var zero T
	if a.err != nil {
		return zero, a.err
	}
	v, err := c.r.run(ctx, a.words)
	if err != nil {
		return zero, err
	}
	return as(v)
}

// done is call for a command that says no more than that it was carried out.
func done(ctx context.Context, c Commands, a argv) error {
	_, err := call(ctx, c, asDone, a)
	return err
}

// held is done for a command with a condition; where that did not hold it is
// ErrNil.
func held(ctx context.Context, c Commands, a argv) error {
	_, err := call(ctx, c, asHeld, a)
	return err
}

// CmdOption is an optional word of a command with its value: NX, EX(time.Hour).
type CmdOption struct{ words []string }

// NX only sets what is not there yet.
func NX() CmdOption { return CmdOption{[]string{"NX"}} }

// XX only changes what is there already.
func XX() CmdOption { return CmdOption{[]string{"XX"}} }

// GT only changes to what is greater: a later expiry, a higher score.
func GT() CmdOption { return CmdOption{[]string{"GT"}} }

// LT only changes to what is less.
func LT() CmdOption { return CmdOption{[]string{"LT"}} }

// CH makes ZAdd count the members that changed, not only the new ones.
func CH() CmdOption { return CmdOption{[]string{"CH"}} }

// KeepTTL leaves a key's time to live as it is.
func KeepTTL() CmdOption { return CmdOption{[]string{"KEEPTTL"}} }

// EX lets the key live for d, to the millisecond.
func EX(d time.Duration) CmdOption {
	return CmdOption{[]string{"PX", strconv.FormatInt(d.Milliseconds(), 10)}}
}

// ExpireAt lets the key live until t.
func ExpireAt(t time.Time) CmdOption {
	return CmdOption{[]string{"PXAT", strconv.FormatInt(t.UnixMilli(), 10)}}
}

// Persist, of GetEx, takes a key's time to live away.
func Persist() CmdOption { return CmdOption{[]string{"PERSIST"}} }

// Limit skips offset results and gives at most count; -1 gives all.
func Limit(offset, count int64) CmdOption {
	return CmdOption{[]string{"LIMIT", strconv.FormatInt(offset, 10), strconv.FormatInt(count, 10)}}
}

// Weights multiplies the scores of a union or intersection, one a key.
func Weights(w ...float64) CmdOption {
	o := CmdOption{[]string{"WEIGHTS"}}
	for _, f := range w {
		o.words = append(o.words, formatFloat(f))
	}
	return o
}

// Aggregate is how a union or intersection joins scores: SUM, MIN or MAX.
func Aggregate(how string) CmdOption { return CmdOption{[]string{"AGGREGATE", how}} }

// Rank, of LPos, is which match to return; a negative one counts from the end.
func Rank(n int64) CmdOption { return option("RANK", n) }

// MaxLen, of LPos, is how many elements to look at; 0 is all.
func MaxLen(n int64) CmdOption { return option("MAXLEN", n) }

func option(word string, n int64) CmdOption {
	return CmdOption{[]string{word, strconv.FormatInt(n, 10)}}
}

// pages runs a SCAN command until its cursor is back at 0 and yields what items
// makes of each page.
func pages[T any](ctx context.Context, c Commands, before argv, after []string, items func(any) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := uint64(0); ; {
			a := before
			a.words = append(append(append([]string{}, before.words...), strconv.FormatUint(cursor, 10)), after...)
			p, err := call(ctx, c, asPage, a)
			var list []T
			if err == nil {
				list, err = items(p.items)
			}
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range list {
				if !yield(item, nil) {
					return
				}
			}
			if cursor = p.cursor; cursor == 0 {
				return
			}
		}
	}
}

func matching(match string) []string {
	if match == "" {
		return nil
	}
	return []string{"MATCH", match}
}
