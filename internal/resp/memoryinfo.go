package resp

import (
	"fmt"
	"runtime"
)

// memoryInfo is what the program takes, data and all. Its peak is the most that was
// ever told.
func memoryInfo(s *session) []string {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	used, resident := m.HeapAlloc, m.Sys-m.HeapReleased
	s.srv.mu.Lock()
	s.srv.peakMemory = max(s.srv.peakMemory, used)
	peak := s.srv.peakMemory
	s.srv.mu.Unlock()
	return []string{
		fmt.Sprint("used_memory:", used), "used_memory_human:" + humanBytes(used),
		fmt.Sprint("used_memory_rss:", resident), "used_memory_rss_human:" + humanBytes(resident),
		fmt.Sprint("used_memory_peak:", peak), "used_memory_peak_human:" + humanBytes(peak),
		fmt.Sprintf("used_memory_peak_perc:%.2f%%", float64(used)/float64(peak)*100),
		"maxmemory:0", "maxmemory_human:0B", "maxmemory_policy:noeviction",
	}
}

// humanBytes is a size as Redis shows it to people.
func humanBytes(n uint64) string {
	if n < 1024 {
		return fmt.Sprintf("%dB", n)
	}
	size, unit := float64(n)/1024, 0
	for size >= 1024 && unit < len("KMGTP")-1 {
		size, unit = size/1024, unit+1
	}
	return fmt.Sprintf("%.2f%c", size, "KMGTP"[unit])
}
