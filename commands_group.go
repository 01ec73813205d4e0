package znsocket

import (
	"context"
	"time"
)

// XReadGroupArgs says what XReadGroup reads for a consumer.
type XReadGroupArgs struct {
	Group, Consumer string
	Streams         []string // the streams, and then for each an ID; ">" is what nobody of the group has read
	Count           int64    // at most so many entries of each stream; 0 is all
	Block           time.Duration
	NoAck           bool // nothing of it becomes pending
}

// XPending is what entries of a group are pending: read, but not acknowledged.
type XPending struct {
	Count         int64
	Lower, Higher string           // the first and the last ID, "" where there is none
	Consumers     map[string]int64 // how many each has
}

// XPendingExtArgs says of which pending entries XPendingExt tells.
type XPendingExtArgs struct {
	Stream, Group string
	Idle          time.Duration // those that were read at least so long ago
	Start, End    string        // IDs: "-" and "+" are the first and the last
	Count         int64
	Consumer      string // "" is all
}

// XPendingExt is a pending entry.
type XPendingExt struct {
	ID, Consumer string
	Idle         time.Duration // since it was read
	RetryCount   int64         // how often it was
}

// XClaimArgs says which pending entries a consumer takes over.
type XClaimArgs struct {
	Stream, Group, Consumer string
	MinIdle                 time.Duration // those that were read at least so long ago
	Messages                []string      // their IDs
}

// XAutoClaimArgs says among which pending entries a consumer looks for some to take
// over.
type XAutoClaimArgs struct {
	Stream, Group, Consumer string
	MinIdle                 time.Duration
	Start                   string // the ID to begin with: "0-0", or the Start that came back
	Count                   int64  // at most so many; 0 is the server's default
}

// XAutoClaimed is what XAutoClaim has taken over.
type XAutoClaimed struct {
	Start    string // where to go on, "0-0" at the end
	Messages []XMessage
	Deleted  []string // pending IDs that the stream has no more: they are no longer pending
}

// XAutoClaimedIDs is XAutoClaimed without the entries.
type XAutoClaimedIDs struct {
	Start   string
	IDs     []string
	Deleted []string
}

// EntriesRead, of XGroupCreate and XGroupSetID, is how many entries the group has
// read: from it the server knows how far behind it is.
func EntriesRead(n int64) CmdOption { return option("ENTRIESREAD", n) }

// XGroupCreate makes a group that begins behind the ID start: "0" is all, "$" what is
// new from now on. A group that exists is an error that begins with BUSYGROUP, and
// so is a stream that does not exist. Option: EntriesRead.
func (c Commands) XGroupCreate(ctx context.Context, stream, group, start string, opts ...CmdOption) error {
	return done(ctx, c, words("XGROUP", "CREATE", stream, group, start).opts(opts))
}

// XGroupCreateMkStream is XGroupCreate that makes the stream if need be.
func (c Commands) XGroupCreateMkStream(ctx context.Context, stream, group, start string, opts ...CmdOption) error {
	return done(ctx, c, words("XGROUP", "CREATE", stream, group, start, "MKSTREAM").opts(opts))
}

// XGroupSetID has a group go on behind another ID. Option: EntriesRead.
func (c Commands) XGroupSetID(ctx context.Context, stream, group, start string, opts ...CmdOption) error {
	return done(ctx, c, words("XGROUP", "SETID", stream, group, start).opts(opts))
}

// XGroupDestroy deletes a group and returns how many there were, 0 or 1.
func (c Commands) XGroupDestroy(ctx context.Context, stream, group string) (int64, error) {
	return call(ctx, c, asInt, words("XGROUP", "DESTROY", stream, group))
}

// XGroupCreateConsumer makes a consumer and returns how many are new, 0 or 1. One
// that reads is made anyway.
func (c Commands) XGroupCreateConsumer(ctx context.Context, stream, group, consumer string) (int64, error) {
	return call(ctx, c, asInt, words("XGROUP", "CREATECONSUMER", stream, group, consumer))
}

// XGroupDelConsumer deletes a consumer and returns how many entries were pending for
// it: they are for nobody any more.
func (c Commands) XGroupDelConsumer(ctx context.Context, stream, group, consumer string) (int64, error) {
	return call(ctx, c, asInt, words("XGROUP", "DELCONSUMER", stream, group, consumer))
}

// XReadGroup is XRead for a consumer of a group: with ">" it gets what nobody else
// got, which is pending until XAck; with another ID what is pending for itself behind
// that. A group that does not exist is an error that begins with NOGROUP.
func (c Commands) XReadGroup(ctx context.Context, a XReadGroupArgs) ([]XStream, error) {
	return call(ctx, c, asStreams(a.Streams), a.words())
}

