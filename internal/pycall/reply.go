package pycall

// shape is what a method makes of a reply.
type shape uint8

// The shapes. A score is a number, but for those of ZDIFF, ZRANDMEMBER and
// ZMPOP: these redis-py leaves as Redis writes them.
const (
	asIs        shape = iota // what Redis answers
	asIsOrEmpty              // the same; an empty list where there is nothing to ask for
	okay                     // true for OK, false for all else
	stored                   // the same; null where nothing was stored
	truth                    // true or false
	pong                     // true for PONG
	whole                    // an integer
	float                    // a number with a fraction, or null
	text                     // a text, of a number too
	clock                    // [seconds, microseconds]
	floats                   // [score, null, …]
	set                      // [member, …], and the type "set" beside it
	mapping                  // {field: value, …}
	pairs                    // [[field, value], …]
	scored                   // [[member, score], …]
	ranked                   // [rank, score]
	poppedOne                // [key, member, score]
	members                  // [[member, "score"], …]
	flatPairs                // [member, "score", …] or [field, value, …]
	popped                   // [key, [[member, "score"], …]]
	matches                  // ["matches", [match, …], "len", length]
	scan                     // [cursor, [element, …]]
	scanMapping              // [cursor, {field: value, …}]
	scanScored               // [cursor, [[member, score], …]]
	scanned                  // the elements of scan alone, and so on
	scannedPairs
	scannedScored
	always // true, whatever the reply
	truths // [true, false, …]
	// From here on, what the parsers make of it.
	coordinates    // [[longitude, latitude], null, …]
	places         // [place, …], or lists of it, its distance, its hash and its coordinates
	mappings       // [{field: value, …}, …]
	entries        // [[id, {field: value, …}], …]
	streams        // [[stream, entries], …]
	grouped        // [[element, …], …]
	autoclaimed    // [next id, entries, [deleted id, …]]
	autoclaimedIDs // [id, …]
	// These are of one command each, whose name they have.
	aclLog
	aclUser
	clientInfo
	clientList
	clusterInfo
	clusterNodes
	commands
	debugObject
	functionStats
	info
	killed
	memoryStats
	pending
	slowlog
	streamInfo
	streamFull
	nothing // an empty list, whatever the reply
)

// answer is what a line of the tables says of the reply: a shape, or a choice.
type answer interface{ choice() choice }

// choice is a shape, or another one where the argument called option is true.
type choice struct {
	shape  shape
	option string
	chosen shape
}

func (s shape) choice() choice { return choice{shape: s} }

func (c choice) choice() choice { return c }

func (s shape) with(option string, chosen shape) choice { return choice{s, option, chosen} }

// AppendReply appends the ack of a call that succeeded: an object with data
// and, for a set, type. reply is one of the kinds of package keyspace or what a
// Redis client makes of an answer in RESP2, for the commands of that package also
// in RESP3. A text that is not UTF-8
// cannot be told to Python, and texts must not make dst longer than limit: the
// error says so.
func (c *Call) AppendReply(dst []byte, reply any, limit int) ([]byte, error) {
	w := writer{dst: append(dst, `{"data":`...), limit: limit, groups: c.groups}
	w.shaped(c.shape, reply)
	switch {
	case w.err != nil:
		return dst, w.err
	case c.shape == set:
		return append(w.dst, `,"type":"set"}`...), nil
	}
	return append(w.dst, '}'), nil
}
