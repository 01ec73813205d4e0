package keyspace

import (
	"strconv"
	"testing"
)

// The keys are many enough not to stay in the processor's nearest cache.
const benchKeys = 1 << 16

// benchCommand runs first once for each key and then, timed, each key's argv.
func benchCommand(b *testing.B, first, argv func(key string) []string) {
	s := New()
	calls := make([][]string, benchKeys)
	for i := range calls {
		key := "key:" + strconv.Itoa(i)
		calls[i] = argv(key)
		if _, err := s.Do(0, first(key)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Do(0, calls[i%benchKeys]); err != nil {
			b.Fatal(err)
		}
	}
}

func setCall(key string) []string { return []string{"SET", key, "a value"} }

func BenchmarkGET(b *testing.B) {
	benchCommand(b, setCall, func(key string) []string { return []string{"GET", key} })
}

func BenchmarkSET(b *testing.B) { benchCommand(b, setCall, setCall) }

func BenchmarkSET_EX(b *testing.B) {
	benchCommand(b, setCall, func(key string) []string { return []string{"SET", key, "another value", "EX", "1000"} })
}

func BenchmarkAPPEND(b *testing.B) {
	benchCommand(b, setCall, func(key string) []string { return []string{"APPEND", key, "x"} })
}

func BenchmarkHSET(b *testing.B) {
	hset := func(key string) []string { return []string{"HSET", "hash of " + key[:5], key, "value"} }
	benchCommand(b, hset, hset)
}

func BenchmarkSETBIT(b *testing.B) {
	setbit := func(key string) []string { return []string{"SETBIT", key, "77", "1"} }
	benchCommand(b, setbit, setbit)
}

func BenchmarkGETBIT(b *testing.B) {
	benchCommand(b, setCall, func(key string) []string { return []string{"GETBIT", key, "3"} })
}

func BenchmarkPFADD(b *testing.B) {
	benchCommand(b, func(key string) []string { return []string{"PFADD", key, key} },
		func(key string) []string { return []string{"PFADD", "all", key} })
}

func BenchmarkGEOADD(b *testing.B) {
	geoadd := func(key string) []string { return []string{"GEOADD", "g", "13.361389", "38.115556", key} }
	benchCommand(b, geoadd, geoadd)
}

func BenchmarkDUMP(b *testing.B) {
	benchCommand(b, setCall, func(key string) []string { return []string{"DUMP", key} })
}

// BenchmarkSnapshot takes a snapshot of few and of many keys, and changes one.
func BenchmarkSnapshot(b *testing.B) {
	for _, keys := range []int{100, 10_000, 1_000_000} {
		b.Run(strconv.Itoa(keys), func(b *testing.B) {
			s := New()
			for i := range keys {
				if _, err := s.Do(0, setCall("key:"+strconv.Itoa(i))); err != nil {
					b.Fatal(err)
				}
			}
			snap := s.Snapshot()
			b.ReportAllocs()
			b.Run("take", func(b *testing.B) {
				for b.Loop() {
					snap = s.Snapshot()
				}
			})
			b.Run("restore", func(b *testing.B) {
				for b.Loop() {
					snap.Restore()
				}
			})
			b.Run("change and restore", func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Do(0, setCall("key:7")); err != nil {
						b.Fatal(err)
					}
					snap.Restore()
				}
			})
		})
	}
}