// XAck says that entries are done with and returns how many were pending.
func (c Commands) XAck(ctx context.Context, stream, group string, ids ...string) (int64, error) {
	return call(ctx, c, asInt, words("XACK", stream, group).strs(ids...))
}

// XPending sums up what is pending in a group.
func (c Commands) XPending(ctx context.Context, stream, group string) (XPending, error) {
	return call(ctx, c, asPending, words("XPENDING", stream, group))
}

// XPendingExt tells of each entry that is pending.
func (c Commands) XPendingExt(ctx context.Context, a XPendingExtArgs) ([]XPendingExt, error) {
	return call(ctx, c, asEach(asPendingExt), a.words())
}

// XClaim takes entries over that are pending for others and returns them. Those that
// were deleted are left out and no longer pending.
func (c Commands) XClaim(ctx context.Context, a XClaimArgs) ([]XMessage, error) {
	return call(ctx, c, asMessages, a.words())
}

// XClaimJustID is XClaim that returns the IDs only and does not count as reading.
func (c Commands) XClaimJustID(ctx context.Context, a XClaimArgs) ([]string, error) {
	return call(ctx, c, asTexts, a.words().strs("JUSTID"))
}

// XAutoClaim is XClaim for the next entries that have been pending for long enough.
func (c Commands) XAutoClaim(ctx context.Context, a XAutoClaimArgs) (XAutoClaimed, error) {
	return call(ctx, c, asAutoClaimed, a.words())
}

// XAutoClaimJustID is XAutoClaim that returns the IDs only and does not count as
// reading.
func (c Commands) XAutoClaimJustID(ctx context.Context, a XAutoClaimArgs) (XAutoClaimedIDs, error) {
	return call(ctx, c, asAutoClaimedIDs, a.words().strs("JUSTID"))
}

func (a XReadGroupArgs) words() argv {
	w := words("XREADGROUP", "GROUP", a.Group, a.Consumer).positive("COUNT", a.Count).block(a.Block)
	return w.when(a.NoAck, "NOACK").strs("STREAMS").strs(a.Streams...)
}

func (a XPendingExtArgs) words() argv {
	w := words("XPENDING", a.Stream, a.Group).positive("IDLE", a.Idle.Milliseconds())
	return w.strs(a.Start, a.End).num(a.Count).when(a.Consumer != "", a.Consumer)
}

func (a XClaimArgs) words() argv {
	return words("XCLAIM", a.Stream, a.Group, a.Consumer).num(a.MinIdle.Milliseconds()).strs(a.Messages...)
}

func (a XAutoClaimArgs) words() argv {
	return words("XAUTOCLAIM", a.Stream, a.Group, a.Consumer).num(a.MinIdle.Milliseconds()).strs(a.Start).positive("COUNT", a.Count)
}

func asPending(v any) (XPending, error) {
	all, err := asTuple(v, 4)
	p := XPending{
		Count:     part(&err, all[0], asInt),
		Lower:     part(&err, all[1], orZero(asText)),
		Higher:    part(&err, all[2], orZero(asText)),
		Consumers: map[string]int64{},
	}
	for _, each := range part(&err, all[3], asList) {
		pair, e := asTuple(each, 2)
		name := part(&e, pair[0], asText)
		if p.Consumers[name] = part(&e, pair[1], asInt); e != nil {
			return XPending{}, e
		}
	}
	return p, err
}

func asPendingExt(v any) (XPendingExt, error) {
	all, err := asTuple(v, 4)
	p := XPendingExt{
		ID:         part(&err, all[0], asText),
		Consumer:   part(&err, all[1], asText),
		Idle:       part(&err, all[2], asMillis),
		RetryCount: part(&err, all[3], asInt),
	}
	return p, err
}

func asAutoClaimed(v any) (XAutoClaimed, error) {
	all, err := asTuple(v, 3)
	claimed := XAutoClaimed{
		Start:    part(&err, all[0], asText),
		Messages: part(&err, all[1], asMessages),
		Deleted:  part(&err, all[2], asTexts),
	}
	return claimed, err
}

func asAutoClaimedIDs(v any) (XAutoClaimedIDs, error) {
	all, err := asTuple(v, 3)
	claimed := XAutoClaimedIDs{
		Start:   part(&err, all[0], asText),
		IDs:     part(&err, all[1], asTexts),
		Deleted: part(&err, all[2], asTexts),
	}
	return claimed, err
}
