package keyspace

// A reply is one of the following, and each face turns it into its own form:
//
//	nil        no such thing: a missing key, field or member
//	Status     a short text that is not data, such as OK
//	string     data
//	int64      a number
//	float64    a number that RESP2 writes as text
//	[]string   a list of data
//	[]any      a list of replies
//	Pairs      a map in order, keys and values in turn: HGETALL
//	Set        an unordered collection: SMEMBERS
//	Scores     members with their scores: ZRANGE … WITHSCORES
//	Scan       a cursor and what was found
//
// Only scripts make these of their own, in any of which the others may lie:
//
//	bool       true or false, which RESP2 says with 1 and 0
//	Error      an error among the elements of a list
//	Map        a map in order, keys and values in turn
//	Elements   an unordered collection
//	BigNumber  an integer of any size
//	Verbatim   a text and what kind of text
//
// Strings may hold any bytes.
type (
	Status    string
	Pairs     []string
	Set       []string
	Scores    []Scored
	Map       []any
	Elements  []any
	BigNumber string
	Verbatim  struct{ Format, Text string }
)

// Scored is a member of a sorted set with its score.
type Scored struct {
	Member string
	Score  float64
}

// Scan is the reply of SCAN, HSCAN, SSCAN and ZSCAN. Items is []string for the
// first and third, Pairs and Scores for the others. Cursor 0 is the end.
type Scan struct {
	Cursor uint64
	Items  any
}

// OK is the reply of a command that has nothing else to say.
const OK = Status("OK")

// ok, zero and one are replies that would otherwise be boxed at each call.
var (
	ok   any = OK
	pong any = Status("PONG")
	zero any = int64(0)
	one  any = int64(1)
)

func boolReply(b bool) any {
	if b {
		return one
	}
	return zero
}

func intReply[N int | int64 | int32](n N) any {
	switch n {
	case 0:
		return zero
	case 1:
		return one
	}
	return int64(n)
}

// InRESP2 is a reply of a script without the kinds that RESP2 has not.
func InRESP2(v any) any {
	switch v := v.(type) {
	case bool:
		return boolReply(v)
	case float64:
		return FormatFloat(v)
	case BigNumber:
		return string(v)
	case Verbatim:
		return v.Text
	case Map:
		return InRESP2([]any(v))
	case Elements:
		return InRESP2([]any(v))
	case []any:
		for i := range v {
			v[i] = InRESP2(v[i])
		}
	}
	return v
}
