package keyspace

import (
	"slices"
	"strconv"
	"strings"
)

// Events are the kinds of keyspace events that are published, as the setting
// notify-keyspace-events names them.
type Events uint32

const (
	genericEvents Events = 1 << iota
	stringEvents
	listEvents
	setEvents
	hashEvents
	zsetEvents
	expiredEvents
	evictedEvents // nothing is evicted here, but one may ask for it
	streamEvents
	moduleEvents // nor are there modules
	newEvents
	eventsByKey // published on __keyspace@db__:key
	eventsByName
	missEvents

	allEvents = genericEvents | stringEvents | listEvents | setEvents | hashEvents | zsetEvents |
		expiredEvents | evictedEvents | streamEvents | moduleEvents
)

type eventLetter struct {
	letter rune
	events Events
}

// eventLetters are in the order in which Redis writes them.
var eventLetters = []eventLetter{
	{'A', allEvents},
	{'g', genericEvents}, {'$', stringEvents}, {'l', listEvents}, {'s', setEvents}, {'h', hashEvents}, {'z', zsetEvents},
	{'x', expiredEvents}, {'e', evictedEvents}, {'t', streamEvents}, {'d', moduleEvents}, {'n', newEvents},
	{'K', eventsByKey}, {'E', eventsByName}, {'m', missEvents},
}

// ParseEvents reads events, a letter for each kind.
func ParseEvents(letters string) (all Events, ok bool) {
	for _, letter := range letters {
		i := slices.IndexFunc(eventLetters, func(l eventLetter) bool { return l.letter == letter })
		if i < 0 {
			return 0, false
		}
		all |= eventLetters[i].events
	}
	return all, true
}

// String writes events as Redis does, which leaves out n behind an A.
func (e Events) String() string {
	var letters strings.Builder
	left := e
	if e&allEvents == allEvents {
		left &^= newEvents
	}
	for _, l := range eventLetters {
		if l.events&^left == 0 {
			letters.WriteRune(l.letter)
			left &^= l.events
		}
	}
	return letters.String()
}

// PublishEvents has these events published from now on.
func (s *Space) PublishEvents(e Events) { s.events.Store(uint32(e)) }

// PublishedEvents are those that are published.
func (s *Space) PublishedEvents() Events { return Events(s.events.Load()) }

// kindsOfEvents says of which kind an event is, but for those of streams, all of
// whose names begin with x.
var kindsOfEvents = func() map[string]Events {
	kinds := map[string]Events{"expired": expiredEvents, "new": newEvents, "keymiss": missEvents}
	for kind, names := range map[Events]string{
		genericEvents: "del expire persist rename_from rename_to copy_to move_from move_to restore",
		stringEvents:  "append incrby incrbyfloat pfadd set setbit setrange",
		listEvents:    "linsert lpop lpush lrem lset ltrim rpop rpush sortstore",
		setEvents:     "sadd sdiffstore sinterstore spop srem sunionstore",
		hashEvents:    "hdel hincrby hincrbyfloat hset",
		zsetEvents: "georadiusstore geosearchstore zadd zdiffstore zincr zinterstore zpopmax zpopmin zrangestore zrem " +
			"zremrangebylex zremrangebyrank zremrangebyscore zunionstore",
	} {
		for _, name := range strings.Fields(names) {
			kinds[name] = kind
		}
	}
	return kinds
}()

func kindOfEvent(event string) Events {
	if kind, ok := kindsOfEvents[event]; ok || event[0] != 'x' {
		return kind
	}
	return streamEvents
}

// notify only tells of an event: key is as it was to those who watch it.
func (db *DB) notify(event, key string) {
	db.noted()
	if db.space.changed != nil {
		db.space.changed(db.index, event, key)
	}
	db.publishEvent(event, key)
}

// publishEvent brings an event to those who have subscribed to it, if it is to be
// published.
func (db *DB) publishEvent(event, key string) {
	wanted := db.space.PublishedEvents()
	if wanted == 0 || db.space.publisher == nil || wanted&kindOfEvent(event) == 0 {
		return
	}
	at := "@" + strconv.Itoa(db.index) + "__:"
	if wanted&eventsByKey != 0 {
		db.space.publisher.Publish(false, "__keyspace"+at+key, event)
	}
	if wanted&eventsByName != 0 {
		db.space.publisher.Publish(false, "__keyevent"+at+event, key)
	}
}

// created tells of a key that was not there before.
func (db *DB) created(key string) { db.publishEvent("new", key) }

// missed tells of a key that a command wanted to read and that is not there.
func (db *DB) missed(key string) {
	if s := db.space; !s.exclusive || !s.writing {
		db.publishEvent("keymiss", key)
	}
}
