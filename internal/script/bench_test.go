package script

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkEval(b *testing.B) {
	for name, script := range map[string]string{
		"nothing": "return 1",
		"call":    "return redis.call('INCR', KEYS[1])",
		"compare": "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end",
		"loop":    "local n = 0 for i = 1, 1000000 do n = n + i end return n",
		"concat":  "local s = '' for i = 1, 1000 do s = 'a' .. i end return s",
		"assign":  "local t = {} for i = 1, 1000 do t[i] = i end return #t",
		"pcall":   "for i = 1, 100 do pcall(redis.call, 'GET', KEYS[1]) end",
	} {
		b.Run(name, func(b *testing.B) {
			s := newSpace(b, DefaultLimits)
			b.ReportAllocs()
			for b.Loop() {
				_, err := s.Do(0, []string{"EVAL", script, "1", "k", "v"})
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkNewMachine(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newMachine(DefaultLimits)
	}
}
