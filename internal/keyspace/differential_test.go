package keyspace

import (
	"cmp"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// These tests say nowhere what a command answers: they run it here and in a
// real redis-server and compare replies, texts of errors and key events.
//
//	testdata/scripts/*.txt  commands by hand, one a line, quoted as for
//	                        redis-cli; an empty line flushes, # is a comment
//	testdata/random/*.txt   what random commands look like; see expand
var (
	randomOps  = flag.Int("ops", 5000, "how many random commands to compare")
	randomSeed = flag.Uint64("seed", 1, "which random commands")
)

func TestScripts(t *testing.T) {
	for _, file := range files(t, "scripts") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			both := newBoth(t)
			for i, line := range lines(t, file) {
				switch {
				case line == "":
					both.run([]string{"FLUSHALL"})
					both.run([]string{"SELECT", "0"})
				case line[0] != '#':
					argv, err := splitWords(line)
					require.NoError(t, err)
					if diff := both.run(argv); diff != "" {
						t.Errorf("%s:%d: %s", file, i+1, diff)
					}
				}
			}
			both.compareData()
		})
	}
}

// TestEvents_kinds has events of one kind at a time published.
func TestEvents_kinds(t *testing.T) {
	both := newBoth(t)
	for _, kind := range "g$lshztnm" {
		events, ok := ParseEvents("KE" + string(kind))
		require.True(t, ok)
		both.space.PublishEvents(events)
		both.redis.do([]string{"CONFIG", "SET", "notify-keyspace-events", events.String()})
		for _, file := range files(t, "scripts") {
			for i, line := range lines(t, file) {
				if line == "" {
					line = "FLUSHALL"
				}
				if argv, err := splitWords(line); err == nil && line[0] != '#' && argv[0] != "SELECT" {
					require.Empty(t, both.run(argv), "%s:%d: %c", file, i+1, kind)
				}
			}
			both.run([]string{"FLUSHALL"})
		}
	}
}

func TestRandomCommands(t *testing.T) {
	templates := templates(t)
	both := newBoth(t)
	d := dice{rand.New(rand.NewPCG(*randomSeed, 0))}
	var history []string
	for op := range *randomOps {
		argv := d.command(templates)
		history = append(history, fmt.Sprintf("%q", argv))
		if diff := both.run(argv); diff != "" {
			t.Fatalf("-seed %d: command %d: %s\nafter\n%s", *randomSeed, op, diff,
				strings.Join(history[max(0, len(history)-40):], "\n"))
		}
		if op%500 == 499 {
			both.compareData()
			both.run([]string{"FLUSHALL"})
			history = nil
		}
	}
	both.compareData()
}

// templates are what random commands look like.
func templates(t testing.TB) (templates []string) {
	for _, file := range files(t, "random") {
		for _, line := range lines(t, file) {
			if line != "" && line[0] != '#' {
				templates = append(templates, line)
			}
		}
	}
	return templates
}

// FuzzRedis throws its dice with the fuzzer's bytes: a sequence of commands that is run here
// and in a redis-server. What is in order here is looked at after each.
func FuzzRedis(f *testing.F) {
	templates, redis := templates(f), startRedis(f)
	r := rand.New(rand.NewPCG(1, 0))
	for range 20 {
		data := make([]byte, 400)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		both := newBothOn(t, redis)
		both.run([]string{"FLUSHALL"})
		source := &byteSource{data: data}
		d := dice{rand.New(source)}
		for calls := 0; len(source.data) > 0 && calls < 100; calls++ {
			argv := d.command(templates)
			if diff := both.run(argv); diff != "" {
				t.Fatal(diff)
			}
			require.NoError(t, both.space.Check(), "%q", argv)
		}
		both.compareData()
	})
}

// byteSource gives two bytes at a time, where dice look first. Below them is something
// else each time: a throw may be repeated until it fits.
type byteSource struct {
	data  []byte
	below rand.PCG
}

