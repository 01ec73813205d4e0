package resp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/znsocket/znsocket/internal/keyspace"
	"github.com/znsocket/znsocket/internal/rediscommands"
)

// stats are what has been run, by command. The counters are everybody's.
type stats struct {
	of []commandStat // one for each of statKinds

	mu     sync.Mutex
	errors map[string]int64 // by code
}

// commandStat is what is known of one command, or of a subcommand.
type commandStat struct {
	*statKind
	calls, micros, rejected, failed atomic.Int64
}

// statKind is of what a commandStat is.
type statKind struct {
	name   string
	silent bool           // MONITOR does not show it
	subs   map[string]int // where those of subcommands are, by their words
}

// statKinds are the same for all Servers, of which a program that is tested makes many.
type statKinds struct {
	all   []statKind
	table map[*keyspace.Command]int
	own   map[*ownCommand]int
}

var kindsOfStats = sync.OnceValue(func() *statKinds {
	kinds := &statKinds{table: map[*keyspace.Command]int{}, own: map[*ownCommand]int{}}
	keyspace.Commands(func(c *keyspace.Command) { kinds.table[c] = kinds.add(c.Name) })
	for _, c := range ownCommands {
		kinds.own[c] = kinds.add(c.name)
	}
	return kinds
})

// add adds a command, with its subcommands, and returns where it is.
func (kinds *statKinds) add(name string) int {
	kind := statKind{name: strings.ToLower(name)}
	if d := rediscommands.Describe(name); d != nil {
		kind.silent = isSilent(d)
		for _, sub := range d.Subcommands() {
			if kind.subs == nil {
				kind.subs = map[string]int{}
			}
			_, word, _ := strings.Cut(sub.Name, "|")
			kind.subs[word] = len(kinds.all)
			kinds.all = append(kinds.all, statKind{name: sub.Name, silent: isSilent(sub)})
		}
	}
	kinds.all = append(kinds.all, kind)
	return len(kinds.all) - 1
}

func isSilent(d *rediscommands.Description) bool {
	return hasFlag(d, "skip_monitor") || hasFlag(d, "admin")
}

func newStats() *stats {
	kinds := kindsOfStats()
	st := &stats{of: make([]commandStat, len(kinds.all)), errors: map[string]int64{}}
	for i := range st.of {
		st.of[i].statKind = &kinds.all[i]
	}
	return st
}

func hasFlag(d *rediscommands.Description, flag rediscommands.Status) bool {
	return slices.Contains(d.Flags(), any(flag))
}

// find is what is known of the command that a call is of.
func (st *stats) find(c call) *commandStat {
	kinds := kindsOfStats()
	at, known := kinds.table[c.cmd]
	if c.own != nil {
		at, known = kinds.own[c.own]
	}
	if !known {
		return nil
	}
	if subs := kinds.all[at].subs; subs != nil && len(c.argv) > 1 {
		if sub, ok := subs[strings.ToLower(c.argv[1])]; ok {
			at = sub
		}
	}
	return &st.of[at]
}

// maxErrorCodes is how many codes of errors are told apart: scripts make up theirs.
const maxErrorCodes = 128

func (st *stats) failed(err error) {
	code, _, _ := strings.Cut(errorText(err), " ")
	st.mu.Lock()
	defer st.mu.Unlock()
	if _, known := st.errors[code]; known || len(st.errors) < maxErrorCodes {
		st.errors[strings.Clone(code)]++ // without the text behind it
	}
}

func (st *stats) reset() {
	for _, of := range st.all() {
		of.calls.Store(0)
		of.micros.Store(0)
		of.rejected.Store(0)
		of.failed.Store(0)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	clear(st.errors)
}

func (st *stats) all() []*commandStat {
	all := make([]*commandStat, len(st.of))
	for i := range all {
		all[i] = &st.of[i]
	}
	slices.SortFunc(all, func(a, b *commandStat) int { return strings.Compare(a.name, b.name) })
	return all
}

// ran counts a call.
func (of *commandStat) ran(took time.Duration, failed bool) {
	of.calls.Add(1)
	of.micros.Add(took.Microseconds())
	if failed {
		of.failed.Add(1)
	}
}

func commandStatsInfo(s *session) []string {
	var lines []string
	for _, of := range s.srv.stats.all() {
		calls, micros, rejected := of.calls.Load(), of.micros.Load(), of.rejected.Load()
		if calls+rejected == 0 {
			continue
		}
		lines = append(lines, fmt.Sprintf("cmdstat_%s:calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			of.name, calls, micros, float64(micros)/float64(max(calls, 1)), rejected, of.failed.Load()))
	}
	return lines
}

func errorStatsInfo(s *session) []string {
	st := s.srv.stats
	st.mu.Lock()
	defer st.mu.Unlock()
	var lines []string
	for _, code := range slices.Sorted(maps.Keys(st.errors)) {
		lines = append(lines, fmt.Sprintf("errorstat_%s:count=%d", code, st.errors[code]))
	}
	return lines
}
