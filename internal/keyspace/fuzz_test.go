package keyspace

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzCommands runs whatever commands the bytes make. None may panic, leave the
// Space in disorder, answer with something that is no reply, change anything
// while it holds the lock only for reading, or anything that the log does not tell.
// -fuzzminimizetime=200x keeps the fuzzer from spending its time on making inputs shorter.
func FuzzCommands(f *testing.F) {
	for _, file := range files(f, "scripts") {
		for _, part := range strings.Split(strings.Join(lines(f, file), "\n"), "\n\n") {
			f.Add(encodeScript(part))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, tw := newTwins(t)
		s.SetTime(time.Now()) // lest something be swept meanwhile
		changes := 0
		s.OnChange(func(int, string, string) { changes++ })
		for calls := 0; len(data) > 0 && calls < 200; calls++ {
			var argv []string
			argv, data = decodeCall(data)
			changes = 0
			reply, err := s.Do(0, argv)
			if err == nil {
				requireReply(t, argv, reply)
			}
			if cmd, err := Find(argv); err == nil && cmd.Flags&Write == 0 {
				require.Zero(t, changes, "%q", argv)
			}
			if calls == 100 {
				s.Advance(time.Hour)
			}
		}
		require.NoError(t, s.Check())
		tw.requireSame(s)
	})
}

// A call in bytes is the number of a name in two, the number of further words and the
// words: the number of a common one, or 255 and a length with the word itself,
// which is short lest SETRANGE be asked for gigabytes.
const (
	ownWord     = 255
	longestWord = 4
)

var (
	names = func() (names []string) {
		Commands(func(c *Command) { names = append(names, c.Name, strings.ToLower(c.Name)) })
		slices.Sort(names)
		return names
	}()

	commonWords = []string{
		"a", "b", "c", "", "0", "1", "-1", "2", "10", "-3", "100", "1.5", "inf", "-inf", "nan", "x", "*", "[", "(1", "(a", "[a", "-", "+",
		"9223372036854775807", "-9223372036854775808", "99999999999999", "NX", "XX", "GT", "LT", "CH", "INCR", "GET", "EX", "PX", "EXAT",
		"PXAT", "KEEPTTL", "PERSIST", "MATCH", "COUNT", "TYPE", "NOVALUES", "WITHVALUES", "WITHSCORES", "LIMIT", "BYSCORE", "BYLEX",
		"REV", "WEIGHTS", "AGGREGATE", "SUM", "MIN", "MAX", "LEFT", "RIGHT", "BEFORE", "AFTER", "RANK", "MAXLEN", "DB", "REPLACE", "LEN",
		"IDX", "MINMATCHLEN", "WITHMATCHLEN", "ASYNC", "string", "hash", "list", "set", "zset",
		"MINID", "~", "=", "NOMKSTREAM", "1-1", "2-1", "3-*", "$", ">", "STREAMS", "GROUP", "NOACK", "BLOCK", "CREATE", "DESTROY", "SETID",
		"CREATECONSUMER", "DELCONSUMER", "MKSTREAM", "ENTRIESREAD", "ENTRIESADDED", "MAXDELETEDID", "FORCE", "JUSTID", "IDLE", "TIME",
		"RETRYCOUNT", "LASTID", "STREAM", "GROUPS", "CONSUMERS", "FULL", "HELP",
		"AND", "OR", "XOR", "NOT", "BIT", "BYTE", "u8", "i5", "i64", "u63", "#1", "INCRBY", "OVERFLOW", "SAT", "FAIL", "WRAP",
		"m", "km", "FROMMEMBER", "FROMLONLAT", "BYRADIUS", "BYBOX", "ASC", "DESC", "ANY", "WITHDIST", "WITHCOORD", "WITHHASH",
		"STORE", "STOREDIST", "BY", "ALPHA", "#", "a*", "*->a", "nosort", "ENCODING", "IDLETIME", "REFCOUNT", "FREQ", "USAGE",
		"SAMPLES", "ABSTTL",
	}
)

func decodeCall(data []byte) (argv []string, rest []byte) {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	argv = []string{names[(next()<<8|next())%len(names)]}
	for range next() % 10 {
		word := next()
		if word != ownWord {
			argv = append(argv, commonWords[word%len(commonWords)])
			continue
		}
		n := min(next()%(longestWord+1), len(data))
		argv = append(argv, string(data[:n]))
		data = data[n:]
	}
	return argv, data
}

// encodeScript writes the calls of a script as decodeCall reads them, cut where
// they are too long.
func encodeScript(script string) []byte {
	var data []byte
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		argv, err := splitWords(line)
		if err != nil || len(argv) == 0 {
			continue
		}
		name, known := slices.BinarySearch(names, argv[0])
		if !known {
			continue
		}
		words := argv[1:min(len(argv), 10)]
		data = append(data, byte(name>>8), byte(name), byte(len(words)))
		for _, word := range words {
			if i := slices.Index(commonWords, word); i >= 0 {
				data = append(data, byte(i))
				continue
			}
			word = word[:min(len(word), longestWord)]
			data = append(data, ownWord, byte(len(word)))
			data = append(data, word...)
		}
	}
	return data
}

func requireReply(t *testing.T, argv []string, reply any) {
	switch v := reply.(type) {
	case nil, Status, string, int64, float64, []string, Pairs, Set, Scores:
	case Scan:
		requireReply(t, argv, v.Items)
	case []any:
		for _, element := range v {
			requireReply(t, argv, element)
		}
	default:
		t.Errorf("%q answers with a %T", argv, reply)
	}
}