func (s *byteSource) Uint64() uint64 {
	var word [8]byte
	s.data = s.data[copy(word[:2], s.data):]
	return binary.BigEndian.Uint64(word[:]) | s.below.Uint64()>>16
}

// both is a Space and a redis-server that are told the same.
type both struct {
	t      *testing.T
	space  *Space
	db     int
	redis  *redis
	events []string // of the Space
}

func newBoth(t *testing.T) *both { return newBothOn(t, startRedis(t)) }

func newBothOn(t *testing.T, redis *redis) *both {
	redis.main.t, redis.watch.t = t, t
	b := &both{t: t, space: New(), redis: redis}
	all, _ := ParseEvents("KEAnm")
	b.space.PublishEvents(all)
	b.space.SetPublisher(b)
	return b
}

// Publish keeps the key events as the Redis's are kept.
func (b *both) Publish(_ bool, channel, message string) int64 {
	if event, ok := eventOf(channel, message); ok {
		b.events = append(b.events, event)
	}
	return 0
}

// run runs a command in both and returns how they differ, "" if they do not.
func (b *both) run(argv []string) string {
	if name := strings.ToUpper(argv[0]); name == "SORT" || name == "SORT_RO" {
		// Redis takes C's error about an earlier number for one of its own; reading
		// a cursor forgets it.
		b.redis.do([]string{"SCAN", "0"})
	}
	want, wantEvents := b.redis.do(argv)
	if strings.EqualFold(argv[0], "SELECT") { // a matter of connections, not of a Space
		b.db, _ = strconv.Atoi(argv[1])
		return ""
	}
	b.events = nil
	got := resp2(b.space.Do(b.db, argv))
	if here, there := canonical(argv, got), canonical(argv, want); here != there {
		return fmt.Sprintf("%q\nhere:  %s\nRedis: %s", argv, here, there)
	}
	_, failed := want.(Error)
	if here, there := compared(argv, failed, b.events), compared(argv, failed, wantEvents); !slices.Equal(here, there) {
		return fmt.Sprintf("%q\nevents here:  %q\nevents Redis: %q", argv, here, there)
	}
	// What takes random members leaves different ones, and two clocks make different IDs.
	if cmd, err := Find(argv); err == nil && cmd.Flags&(Random|Write) == Random|Write || isByClock(argv, got) {
		return b.run(append([]string{"DEL"}, cmd.KeysOf(argv)...))
	}
	return ""
}

// compared are the events without how often a command looked for a key in vain, and
// without that of those that look at more or less than Redis does, as what fails may.
func compared(argv []string, failed bool, events []string) (all []string) {
	for _, event := range events {
		if strings.Contains(event, " keymiss ") && (failed || missesOthers[strings.ToUpper(argv[0])] || slices.Contains(all, event)) {
			continue
		}
		all = append(all, event)
	}
	return all
}

var missesOthers = map[string]bool{"SET": true, "BITFIELD": true, "SORT": true, "SORT_RO": true}

// compareData compares all that both hold.
func (b *both) compareData() {
	require.NoError(b.t, b.space.Check())
	reads := map[string][]string{
		"string": {"GET", ""},
		"hash":   {"HGETALL", ""},
		"list":   {"LRANGE", "", "0", "-1"},
		"set":    {"SMEMBERS", ""},
		"zset":   {"ZRANGE", "", "0", "-1", "WITHSCORES"},
		"stream": {"XRANGE", "", "-", "+"},
	}
	for db := range Databases {
		b.run([]string{"SELECT", strconv.Itoa(db)})
		require.Empty(b.t, b.run([]string{"KEYS", "*"}))
		keys, _ := b.redis.do([]string{"KEYS", "*"})
		for _, key := range keys.([]any) {
			key := key.(string)
			kind, _ := b.redis.do([]string{"TYPE", key})
			read := reads[string(kind.(Status))]
			read[1] = key
			argvs := [][]string{{"TYPE", key}, {"PTTL", key}, read}
			if read[0] == "XRANGE" {
				argvs = append(argvs, []string{"XINFO", "STREAM", key, "FULL", "COUNT", "0"})
			}
			for _, argv := range argvs {
				if diff := b.run(argv); diff != "" {
					b.t.Errorf("afterwards: %s", diff)
				}
			}
		}
	}
	b.run([]string{"SELECT", "0"})
}

