package znsocket

import (
	"context"
	"time"
)

// XInfoStream is what XInfoStream tells of a stream.
type XInfoStream struct {
	Length               int64
	RadixTreeKeys        int64 // how the server keeps it
	RadixTreeNodes       int64
	Groups               int64
	LastGeneratedID      string
	MaxDeletedEntryID    string
	EntriesAdded         int64 // ever
	RecordedFirstEntryID string
	FirstEntry           XMessage // the zero XMessage where there is none
	LastEntry            XMessage
}

// XInfoGroup is what XInfoGroups tells of a group.
type XInfoGroup struct {
	Name               string
	Consumers, Pending int64
	LastDeliveredID    string
	EntriesRead        int64 // -1 where the server does not know
	Lag                int64 // how many entries the group has not read; -1 where the server does not know
}

// XInfoConsumer is what XInfoConsumers tells of a consumer.
type XInfoConsumer struct {
	Name    string
	Pending int64
	Idle    time.Duration // since it asked for something
}

// XInfoStreamFull is what XInfoStreamFull tells of a stream.
type XInfoStreamFull struct {
	Length               int64
	RadixTreeKeys        int64
	RadixTreeNodes       int64
	LastGeneratedID      string
	MaxDeletedEntryID    string
	EntriesAdded         int64
	RecordedFirstEntryID string
	Entries              []XMessage
	Groups               []XInfoStreamGroup
}

// XInfoStreamGroup is a group of XInfoStreamFull; see XInfoGroup.
type XInfoStreamGroup struct {
	Name             string
	LastDeliveredID  string
	EntriesRead, Lag int64
	PelCount         int64 // of the entries that are pending
	Pending          []XInfoStreamPending
	Consumers        []XInfoStreamConsumer
}

// XInfoStreamConsumer is a consumer of an XInfoStreamGroup.
type XInfoStreamConsumer struct {
	Name     string
	SeenTime time.Time // when it asked for something last
	PelCount int64
	Pending  []XInfoStreamPending
}

// XInfoStreamPending is an entry that is pending for a consumer.
type XInfoStreamPending struct {
	ID, Consumer  string
	DeliveryTime  time.Time
	DeliveryCount int64
}

// XInfoStream tells of a stream. One that does not exist is an error of Redis's, here
// and in the methods below.
func (c Commands) XInfoStream(ctx context.Context, stream string) (XInfoStream, error) {
	return call(ctx, c, asInfoStream, words("XINFO", "STREAM", stream))
}

// XInfoStreamFull tells of a stream with its groups and their consumers, and of each
// list of entries the first count; 0 is all.
func (c Commands) XInfoStreamFull(ctx context.Context, stream string, count int64) (XInfoStreamFull, error) {
	return call(ctx, c, asInfoStreamFull, words("XINFO", "STREAM", stream, "FULL", "COUNT").num(count))
}

// XInfoGroups tells of the groups of a stream.
func (c Commands) XInfoGroups(ctx context.Context, stream string) ([]XInfoGroup, error) {
	return call(ctx, c, asEach(asInfoGroup), words("XINFO", "GROUPS", stream))
}

// XInfoConsumers tells of the consumers of a group.
func (c Commands) XInfoConsumers(ctx context.Context, stream, group string) ([]XInfoConsumer, error) {
	return call(ctx, c, asEach(asInfoConsumer), words("XINFO", "CONSUMERS", stream, group))
}

func asInfoStream(v any) (XInfoStream, error) {
	f, err := asFields(v)
	info := XInfoStream{
		Length:               part(&err, f["length"], asInt),
		RadixTreeKeys:        part(&err, f["radix-tree-keys"], asInt),
		RadixTreeNodes:       part(&err, f["radix-tree-nodes"], asInt),
		Groups:               part(&err, f["groups"], asInt),
		LastGeneratedID:      part(&err, f["last-generated-id"], asText),
		MaxDeletedEntryID:    part(&err, f["max-deleted-entry-id"], orZero(asText)),
		EntriesAdded:         part(&err, f["entries-added"], orZero(asInt)),
		RecordedFirstEntryID: part(&err, f["recorded-first-entry-id"], orZero(asText)),
		FirstEntry:           part(&err, f["first-entry"], orZero(asMessage)),
		LastEntry:            part(&err, f["last-entry"], orZero(asMessage)),
	}
	return info, err
}

