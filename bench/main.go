// Command bench measures the server beside its peers, in the same run on the
// same machine: a bare WebSocket server that answers without doing anything,
// which is the limit, and the Python server, which is what programs come from.
// Figures depend on the machine; the ratios are what to compare.
//
//	go run . [-seconds 3] [-rounds 3] [-only set] [-python ../.venv/bin/python]
//
// It is a module of its own, so that the peers are no dependencies of the
// library.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// row is one line of the table: the work, who does it, and what is aimed at.
type row struct {
	name  string
	unit  string
	peers []string // the first is ours, the second the one the aim is about
	aim   float64  // times the second, at least; of bytes at most
	run   func(addr string, d time.Duration) (float64, error)
}

var rows = []row{
	{"set: 16 connections, 1 in flight", "SET/s", []string{"znsocket", "echo", "python"}, 0.85, func(a string, d time.Duration) (float64, error) { return exchange(a, 16, 1, setEvent, d) }},
	{"set: 16 connections, 8 in flight", "SET/s", []string{"znsocket", "echo", "python"}, 1.2, func(a string, d time.Duration) (float64, error) { return exchange(a, 16, 8, setEvent, d) }},
	{"pipeline: 100 SETs, 4 connections", "pipelines/s", []string{"znsocket", "python"}, 20, func(a string, d time.Duration) (float64, error) { return exchange(a, 4, 1, pipelineEvent, d) }},
	{"lrange: 100 elements, 16 connections", "LRANGE/s", []string{"znsocket", "python"}, 10, func(a string, d time.Duration) (float64, error) {
		if err := ask(a, rpushEvent()); err != nil {
			return 0, err
		}
		return exchange(a, 16, 1, lrangeEvent, d)
	}},
	{"up: 19 MB of JSON in gzip pieces", "MB/s", []string{"znsocket", "gunzip", "python"}, 1, func(a string, _ time.Duration) (float64, error) { return upload(a) }},
	{"down: 19 MB of JSON", "MB/s", []string{"znsocket", "copy", "python"}, 1, func(a string, _ time.Duration) (float64, error) { return download(a) }},
	{"adapter: slice of 10, 16 readers", "slices/s", []string{"znsocket", "python"}, 8, func(a string, d time.Duration) (float64, error) {
		return exchange(a, 16, 1, sliceEvent("hosted"), d)
	}},
	{"the same, of a bare client", "slices/s", []string{"znsocket", "python"}, 8, func(a string, d time.Duration) (float64, error) {
		owner, err := ownAdapter(a)
		if err != nil {
			return 0, err
		}
		defer owner.Close()
		return exchange(a, 16, 1, sliceEvent("bare"), d)
	}},
	{"refresh: 1 of 100 listeners wants it", "refreshes/s", []string{"znsocket", "python"}, 20, func(a string, d time.Duration) (float64, error) {
		stop, err := listenByKey(a, 100)
		if err != nil {
			return 0, err
		}
		defer stop()
		return exchange(a, 16, 1, refreshEvent, d)
	}},
	{"set over a Redis: 16 connections", "SET/s", []string{"znsocket-redis", "python-redis"}, 5, func(a string, d time.Duration) (float64, error) { return exchange(a, 16, 1, setEvent, d) }},
	{"redis-benchmark: SET", "SET/s", []string{"resp", "redis", "miniredis"}, 0.9, func(a string, d time.Duration) (float64, error) { return redisBenchmark(a, "set", 1, d) }},
	{"redis-benchmark: GET", "GET/s", []string{"resp", "redis", "miniredis"}, 0.9, func(a string, d time.Duration) (float64, error) { return redisBenchmark(a, "get", 1, d) }},
	{"redis-benchmark: SET, 16 at a time", "SET/s", []string{"resp", "redis", "miniredis"}, 0.9, func(a string, d time.Duration) (float64, error) { return redisBenchmark(a, "set", 16, d) }},
	{"redis-benchmark: GET, 16 at a time", "GET/s", []string{"resp", "redis", "miniredis"}, 0.9, func(a string, d time.Duration) (float64, error) { return redisBenchmark(a, "get", 16, d) }},
	memory("memory: 1M small strings", smallStrings),
	memory("memory: 100k hashes of 10", smallHashes),
	memory("memory: a hash of 1M", largeHash),
	memory("memory: 100k lists of 10", smallLists),
	memory("memory: a list of 1M", largeList),
	memory("memory: 100k sorted sets of 10", smallZsets),
	memory("memory: a sorted set of 1M", largeZset),
	{"refresh: to 100 listeners", "deliveries/s", []string{"znsocket", "broadcaster", "python"}, 0.85, func(a string, d time.Duration) (float64, error) { return refreshes(a, 100, d) }},
}

// memory is the row of what an entry takes.
func memory(name string, c contents) row {
	return row{name, "bytes/entry", []string{"store", "redis"}, 1, func(a string, _ time.Duration) (float64, error) { return c.bytesEach(a) }}
}

func main() {
	serve := flag.String("serve", "", "be one of the servers (used by the program itself)")
	storage := flag.String("storage", "", "a Redis URL for -serve znsocket")
	seconds := flag.Float64("seconds", 3, "how long one measurement takes")
	rounds := flag.Int("rounds", 3, "how often each is taken; the median counts")
	only := flag.String("only", "", "only rows whose name contains this")
	python := flag.String("python", "../.venv/bin/python", "an interpreter with znsocket 0.3.0")
	flag.StringVar(&profile, "profile", "", "write a CPU profile of our server to this file; best with -only and -rounds 1")
	flag.Parse()
	if *serve != "" {
		exit(serveAs(*serve, *storage))
	}
	fmt.Printf("%-38s %-14s %14s %14s   %s\n", "work", "server", "median", "unit", "ratio")
	for _, r := range rows {
		if !strings.Contains(r.name, *only) {
			continue
		}
		if err := r.measure(time.Duration(*seconds*float64(time.Second)), *rounds, *python); err != nil {
			exit(fmt.Errorf("%s: %w", r.name, err))
		}
	}
}

// measure takes turns among the peers, so that a machine that slows down slows
// all of them, and prints medians.
func (r row) measure(d time.Duration, rounds int, python string) error {
	results := map[string][]float64{}
	for range rounds {
		for _, peer := range r.peers {
			v, err := measureOne(r, peer, d, python)
			if err != nil {
				return fmt.Errorf("%s: %w", peer, err)
			}
			results[peer] = append(results[peer], v)
		}
	}
	ours := median(results[r.peers[0]])
	fmt.Printf("%-38s %-14s %14.1f %14s\n", r.name, r.peers[0], ours, r.unit)
	for i, peer := range r.peers[1:] {
		m := median(results[peer])
		aim := ""
		if i == 0 {
			aim = fmt.Sprintf("(aim %.2f)", r.aim)
		}
		fmt.Printf("%-38s %-14s %14.1f %14s   znsocket is %.2f times that %s\n", "", peer, m, r.unit, ours/m, aim)
	}
	return nil
}

func measureOne(r row, peer string, d time.Duration, python string) (float64, error) {
	switch peer {
	case "gunzip":
		return gunzipSpeed()
	case "copy":
		return socketSpeed()
	case "store":
		return r.run("", d)
	}
	s, err := startServer(peer, python)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if peer == "python" && r.unit == "slices/s" {
		owner, err := startPythonOwner(python, s.addr)
		if err != nil {
			return 0, err
		}
		defer owner.stop()
	}
	return r.run(s.addr, d)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