// unordered are the commands that may answer in any order, with how many
// elements belong together.
var unordered = map[string]int{
	"KEYS": 1, "SCAN": 1, "SSCAN": 1, "SMEMBERS": 1, "SINTER": 1, "SUNION": 1, "SDIFF": 1,
	"HKEYS": 1, "HVALS": 1, "HGETALL": 2, "HSCAN": 2, "ZSCAN": 2,
}

// canonical writes a reply so that equal texts are equal replies to argv.
func canonical(argv []string, reply any) string {
	name := strings.ToUpper(argv[0])
	if n, ok := reply.(int64); ok && n > 1000 && (name == "PTTL" || name == "PEXPIRETIME") {
		return "some time" // the two clocks are read one after the other
	}
	reply = withoutTimes(argv, reply)
	if dump, ok := reply.(string); ok && name == "DUMP" && (dump[0] == rdbSet || dump[0] == rdbHash) {
		reply = fmt.Sprintf("%q", slices.Sorted(slices.Values([]byte(dump[:len(dump)-rdbFooter])))) // in any order
	}
	if size, ok := unordered[name]; ok {
		sortReply(reply, size)
	} else if cmd, err := Find(argv); err == nil && cmd.Flags&Random != 0 {
		return shape(reply)
	}
	return fmt.Sprintf("%T %#q", reply, reply)
}

// sortReply sorts a list, or the one within the reply of a scan, by groups of
// size elements.
func sortReply(reply any, size int) {
	list, _ := reply.([]any)
	if len(list) == 2 {
		if inner, ok := list[1].([]any); ok {
			list = inner
		}
	}
	var groups [][]any
	for group := range slices.Chunk(list, size) {
		groups = append(groups, slices.Clone(group))
	}
	slices.SortFunc(groups, func(a, b []any) int { return cmp.Compare(fmt.Sprint(a...), fmt.Sprint(b...)) })
	copy(list, slices.Concat(groups...))
}

// shape is what two random replies have in common.
func shape(reply any) string {
	switch v := reply.(type) {
	case Error:
		return string(v)
	case []any:
		return fmt.Sprintf("%d elements", len(v))
	}
	return fmt.Sprintf("%T", reply)
}

func files(t testing.TB, dir string) []string {
	found, err := filepath.Glob(filepath.Join("testdata", dir, "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func lines(t testing.TB, file string) []string {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// splitWords splits a line as redis-cli does: words in "" know \n, \r, \t, \\,
// \" and \xff, which is Go's syntax too, words in ” only \'.
func splitWords(line string) ([]string, error) {
	var words []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		switch line[0] {
		case '"':
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("%w: %s", err, line)
			}
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("%w: %s", err, line)
			}
			words, line = append(words, word), line[len(quoted):]
		case '\'':
			quoted := singleQuoted.FindString(line)
			if quoted == "" {
				return nil, fmt.Errorf("no closing quote: %s", line)
			}
			words = append(words, strings.ReplaceAll(quoted[1:len(quoted)-1], `\'`, `'`))
			line = line[len(quoted):]
		default:
			word, rest, _ := strings.Cut(line, " ")
			words, line = append(words, word), rest
		}
	}
	return words, nil
}

var singleQuoted = regexp.MustCompile(`^'(\\'|[^'])*'`)

// dice makes random commands.
type dice struct{ *rand.Rand }

func (d dice) pick(from ...string) string { return from[d.IntN(len(from))] }

