package znsocket

import (
	"context"
	"slices"
	"strings"
	"time"
)

// XAddArgs is an entry for XAdd.
type XAddArgs struct {
	Stream string
	ID     string // "" is "*": the server gives one
	Values []any  // fields and values in turn

	NoMkStream bool // only into a stream that exists

	// What is trimmed away with it: all but MaxLen entries, or those with lower
	// IDs than MinID. Approx may leave some more, which is faster, and looks at
	// no more than Limit entries; 0 is the server's default.
	MaxLen int64
	MinID  string
	Approx bool
	Limit  int64
}

// XMessage is an entry of a stream. Of a field that is there twice it has the
// last value. Values is nil where the entry is pending but was deleted.
type XMessage struct {
	ID     string
	Values map[string]string
}

// XStream is the entries of one stream.
type XStream struct {
	Stream   string
	Messages []XMessage
}

// XReadArgs says what XRead reads.
type XReadArgs struct {
	Streams []string // the streams, and then for each the ID after which to begin; "$" is what is new from now on
	Count   int64    // at most so many entries of each stream; 0 is all
	Block   time.Duration
}

// XAdd appends an entry and returns its ID; ErrNil where NoMkStream keeps it out.
func (c Commands) XAdd(ctx context.Context, a XAddArgs) (string, error) {
	return call(ctx, c, asText, a.words())
}

// XLen counts the entries.
func (c Commands) XLen(ctx context.Context, stream string) (int64, error) {
	return call(ctx, c, asInt, words("XLEN", stream))
}

// XRange returns the entries from the ID start to stop, both included: "-" and "+"
// are the first and the last, "(" before an ID leaves it out.
func (c Commands) XRange(ctx context.Context, stream, start, stop string) ([]XMessage, error) {
	return call(ctx, c, asMessages, words("XRANGE", stream, start, stop))
}

// XRangeN is XRange for at most count entries.
func (c Commands) XRangeN(ctx context.Context, stream, start, stop string, count int64) ([]XMessage, error) {
	return call(ctx, c, asMessages, words("XRANGE", stream, start, stop, "COUNT").num(count))
}

// XRevRange returns the entries from the ID start down to stop.
func (c Commands) XRevRange(ctx context.Context, stream, start, stop string) ([]XMessage, error) {
	return call(ctx, c, asMessages, words("XREVRANGE", stream, start, stop))
}

// XRevRangeN is XRevRange for at most count entries.
func (c Commands) XRevRangeN(ctx context.Context, stream, start, stop string, count int64) ([]XMessage, error) {
	return call(ctx, c, asMessages, words("XREVRANGE", stream, start, stop, "COUNT").num(count))
}

// XRead returns the entries behind the IDs of a, of those streams that have such, in
// the order of a. Where there is none it waits up to a.Block, and without end where
// that is negative; with 0, which go-redis takes for that, it does not wait. Nothing
// in time is an empty list.
func (c Commands) XRead(ctx context.Context, a XReadArgs) ([]XStream, error) {
	return call(ctx, c, asStreams(a.Streams), a.words())
}

// XDel deletes entries and returns how many there were.
func (c Commands) XDel(ctx context.Context, stream string, ids ...string) (int64, error) {
	return call(ctx, c, asInt, words("XDEL", stream).strs(ids...))
}

// XTrimMaxLen deletes the first entries, all but maxLen, and returns how many.
func (c Commands) XTrimMaxLen(ctx context.Context, stream string, maxLen int64) (int64, error) {
	return call(ctx, c, asInt, words("XTRIM", stream, "MAXLEN").num(maxLen))
}

// XTrimMaxLenApprox is XTrimMaxLen that may leave some more, which is faster. It
// looks at no more than limit entries; 0 is the server's default.
func (c Commands) XTrimMaxLenApprox(ctx context.Context, stream string, maxLen, limit int64) (int64, error) {
	return call(ctx, c, asInt, words("XTRIM", stream, "MAXLEN", "~").num(maxLen).positive("LIMIT", limit))
}

// XTrimMinID deletes the entries with lower IDs than minID and returns how many.
func (c Commands) XTrimMinID(ctx context.Context, stream, minID string) (int64, error) {
	return call(ctx, c, asInt, words("XTRIM", stream, "MINID", minID))
}

// XTrimMinIDApprox is XTrimMinID that may leave some; see XTrimMaxLenApprox.
func (c Commands) XTrimMinIDApprox(ctx context.Context, stream, minID string, limit int64) (int64, error) {
	return call(ctx, c, asInt, words("XTRIM", stream, "MINID", "~", minID).positive("LIMIT", limit))
}

// XSetID sets the last ID of a stream, behind which the server gives the next ones.
func (c Commands) XSetID(ctx context.Context, stream, id string) error {
	return done(ctx, c, words("XSETID", stream, id))
}

func (a XAddArgs) words() argv {
	w := words("XADD", a.Stream).when(a.NoMkStream, "NOMKSTREAM")
	if a.MaxLen > 0 {
		w = w.strs("MAXLEN").when(a.Approx, "~").num(a.MaxLen)
	}
	if a.MinID != "" {
		w = w.strs("MINID").when(a.Approx, "~").strs(a.MinID)
	}
	id := a.ID
	if id == "" {
		id = "*"
	}
	return w.positive("LIMIT", a.Limit).strs(id).vals(a.Values...)
}

func (a XReadArgs) words() argv {
	return words("XREAD").positive("COUNT", a.Count).block(a.Block).strs("STREAMS").strs(a.Streams...)
}

// block appends how long to wait. Less than a millisecond is one, for 0 is for ever.
func (a argv) block(d time.Duration) argv {
	switch {
	case d == 0:
		return a
	case d < 0:
		return a.strs("BLOCK", "0")
	}
	return a.strs("BLOCK").num((d + time.Millisecond - 1).Milliseconds())
}

func asMessage(v any) (XMessage, error) {
	pair, err := asTuple(v, 2)
	m := XMessage{ID: part(&err, pair[0], asText), Values: part(&err, pair[1], orZero(asMap))}
	return m, err
}

func asMessages(v any) ([]XMessage, error) { return asEach(asMessage)(v) }

func asStream(v any) (XStream, error) {
	pair, err := asTuple(v, 2)
	s := XStream{Stream: part(&err, pair[0], asText), Messages: part(&err, pair[1], asMessages)}
	return s, err
}

// asStreams reads what was read of streams. RESP3 has a map for it, which some
// clients give without an order: it is that in which they were asked for.
func asStreams(asked []string) func(any) ([]XStream, error) {
	return func(v any) ([]XStream, error) {
		switch plain(v).(type) {
		case nil, []any:
			return asEach(asStream)(v)
		}
		fields, err := asFields(v)
		streams := make([]XStream, 0, len(fields))
		for name, messages := range fields {
			streams = append(streams, XStream{name, part(&err, messages, asMessages)})
		}
		slices.SortFunc(streams, func(a, b XStream) int {
			if at := slices.Index(asked, a.Stream) - slices.Index(asked, b.Stream); at != 0 {
				return at
			}
			return strings.Compare(a.Stream, b.Stream)
		})
		return streams, err
	}
}