func asInfoStreamFull(v any) (XInfoStreamFull, error) {
	f, err := asFields(v)
	info := XInfoStreamFull{
		Length:               part(&err, f["length"], asInt),
		RadixTreeKeys:        part(&err, f["radix-tree-keys"], asInt),
		RadixTreeNodes:       part(&err, f["radix-tree-nodes"], asInt),
		LastGeneratedID:      part(&err, f["last-generated-id"], asText),
		MaxDeletedEntryID:    part(&err, f["max-deleted-entry-id"], orZero(asText)),
		EntriesAdded:         part(&err, f["entries-added"], orZero(asInt)),
		RecordedFirstEntryID: part(&err, f["recorded-first-entry-id"], orZero(asText)),
		Entries:              part(&err, f["entries"], asMessages),
		Groups:               part(&err, f["groups"], asEach(asInfoStreamGroup)),
	}
	return info, err
}

func asInfoStreamGroup(v any) (XInfoStreamGroup, error) {
	f, err := asFields(v)
	g := XInfoStreamGroup{
		Name:            part(&err, f["name"], asText),
		LastDeliveredID: part(&err, f["last-delivered-id"], asText),
		EntriesRead:     part(&err, f["entries-read"], asKnown),
		Lag:             part(&err, f["lag"], asKnown),
		PelCount:        part(&err, f["pel-count"], asInt),
		Pending:         part(&err, f["pending"], asEach(asGroupPending)),
		Consumers:       part(&err, f["consumers"], asEach(asInfoStreamConsumer)),
	}
	return g, err
}

func asGroupPending(v any) (XInfoStreamPending, error) {
	all, err := asTuple(v, 4)
	p := XInfoStreamPending{
		ID:            part(&err, all[0], asText),
		Consumer:      part(&err, all[1], asText),
		DeliveryTime:  part(&err, all[2], asUnixMillis),
		DeliveryCount: part(&err, all[3], asInt),
	}
	return p, err
}

func asInfoStreamConsumer(v any) (XInfoStreamConsumer, error) {
	f, err := asFields(v)
	consumer := XInfoStreamConsumer{
		Name:     part(&err, f["name"], asText),
		SeenTime: part(&err, f["seen-time"], asUnixMillis),
		PelCount: part(&err, f["pel-count"], asInt),
		Pending:  part(&err, f["pending"], asEach(asConsumerPending)),
	}
	for i := range consumer.Pending {
		consumer.Pending[i].Consumer = consumer.Name
	}
	return consumer, err
}

func asConsumerPending(v any) (XInfoStreamPending, error) {
	all, err := asTuple(v, 3)
	p := XInfoStreamPending{
		ID:            part(&err, all[0], asText),
		DeliveryTime:  part(&err, all[1], asUnixMillis),
		DeliveryCount: part(&err, all[2], asInt),
	}
	return p, err
}

func asInfoGroup(v any) (XInfoGroup, error) {
	f, err := asFields(v)
	g := XInfoGroup{
		Name:            part(&err, f["name"], asText),
		Consumers:       part(&err, f["consumers"], asInt),
		Pending:         part(&err, f["pending"], asInt),
		LastDeliveredID: part(&err, f["last-delivered-id"], asText),
		EntriesRead:     part(&err, f["entries-read"], asKnown),
		Lag:             part(&err, f["lag"], asKnown),
	}
	return g, err
}

func asInfoConsumer(v any) (XInfoConsumer, error) {
	f, err := asFields(v)
	consumer := XInfoConsumer{
		Name:    part(&err, f["name"], asText),
		Pending: part(&err, f["pending"], asInt),
		Idle:    part(&err, f["idle"], asMillis),
	}
	return consumer, err
}

// asKnown is asInt where nil is what the server does not know: -1.
func asKnown(v any) (int64, error) {
	if v == nil {
		return -1, nil
	}
	return asInt(v)
}