func (d dice) command(templates []string) []string {
	words := strings.Fields(d.expand(d.pick(templates...)))
	for i, w := range words {
		if w[0] == '$' {
			words[i] = d.word(w)
		}
	}
	if d.IntN(100) == 0 && words[0] != "SCAN" { // of which a part would be any part
		words = words[:1+d.IntN(len(words))]
	}
	return words
}

var braces = regexp.MustCompile(`\{([^{}]*)\}(\+?)`)

// expand puts for each {a|b|} in a template one of the alternatives, for {a|b}+
// one to three. Braces may be in braces.
func (d dice) expand(template string) string {
	for braces.MatchString(template) {
		template = braces.ReplaceAllStringFunc(template, func(group string) string {
			m := braces.FindStringSubmatch(group)
			alternatives := strings.Split(m[1], "|")
			text := d.pick(alternatives...)
			if m[2] != "" {
				for range d.IntN(3) {
					text += " " + d.pick(alternatives...)
				}
			}
			return text
		})
	}
	return template
}

// word makes up what a $ word of a template stands for. Wrong ones are among
// them.
func (d dice) word(kind string) string {
	switch kind {
	case "$key":
		return d.pick("a", "b", "c", "d", "e")
	case "$member": // also a field
		return d.pick("", "x", "y", "z", "1", "2", "-3", "some longer text", "\x00\xff", strconv.Itoa(d.IntN(30)))
	case "$value":
		return d.pick("", "v", "10", "-7", "3.25", "01", "1e3", " 1", "inf", "nan", "9223372036854775807",
			"-9223372036854775808", "\x00\r\n\xff", "ohmytext", "mynewtext", strings.Repeat("long", d.IntN(40)))
	case "$small": // for whatever takes memory
		return d.pick("-1", "0", "1", "2", "x", "", "1.5", strconv.Itoa(d.IntN(40)), strconv.Itoa(-d.IntN(40)))
	case "$int":
		return d.pick("9223372036854775807", "-9223372036854775808", "9223372036854775808", "x", "-0", "+1", "1.0",
			strconv.Itoa(d.IntN(20)), strconv.Itoa(-d.IntN(20)), strconv.Itoa(d.IntN(5)))
	case "$seconds": // none so short that it may be over, or tell the two clocks apart
		return d.pick("x", "", "0", "-1", "9223372036854775807", "9223372036854775", strconv.Itoa(1000+d.IntN(1e9)), strconv.Itoa(1000+d.IntN(1e9)))
	case "$millis":
		return d.pick("x", "", "0", "-1", "9223372036854775807", strconv.FormatInt(1e6+d.Int64N(1e12), 10), strconv.FormatInt(1e6+d.Int64N(1e12), 10))
	case "$float":
		return d.pick("0", "1", "-1", "1.5", "0.1", "-0.2", "1e17", "1e-5", "123456789.125", "inf", "-inf", "nan", "x", "", "1e400",
			strconv.FormatFloat(d.NormFloat64(), 'g', -1, 64))
	case "$": // the last ID of a stream
		return kind
	case "$id":
		return d.pick("0", "1-1", "5", "20", "20-1", "20-2", "30-1", "30-3", "99999999999999-3", "x", "-", "+", "", "1-", "19-18446744073709551615",
			"18446744073709551615-18446744073709551615", strconv.Itoa(d.IntN(60)), fmt.Sprintf("%d-%d", d.IntN(40), d.IntN(6)))
	case "$lon":
		return d.pick("180", "-180", "0", "x", "181", strconv.FormatFloat(d.Float64()*360-180, 'f', 6, 64), strconv.Itoa(d.IntN(20)))
	case "$lat":
		return d.pick("85.05112878", "-85", "0", "", "86", strconv.FormatFloat(d.Float64()*170-85, 'f', 6, 64), strconv.Itoa(d.IntN(20)))
	case "$pattern":
		return d.pick("*", "?", "[a-c]", "[^b]*", "\\a", "a*b", "x*", "", "[", "*[0-9]")
	}
	panic("a template has " + kind)
}
