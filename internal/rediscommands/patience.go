package rediscommands

import (
	"strconv"
	"strings"
	"time"
)

// timeoutAt is where commands that wait have their timeout in seconds, counted
// from the end where it is negative.
var timeoutAt = map[string]int{
	"BLPOP": -1, "BRPOP": -1, "BLMOVE": -1, "BRPOPLPUSH": -1, "BZPOPMIN": -1, "BZPOPMAX": -1,
	"BLMPOP": 1, "BZMPOP": 1,
}

// Patience returns how long a command lets the server wait, 0 for ever, if it is
// one that does. What cannot be read, Redis refuses at once.
func Patience(argv []string) (d time.Duration, waits bool) {
	if len(argv) == 0 {
		return 0, false
	}
	name := strings.ToUpper(argv[0])
	if name == "XREAD" || name == "XREADGROUP" {
		for i, w := range argv[:len(argv)-1] {
			switch strings.ToUpper(w) {
			case "BLOCK":
				ms, _ := strconv.ParseInt(argv[i+1], 10, 64)
				return time.Duration(ms) * time.Millisecond, true
			case "STREAMS": // keys from here on
				return 0, false
			}
		}
		return 0, false
	}
	at, waits := timeoutAt[name]
	if !waits || len(argv) < 2 {
		return 0, false
	}
	if at < 0 {
		at += len(argv)
	}
	seconds, _ := strconv.ParseFloat(argv[at], 64)
	return time.Duration(seconds * float64(time.Second)), true
}
