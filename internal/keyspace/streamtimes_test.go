package keyspace

import (
	"strconv"
	"strings"
	"time"
)

// Replies about streams have times in them, of two clocks.

// isByClock reports whether a call of XADD made an ID of the present.
func isByClock(argv []string, reply any) bool {
	id, ok := reply.(string)
	if !ok || !strings.EqualFold(argv[0], "XADD") {
		return false
	}
	ms, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(ms, 10, 64)
	return err == nil && isPresent(n)
}

// isPresent reports whether a number is a time of these days in milliseconds.
func isPresent(n int64) bool {
	const days = 24 * time.Hour / time.Millisecond
	distance := n - time.Now().UnixMilli()
	return max(distance, -distance) < int64(days)
}

// withoutTimes is a reply to a command about a stream with words in place of times.
func withoutTimes(argv []string, reply any) any {
	switch name := strings.ToUpper(argv[0]); {
	case isByClock(argv, reply):
		return "an ID of the present"
	case name == "XPENDING" && len(argv) > 3:
		list, _ := reply.([]any)
		for _, p := range list {
			p.([]any)[2] = "some time"
		}
	case name == "XINFO":
		return withoutPresent(reply)
	}
	return reply
}

// withoutPresent replaces times of the present, and how long they are past.
func withoutPresent(reply any) any {
	switch v := reply.(type) {
	case int64:
		if isPresent(v) {
			return "the present"
		}
	case []any:
		for i := range v {
			if i > 0 && v[i-1] == "idle" {
				v[i] = "some time"
			}
			v[i] = withoutPresent(v[i])
		}
	}
	return reply
}
