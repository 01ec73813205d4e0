package resp

import (
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// What INFO tells of memory looks as Redis tells it; how much it is differs.
func TestInfo_memory(t *testing.T) {
	redis, err := net.Dial("unix", peers.Redis(t))
	require.NoError(t, err)
	theirs, ours := newPeer(t, redis), newPeer(t, newServer(t).Dial())
	size, fraction, number := regexp.MustCompile(`(0B|\d+\.\d\d[KMG])\r`), regexp.MustCompile(`\d+\.\d\d`), regexp.MustCompile(`\d+`)
	shape := func(text string) []string {
		text = fraction.ReplaceAllString(size.ReplaceAllString(text, "size\r"), "#.##")
		return strings.Split(number.ReplaceAllString(text, "#"), "\r\n")
	}
	require.Subset(t, shape(theirs.do("INFO", "memory").text), shape(ours.do("INFO", "memory").text))
	info := ours.do("INFO", "memory").text
	for _, field := range []string{"used_memory", "used_memory_rss", "used_memory_peak"} {
		require.Contains(t, info, "\r\n"+field+":")
		require.Contains(t, info, "\r\n"+field+"_human:")
	}
}

// Redis shows a size with two digits of a fraction, in the largest unit of which
// there is one.
func TestHumanBytes(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0B", 1023: "1023B", 1024: "1.00K", 1536: "1.50K", 1<<20 - 1: "1024.00K", 1 << 20: "1.00M", 5 << 30: "5.00G",
		1 << 40: "1.00T", 1 << 50: "1.00P", 1 << 60: "1024.00P",
	} {
		require.Equal(t, want, humanBytes(n))
	}
}
