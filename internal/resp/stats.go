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

// stats are what has been run, by command. Which there are does not change; the counters
// are everybody's.
type stats struct {
	table map[*keyspace.Command]*commandStat
	own   map[*ownCommand]*commandStat

	mu     sync.Mutex
	errors map[string]int64 // by code
}

// commandStat is what is known of one command, or of a subcommand.
type commandStat struct {
	name                            string
	silent                          bool // MONITOR does not show it
	subs                            map[string]*commandStat
	calls, micros, rejected, failed atomic.Int64
}

func newStats() *stats {
	st := &stats{table: map[*keyspace.Command]*commandStat{}, own: map[*ownCommand]*commandStat{}, errors: map[string]int64{}}
	keyspace.Commands(func(c *keyspace.Command) { st.table[c] = newCommandStat(c.Name) })
	for _, c := range ownCommands {
		st.own[c] = newCommandStat(c.name)
	}
	return st
}

func newCommandStat(name string) *commandStat {
	of := &commandStat{name: strings.ToLower(name)}
	if d := rediscommands.Describe(name); d != nil {
		of.silent = hasFlag(d, "skip_monitor") || hasFlag(d, "admin")
		for _, sub := range d.Subcommands() {
			if of.subs == nil {
				of.subs = map[string]*commandStat{}
			}
			_, word, _ := strings.Cut(sub.Name, "|")
			of.subs[word] = &commandStat{name: sub.Name, silent: hasFlag(sub, "skip_monitor") || hasFlag(sub, "admin")}
		}
	}
	return of
}

func hasFlag(d *rediscommands.Description, flag rediscommands.Status) bool {
	return slices.Contains(d.Flags(), any(flag))
}

// find is what is known of the command that a call is of.
func (st *stats) find(c call) *commandStat {
	of := st.table[c.cmd]
	if c.own != nil {
		of = st.own[c.own]
	}
	if of != nil && of.subs != nil && len(c.argv) > 1 {
		if sub := of.subs[strings.ToLower(c.argv[1])]; sub != nil {
			return sub
		}
	}
	return of
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
	all := slices.AppendSeq(slices.Collect(maps.Values(st.table)), maps.Values(st.own))
	for _, of := range all {
		all = slices.AppendSeq(all, maps.Values(of.subs))
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
