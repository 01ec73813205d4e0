package resp

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/znsocket/znsocket/internal/peers"
)

// These tests say nowhere what a command answers: they send the same bytes here
// and to a real redis-server, and compare what comes back, in both revisions of
// the protocol.
//
//	testdata/scripts/*.txt            what belongs to connections
//	../keyspace/testdata/scripts/*.txt  commands, for the form of their replies
//
// A line is sent as it is, as an inline command. An empty line flushes, # is a
// comment, and > at the begin of a line reads what comes by itself. A file whose
// name ends in 3 is about revision 3 alone.
func TestScripts(t *testing.T) {
	own, err := filepath.Glob("testdata/scripts/*.txt")
	require.NoError(t, err)
	data, err := filepath.Glob("../keyspace/testdata/scripts/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, own)
	require.NotEmpty(t, data)
	socket := peers.Redis(t)
	for _, file := range append(own, data...) {
		for _, revision := range []string{"2", "3"} {
			if strings.HasSuffix(file, "3.txt") && revision == "2" {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/RESP"+revision, func(t *testing.T) {
				conn, err := net.Dial("unix", socket)
				require.NoError(t, err)
				redis, ours := newPeer(t, conn), newPeer(t, newServer(t).Dial())
				redis.do("FLUSHALL")
				for _, p := range []*peer{redis, ours} {
					p.do("HELLO", revision)
				}
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
					if line == "" {
						line = "FLUSHALL"
					}
					if line[0] == '#' {
						continue
					}
					if line[0] != '>' {
						redis.write(line + "\r\n")
						ours.write(line + "\r\n")
					}
					argv, _ := splitWords(line)
					want, got := redis.read(), ours.read()
					require.Equal(t, canonical(argv, want), canonical(argv, got), "%s:%d: %s", file, i+1, line)
					if cmd := strings.ToUpper(argv[0]); cmd == "SPOP" && len(want.list) > 0 || cmd == "SPOP" && len(argv) == 2 {
						redis.do("DEL", argv[1])
						ours.do("DEL", argv[1])
					}
				}
			})
		}
	}
}
